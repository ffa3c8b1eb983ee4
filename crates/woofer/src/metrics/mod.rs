//! How good scores are: the numbers of the field, as scikit-learn counts them, and how sure they are.
//!
//! ```text
//! labels, scores, recordings -> ScoredClips -> Figures      plain numbers, for the loop that trains
//!                                           -> Evaluation   with intervals, for metrics.json and reports
//!                                           -> Comparison   of two score sets on the same clips
//! ```
//!
//! Scores of several folds are put together first and measured once; numbers of folds are never
//! averaged. An interval comes from drawing whole recordings anew ([`Bootstrap`]): clips cut from one
//! recording resemble each other, and counting them as independent would promise too much. What is
//! not defined (a class without clips) is `None`, is left out of means, and shows as `n/a`.

mod average_precision;
mod bootstrap;
mod calibration;
mod comparison;
mod confusion;
mod curves;
mod error;
mod estimate;
mod evaluation;
mod figures;
mod log_loss;
mod ranking;
mod roc_auc;
mod scored_clips;
mod temperature;
mod threshold;

pub use average_precision::average_precision;
pub use bootstrap::Bootstrap;
pub use calibration::{CALIBRATION_BINS, Reliability, ReliabilityBin};
pub use comparison::{Comparison, Difference};
pub use confusion::{Confusion, best_class};
pub use curves::{PrecisionRecallPoint, RocPoint, precision_recall_curve, roc_curve};
pub use error::MetricsError;
pub use estimate::Estimate;
pub use evaluation::{ClassEvaluation, ClassSubset, Evaluation, SubsetEvaluation};
pub use figures::Figures;
pub use log_loss::log_loss;
pub use roc_auc::roc_auc;
pub use scored_clips::ScoredClips;
pub use temperature::{Temperature, fit_temperature};
pub use threshold::{OperatingPoint, threshold_for_false_alarms, threshold_for_precision};
