//! Training: from what a backbone says of labelled recordings to a classifier, and how good it is.
//!
//! ```text
//! Model::summary of each segment -> LabelledClip -> cross_validate -> out-of-fold scores
//!                                                -> train_head     -> Bundle::create_trained
//! ```

mod clips;
mod cross_validation;
mod linear_head;
mod loss;
mod recipe;
mod shuffle;
mod standardise;

pub use clips::LabelledClip;
pub use cross_validation::cross_validate;
pub use linear_head::{TrainedHead, TrainingError, train_head};
pub use recipe::{Recipe, RecipeError};
