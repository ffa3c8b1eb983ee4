//! The core of Woofer: from recordings to class scores, without a machine-learning framework.
//!
//! ```text
//! file or stream -> Clip -> resampled -> LogMel -> Examples -> logits -> label scores -> class scores
//!                   audio   audio        features  features    Classifier               taxonomy
//! ```

pub mod audio;
pub mod audioset;
pub mod augment;
mod causes;
mod classifier;
pub mod dataset;
pub mod evaluation;
pub mod events;
pub mod features;
mod hexadecimal;
mod mean;
pub mod metrics;
mod model_loader;
pub mod own_file;
pub mod pipeline;
pub mod render;
mod schema_version;
pub mod sounds;
pub mod taxonomy;

pub use causes::with_causes;
pub use classifier::{Activation, Classifier, ClassifierError, Label, Logits};
pub use hexadecimal::hexadecimal;
pub use mean::{AverageScores, Mean, WindowWeights};
pub use model_loader::{LoadedModel, ModelLoader, ModelSource};
pub use schema_version::schema_version_fault;
