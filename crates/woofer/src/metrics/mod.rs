//! How well scores tell classes apart, as scikit-learn counts it.

mod roc_auc;

pub use roc_auc::{OneVsRest, one_vs_rest, roc_auc};
