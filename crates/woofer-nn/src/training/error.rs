use woofer::dataset::FoldError;
use woofer::dataset::feature_cache::CacheError;

use crate::model_error::ModelError;
use crate::weights::WeightsError;

/// Why a classifier could not be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// There is nothing to train on.
    #[error("{run}: none of {clips} clips can be trained on; the first: {first}")]
    NoClips {
        /// The fold.
        run: String,
        /// Clips that the list has for it.
        clips: usize,
        /// Why the first of them cannot be used, with its name.
        first: String,
    },
    /// There is nothing to measure by.
    #[error(
        "{list}: none of its {rows} rows can be tested, so that nothing would tell how good the model is: {reason}; some rows \
         have to be readable and without weak = 1"
    )]
    NothingTested {
        /// The list.
        list: String,
        /// Its rows.
        rows: usize,
        /// Why none can.
        reason: String,
    },
    /// The recipe does not fit the backbone, the list or the build.
    #[error("{0}")]
    Recipe(String),
    /// The loss is no number any more.
    #[error(
        "{run}: the loss became {loss} in epoch {epoch}, step {step}, at learning rate {learning_rate:e}; the largest \
         weight before was {largest_weight:e} in {tensor}; try a tenth of the learning rate (--set \
         optimizer.learning_rate={tenth:e})"
    )]
    Diverged {
        /// The fold.
        run: String,
        /// The loss.
        loss: f32,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step in the epoch, counted from 1.
        step: usize,
        /// The rate of that step.
        learning_rate: f64,
        /// A tenth of the recipe's.
        tenth: f64,
        /// Size of the largest trained weight.
        largest_weight: f32,
        /// The tensor that it is in.
        tensor: String,
    },
    /// Weights cannot be read, put together or written.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The backbone or the teacher cannot be run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The held-out clips cannot be chosen.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The state of an interrupted run cannot be used.
    #[error("{path}: {reason}")]
    State {
        /// The file or folder.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
}
