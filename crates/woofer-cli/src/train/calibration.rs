//! The softmax temperature of a model.

use woofer::dataset::Manifest;
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer_nn::training::{ClipLogits, ClipMean, SoftmaxTemperature, fitted_temperature};

/// The temperature that a recipe gives, or the one that fits the out-of-fold logits of the clips whose label is sure.
///
/// It is one number for all folds, as the model has one: fitted for each fold on the others, it would shift the folds
/// against each other in the pooled scores.
pub fn temperature(
    wanted: SoftmaxTemperature,
    logits: &[Option<ClipLogits>],
    manifest: &Manifest,
    taxonomy: &Taxonomy,
    clip_mean: &ClipMean,
) -> f64 {
    match wanted {
        SoftmaxTemperature::Given(temperature) => temperature,
        SoftmaxTemperature::Fitted => {
            let rows = manifest.rows.iter().zip(logits);
            let clips: Vec<(&ClipLogits, usize)> = rows
                .filter(|(row, _)| !row.weak)
                .filter_map(|(row, logits)| Some((logits.as_ref()?, row.class)))
                .collect();
            fitted_temperature(&clips, &ClassScores::sum_of_fine(taxonomy), clip_mean)
        }
    }
}
