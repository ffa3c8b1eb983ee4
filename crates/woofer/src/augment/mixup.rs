use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::stream::Stream;

/// Two clips mixed, and their labels with the same weights.
///
/// H. Zhang et al., "mixup: Beyond empirical risk minimization", 2018, equation 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixup {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// The weight is drawn from Beta(alpha, alpha), 0.01 to 100: small numbers leave one clip nearly alone.
    pub alpha: f64,
    /// What is mixed.
    pub stage: MixupStage,
}

/// What mixup mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MixupStage {
    /// The samples, after the waveform steps.
    Waveform,
    /// The features, before the masks.
    LogMel,
}

/// What one clip is mixed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixupDraw {
    /// The other clip, a place among those that were offered; it may be the clip itself.
    pub partner: usize,
    /// The clip's own weight, 0.5 to 1; the partner has the rest.
    pub lambda: f32,
    /// What is mixed.
    pub stage: MixupStage,
}

impl Mixup {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::within("alpha", self.alpha, 0.01, 100.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(super) fn draw(&self, clips: usize, stream: &mut Stream) -> MixupDraw {
        let partner = stream.below(clips);
        let weight = stream.symmetric_beta(self.alpha);
        MixupDraw {
            partner,
            // Which of the two comes first is chance, so that the larger weight may always be the clip's own.
            lambda: weight.max(1.0 - weight) as f32,
            stage: self.stage,
        }
    }
}

/// Makes `lambda * values + (1 - lambda) * partner`, of samples, features or label weights.
///
/// A partner that is shorter counts as 0 after its end; what it has beyond the end of `values` is left out.
pub fn mix(values: &mut [f32], partner: &[f32], lambda: f32) {
    let partner = partner.iter().copied().chain(std::iter::repeat(0.0));
    for (value, other) in values.iter_mut().zip(partner) {
        *value = lambda * *value + (1.0 - lambda) * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    #[test]
    fn labels_of_two_clips_keep_the_sum_of_one() {
        let mut labels = [1.0, 0.0, 0.0];
        mix(&mut labels, &[0.0, 0.0, 1.0], 0.75);
        assert_eq!(labels.map(f32::to_bits), [0.75, 0.0, 0.25].map(f32::to_bits));
    }

    #[test]
    fn a_shorter_partner_is_silent_after_its_end() {
        let mut samples = [1.0, 1.0, 1.0];
        mix(&mut samples, &[1.0], 0.5);
        assert_eq!(samples.map(f32::to_bits), [1.0, 0.5, 0.5].map(f32::to_bits));
        mix(&mut samples[..1], &[0.0; 9], 1.0);
        assert_eq!(samples[0].to_bits(), 1f32.to_bits());
    }

    #[test]
    fn the_clip_keeps_at_least_half_and_any_clip_may_be_the_partner() {
        let mixup = Mixup {
            probability: 1.0,
            alpha: 0.3,
            stage: MixupStage::LogMel,
        };
        let mut met = [false; 5];
        for clip in 0..200 {
            let draw = mixup.draw(5, &mut StreamKey::new(0, 0, clip).stream(0));
            assert!((0.5..=1.0).contains(&draw.lambda));
            met[draw.partner] = true;
        }
        assert_eq!(met, [true; 5]);
    }
}
