use std::error::Error;

use crate::features::{Examples, FrontEnd, Hearing};
use crate::{Mean, WindowWeights};

/// What a network scores: an AudioSet class or a fine label of a taxonomy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Machine id: a mid, or a fine label with its class id in front, such as `0Barking`.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// How logits become scores in 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// Every label for itself.
    Sigmoid,
    /// The labels share 1; logits are divided by the temperature before.
    Softmax {
        /// Above 1 evens the scores out.
        temperature: f32,
    },
}

/// What a network says of one segment, `[rows, labels]`: a row a window, or one for the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    labels: usize,
    values: Vec<f32>,
}

impl Logits {
    /// From values row by row; what does not fill a row is dropped.
    #[must_use]
    pub fn new(labels: usize, mut values: Vec<f32>) -> Self {
        let labels = labels.max(1);
        values.truncate(values.len() / labels * labels);
        Self { labels, values }
    }

    /// The rows, each with one value a label.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.labels)
    }
}

/// Why a network could not score.
pub type ClassifierError = Box<dyn Error + Send + Sync>;

/// A network that scores segments of sound.
///
/// The core and the server know networks by this trait only.
pub trait Classifier: Send + Sync {
    /// The features that the network reads.
    fn front_end(&self) -> FrontEnd;

    /// What the network scores, in the order of its outputs.
    fn labels(&self) -> &[Label];

    /// How its logits become scores.
    fn activation(&self) -> Activation;

    /// Seconds by which the copies of a segment start late whose scores are averaged; no copy but the segment
    /// itself unless a network says otherwise.
    fn shifts_s(&self) -> &[f64] {
        &[0.0]
    }

    /// Whether segments are [brought to one level](crate::features::level) first.
    fn levels_segments(&self) -> bool {
        false
    }

    /// How each copy is heard; the scores of all hearings are averaged.
    fn hearings(&self) -> &[Hearing] {
        &Hearing::ONCE
    }

    /// How the scores of all copies and hearings of a window are taken together, and those of all windows of a recording.
    fn mean(&self) -> Mean {
        Mean::Arithmetic
    }

    /// How much each window counts in the scores of a recording.
    fn window_weights(&self) -> WindowWeights {
        WindowWeights::default()
    }

    /// The logits of each segment of a batch; segments of one shape are run together.
    ///
    /// # Errors
    ///
    /// The examples do not fit the network, or it failed.
    fn logits(&self, batch: &[Examples]) -> Result<Vec<Logits>, ClassifierError>;
}

impl Activation {
    /// Turns a row of logits into scores in 0..=1.
    #[must_use]
    pub fn apply(self, logits: &[f32]) -> Vec<f32> {
        match self {
            Self::Sigmoid => logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
            Self::Softmax { temperature } => {
                let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut scores: Vec<f32> = logits
                    .iter()
                    .map(|x| ((x - largest) / temperature).exp())
                    .collect();
                let sum: f32 = scores.iter().sum();
                for score in &mut scores {
                    *score /= sum;
                }
                scores
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_sums_to_one_and_survives_large_logits() {
        for temperature in [0.5, 1.0, 5.0] {
            let scores = Activation::Softmax { temperature }.apply(&[1000.0, 999.0, -1000.0]);
            assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((scores[0] / scores[1] - (1.0 / temperature).exp()).abs() < 1e-3);
        }
    }

    #[test]
    fn sigmoid_stays_between_zero_and_one() {
        assert_eq!(Activation::Sigmoid.apply(&[0.0, 200.0, -200.0]), [0.5, 1.0, 0.0]);
    }

    #[test]
    fn rows_are_cut_by_the_number_of_labels() {
        let logits = Logits::new(2, vec![1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(logits.rows().collect::<Vec<_>>(), [[1.0, 2.0], [3.0, 4.0]]);
    }
}
