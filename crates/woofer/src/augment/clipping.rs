use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::stream::Stream;

/// Peaks cut off, as by a microphone that is driven too hard.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clipping {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Lowest level in decibels relative to the clip's peak, -60 to 0.
    pub min_db: f64,
    /// Highest level in decibels relative to the clip's peak, -60 to 0.
    pub max_db: f64,
}

impl Clipping {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::range(("min_db", self.min_db), ("max_db", self.max_db), -60.0, 0.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(super) fn apply(&self, samples: &mut [f32], stream: &mut Stream) {
        let level = 10f64.powf(stream.between(self.min_db, self.max_db) / 20.0) as f32;
        let peak = samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        clip_at(samples, level * peak);
    }
}

/// Limits all samples to `-level..=level`.
pub fn clip_at(samples: &mut [f32], level: f32) {
    let level = level.abs();
    // Not `clamp`, which panics on a level that is not a number.
    for x in samples {
        *x = x.min(level).max(-level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    #[test]
    fn nothing_goes_beyond_the_level_and_what_is_below_stays() {
        let mut samples = [-2.0, -0.5, 0.0, 0.4, 0.6];
        clip_at(&mut samples, 0.5);
        assert_eq!(
            samples.map(f32::to_bits),
            [-0.5, -0.5, 0.0, 0.4, 0.5].map(f32::to_bits)
        );
    }

    #[test]
    fn the_level_is_relative_to_the_peak() {
        let step = Clipping {
            probability: 1.0,
            min_db: -20.0,
            max_db: -20.0,
        };
        let mut samples = [0.5, -0.25, 0.01];
        step.apply(&mut samples, &mut StreamKey::new(0, 0, 0).stream(0));
        let expected = [0.05, -0.05, 0.01];
        assert!(
            samples.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-7),
            "{samples:?}"
        );
    }
}
