use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::lower_rate::at_lower_rate;
use super::stream::Stream;
use crate::audio::{MAX_RATE_HZ, MIN_RATE_HZ};

/// Only the lower frequencies, as from a camera that records at a low rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandLimit {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// The highest frequencies that are kept, in hertz, of which one is drawn: 4000 is a recording at 8 kHz.
    pub cutoffs_hz: Vec<u32>,
}

impl BandLimit {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        if self.cutoffs_hz.is_empty() {
            return Err(Fault::new("cutoffs_hz", "[]", "a list of at least one frequency"));
        }
        self.cutoffs_hz.iter().try_for_each(|cutoff| {
            let (low, high) = (f64::from(MIN_RATE_HZ / 2), f64::from(MAX_RATE_HZ / 2));
            limits::within("cutoffs_hz", f64::from(*cutoff), low, high)
        })
    }

    pub(super) fn apply(&self, samples: &mut [f32], rate_hz: u32, stream: &mut Stream) {
        let drawn = stream.below(self.cutoffs_hz.len());
        if let Some(cutoff_hz) = self.cutoffs_hz.get(drawn) {
            band_limit(samples, rate_hz, *cutoff_hz);
        }
    }
}

/// Leaves what a recording at twice `cutoff_hz` holds of a clip, by resampling down and up.
///
/// A cut-off of half the clip's rate or more leaves it untouched, and so does a rate or cut-off that
/// [`resample`](crate::audio::resample) cannot do.
pub fn band_limit(samples: &mut [f32], rate_hz: u32, cutoff_hz: u32) {
    let lower_hz = cutoff_hz.saturating_mul(2);
    if lower_hz >= MIN_RATE_HZ && rate_hz <= MAX_RATE_HZ {
        at_lower_rate(samples, rate_hz, lower_hz, |_| ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::snr::energy;

    fn sine(hz: f32, rate_hz: u32) -> Vec<f32> {
        let step = std::f32::consts::TAU * hz / rate_hz as f32;
        (0..rate_hz).map(|t| (step * t as f32).sin()).collect()
    }

    #[test]
    fn what_lies_below_the_cutoff_stays_and_what_lies_above_goes() {
        for rate_hz in [16_000, 32_000] {
            for (hz, kept) in [
                (1_000.0, true),
                (3_000.0, true),
                (5_000.0, false),
                (7_500.0, false),
            ] {
                let clip = sine(hz, rate_hz);
                let mut limited = clip.clone();
                band_limit(&mut limited, rate_hz, 4_000);
                // Not its ends, where a sine that begins suddenly has all frequencies.
                let inner = rate_hz as usize / 10..rate_hz as usize * 9 / 10;
                let apart: Vec<f32> = clip.iter().zip(&limited).map(|(x, y)| x - y).collect();
                let change = energy(&apart[inner.clone()]) / energy(&clip[inner.clone()]);
                let left = energy(&limited[inner.clone()]) / energy(&clip[inner]);
                assert!(
                    if kept { change < 1e-4 } else { left < 1e-5 },
                    "{hz} Hz: {change} {left}"
                );
            }
        }
    }

    #[test]
    fn a_cutoff_at_half_the_rate_changes_nothing() {
        let clip = sine(7_000.0, 16_000);
        let mut limited = clip.clone();
        band_limit(&mut limited, 16_000, 8_000);
        band_limit(&mut limited, 16_000, 100);
        assert!(clip.iter().zip(&limited).all(|(x, y)| x.to_bits() == y.to_bits()));
    }
}
