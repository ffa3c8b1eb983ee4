use woofer::Activation;

use crate::architecture::Architecture;
use crate::weights::{Weights, WeightsError};

/// How many of the backbone's lowest layers are the same in all members, so that they can be run once.
pub(crate) fn shared_layers(architecture: Architecture, members: &[Weights]) -> Result<usize, WeightsError> {
    let Some((first, others)) = members.split_first() else {
        return Ok(0);
    };
    let tensors = architecture.tensors();
    let layers = architecture.backbone.layer_names();
    for (count, layer) in layers.iter().enumerate() {
        for (name, _) in tensors.iter().filter(|(name, _)| name.starts_with(layer)) {
            for other in others {
                if !first.shares(other, name)? {
                    return Ok(count);
                }
            }
        }
    }
    Ok(layers.len())
}

/// The sum of the scores of an ensemble's members, on the way to their mean.
#[derive(Default)]
pub(crate) struct MeanScores {
    sums: Vec<f32>,
    members: usize,
}

impl MeanScores {
    /// Adds a member's logits, `[rows, labels]` row by row.
    pub(crate) fn add(&mut self, logits: &[f32], labels: usize, activation: Activation) {
        self.sums.resize(logits.len(), 0.0);
        let scores = logits
            .chunks_exact(labels.max(1))
            .flat_map(|row| activation.apply(row));
        self.sums
            .iter_mut()
            .zip(scores)
            .for_each(|(sum, score)| *sum += score);
        self.members += 1;
    }

    /// Logits whose softmax, at temperature 1, is the mean of the members' scores: its logarithm.
    pub(crate) fn logits(self) -> Vec<f32> {
        let scale = (self.members.max(1) as f32).recip();
        // The logarithm of 0 is not finite; the smallest number above it is as good as 0.
        let log = |sum: f32| (sum * scale).max(f32::MIN_POSITIVE).ln();
        self.sums.into_iter().map(log).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_softmax_of_the_logits_is_the_mean_of_the_members_scores() {
        let (first, second) = (
            [1.0, -3.0, 200.0, 0.1, 0.2, 0.3],
            [4.0, 5.0, -200.0, 3.0, 2.0, 1.0],
        );
        let at_5 = Activation::Softmax { temperature: 5.0 };
        let mut mean = MeanScores::default();
        mean.add(&first, 3, at_5);
        mean.add(&second, 3, at_5);
        let logits = mean.logits();
        assert!(logits.iter().all(|logit| logit.is_finite()));
        let at_1 = Activation::Softmax { temperature: 1.0 };
        for row in 0..2 {
            let range = 3 * row..3 * row + 3;
            let members = [&first, &second].map(|logits| at_5.apply(&logits[range.clone()]));
            let found = at_1.apply(&logits[range]);
            for (label, score) in found.iter().enumerate() {
                let expected = f32::midpoint(members[0][label], members[1][label]);
                assert!((score - expected).abs() < 1e-6, "{score} {expected}");
            }
        }
    }
}
