use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::noise_generator::{NoiseGenerator, PowerLaw};
use super::snr::mix_at_snr;
use super::stream::Stream;

/// Noise of a drawn colour under the clip, at a drawn signal-to-noise ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColoredNoise {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Least exponent, -4 to 4: the power spectral density is `1 / f^beta`.
    pub min_beta: f64,
    /// Largest exponent, -4 to 4.
    pub max_beta: f64,
    /// Least ratio in decibels, over the clip's [active power](super::active_power).
    pub min_snr_db: f64,
    /// Largest ratio in decibels.
    pub max_snr_db: f64,
    /// Below this frequency in hertz there is no noise. From an exponent of 1 on much of the power lies where nobody
    /// hears it, and would count in the ratio.
    #[serde(default)]
    pub min_hz: f64,
}

impl ColoredNoise {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::range(
            ("min_beta", self.min_beta),
            ("max_beta", self.max_beta),
            -4.0,
            4.0,
        )?;
        limits::snr_db(self.min_snr_db, self.max_snr_db)?;
        limits::within("min_hz", self.min_hz, 0.0, 1_000.0)
    }

    pub(super) fn apply(
        &self,
        samples: &mut [f32],
        rate_hz: u32,
        generator: &NoiseGenerator,
        stream: &mut Stream,
    ) {
        let law = PowerLaw {
            beta: stream.between(self.min_beta, self.max_beta),
            lowest: self.min_hz / f64::from(rate_hz),
        };
        let snr_db = stream.between(self.min_snr_db, self.max_snr_db);
        let noise = generator.generate(samples.len(), law, stream);
        mix_at_snr(samples, &noise, rate_hz, snr_db);
    }
}
