//! Training: from labelled recordings to a classifier, and what it says of recordings it has not met.
//!
//! ```text
//! Manifest, Folds -> clips -> Material (copies of each segment, below the cut, kept in a cache)
//!                                 | order, batch
//! Recipe -> start -> run: epochs of steps (loss, optimizer, schedule) -> weights -> scoring -> out-of-fold logits
//!                     +- run_folder: the state after each epoch
//! ```
//!
//! 1. A [`Recipe`] says what is trained and how; any recipe takes any backbone.
//! 2. [`train`] makes the copies of each clip's segments and runs what is frozen on them once (the network is cut in two there).
//! 3. Each fold is a run: a network trained on the other folds, its state written after every epoch.
//! 4. A recipe may have the head fitted anew in the end (`refit`, `head_fit`), to what the finished backbone says.
//! 5. What each fold's network says of its own clips is what the model is measured by.

mod background_labels;
mod batch;
mod class_prior;
mod clips;
mod copies;
mod device;
mod error;
mod head_fit;
mod kept;
mod kept_apart;
mod loss;
mod made_backgrounds;
mod material;
mod optimizer;
mod order;
mod parameters;
mod progress;
mod pull_choice;
mod recipe;
mod record;
mod refit;
mod retest;
mod run;
mod run_folder;
mod schedule;
mod scoring;
mod source_spread;
mod standardise;
mod start;
mod temperature;
mod train;

pub use device::DeviceChoice;
pub use error::TrainingError;
pub use kept_apart::ExtraClips;
pub use progress::{Progress, Watch};
pub use recipe::{EpochChoice, Freeze, HeadKind, ModelFrom, Recipe, RecipeError, SoftmaxTemperature};
pub use record::TrainingRecord;
pub use retest::Retest;
pub use run_folder::{Interrupted, clear_run, copies_in_run};
pub use scoring::{ClipLogits, ClipMean, ListLogits};
pub use temperature::fitted_temperature;
pub use train::{Job, Trained, train};
