use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::stream::Stream;

/// Louder or softer by a number of decibels drawn uniformly from a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Least gain in decibels, -60 to 60.
    pub min_db: f64,
    /// Largest gain in decibels, -60 to 60.
    pub max_db: f64,
}

impl Gain {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::range(("min_db", self.min_db), ("max_db", self.max_db), -60.0, 60.0)
    }

    pub(super) fn apply(&self, samples: &mut [f32], stream: &mut Stream) {
        apply_gain_db(samples, stream.between(self.min_db, self.max_db));
    }
}

/// Multiplies all samples by `10^(gain_db / 20)`; nothing is clipped.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub fn apply_gain_db(samples: &mut [f32], gain_db: f64) {
    let factor = 10f64.powf(gain_db / 20.0) as f32;
    for x in samples {
        *x *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_decibels_are_a_factor_of_ten() {
        let mut samples = [0.1, -0.2];
        apply_gain_db(&mut samples, 20.0);
        assert!((samples[0] - 1.0).abs() < 1e-6 && (samples[1] + 2.0).abs() < 1e-6);
        apply_gain_db(&mut samples, -40.0);
        assert!((samples[0] - 0.01).abs() < 1e-7);
    }
}
