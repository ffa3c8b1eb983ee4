use super::error::EvaluationError;
use super::score_table::{ScoreRow, ScoreTable};
use crate::metrics::{Temperature, fit_temperature};

/// How far the scores of a clip may be from summing to one and still come from a softmax.
const TOLERANCE: f32 = 1e-3;

impl ScoreTable {
    /// The softmax temperature at which the classes of the counted clips are most likely, and the table at it.
    ///
    /// Scores are taken as the softmax they came from: their logarithms are its logits. For a clip that the network
    /// hears as several windows, whose scores are means, the temperature of the network itself may differ a little.
    ///
    /// # Errors
    ///
    /// The scores of a clip do not share one (they are no softmax), or no clip is counted.
    pub fn rescaled(&self) -> Result<(Temperature, Self), EvaluationError> {
        let (mut logits, mut labels) = (Vec::new(), Vec::new());
        for row in self.counted() {
            let sum: f32 = row.scores.iter().sum();
            if (sum - 1.0).abs() > TOLERANCE {
                return Err(EvaluationError::NoTemperature(format!(
                    "the scores of {} sum to {sum} and not to 1: they do not come from a softmax, as those of a trained \
                     classifier do",
                    row.name()
                )));
            }
            labels.push(row.class);
            logits.push(row.scores.iter().map(|&score| logit(score)).collect());
        }
        let fit = fit_temperature(&logits, &self.columns().class_of_column(), &labels)?;
        let rescaled = |row: &ScoreRow| ScoreRow {
            scores: at_temperature(&row.scores, fit.temperature),
            ..row.clone()
        };
        let rows = self.rows().iter().map(rescaled).collect();
        Ok((fit, Self::of(self.columns().clone(), rows)))
    }
}

/// A logit of the softmax that a score came from; a score too small for a float is taken as the smallest.
fn logit(score: f32) -> f64 {
    f64::from(score.max(f32::MIN_POSITIVE)).ln()
}

#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn at_temperature(scores: &[f32], temperature: f64) -> Vec<f32> {
    let logits: Vec<f64> = scores.iter().map(|&score| logit(score) / temperature).collect();
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|z| (z - top).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| (power / sum) as f32).collect()
}
