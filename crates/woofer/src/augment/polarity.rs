use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};

/// Upside down, as from a microphone wired the other way round; it sounds the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polarity {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
}

impl Polarity {
    pub(super) fn check(self) -> Result<(), Fault> {
        limits::probability(self.probability)
    }
}

/// Changes the sign of all samples.
pub fn invert(samples: &mut [f32]) {
    for x in samples {
        *x = -*x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_inverted_is_the_clip() {
        let mut samples = [0.5, -0.25, 0.0];
        invert(&mut samples);
        assert_eq!(samples.map(f32::to_bits), [-0.5, 0.25, -0.0].map(f32::to_bits));
        invert(&mut samples);
        assert_eq!(samples.map(f32::to_bits), [0.5, -0.25, 0.0].map(f32::to_bits));
    }
}
