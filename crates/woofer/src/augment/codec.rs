use serde::{Deserialize, Serialize};

use super::g711::{decode_a_law, decode_mu_law, encode_a_law, encode_mu_law};
use super::limits::{self, Fault};
use super::lower_rate::at_lower_rate;
use super::stream::Stream;

/// Coded and decoded again, as sound from a camera is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codec {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// The codings of which one is drawn.
    pub codecs: Vec<CodecKind>,
    /// Fewest bits a sample of [`CodecKind::Linear`], 2 to 16.
    #[serde(default = "eight")]
    pub min_bits: u32,
    /// Most bits a sample of [`CodecKind::Linear`], 2 to 16.
    #[serde(default = "eight")]
    pub max_bits: u32,
    /// The rate in hertz that is coded at; without it, and where it is not lower, the clip's own. Cameras have 8000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<u32>,
}

const fn eight() -> u32 {
    8
}

/// A family of codings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodecKind {
    /// G.711 mu-law, 8 bits.
    MuLaw,
    /// G.711 A-law, 8 bits.
    ALaw,
    /// Whole numbers of few bits, evenly spaced.
    Linear,
}

/// A way to write a sample in few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// G.711 mu-law, 8 bits.
    MuLaw,
    /// G.711 A-law, 8 bits.
    ALaw,
    /// Two's complement of this many bits, 1 to 24, without dither.
    Linear(u32),
}

impl Codec {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        if self.codecs.is_empty() {
            return Err(Fault::new(
                "codecs",
                "[]",
                "a list of at least one of mu_law, a_law and linear",
            ));
        }
        let (min, max) = (f64::from(self.min_bits), f64::from(self.max_bits));
        limits::range(("min_bits", min), ("max_bits", max), 2.0, 16.0)?;
        limits::rate_hz(self.rate_hz)
    }

    pub(super) fn apply(&self, samples: &mut [f32], rate_hz: u32, stream: &mut Stream) {
        let drawn = stream.below(self.codecs.len());
        let more = stream.below((self.max_bits - self.min_bits + 1) as usize);
        let Some(kind) = self.codecs.get(drawn) else {
            return;
        };
        let coding = match kind {
            CodecKind::MuLaw => Coding::MuLaw,
            CodecKind::ALaw => Coding::ALaw,
            CodecKind::Linear => Coding::Linear(self.min_bits + u32::try_from(more).unwrap_or(0)),
        };
        at_lower_rate(samples, rate_hz, self.rate_hz.unwrap_or(rate_hz), |samples| {
            coding.round_trip(samples);
        });
    }
}

impl Coding {
    /// Replaces each sample by what is left of it; full scale is -1 to 1, and what goes beyond is clipped.
    pub fn round_trip(self, samples: &mut [f32]) {
        match self {
            Self::MuLaw => map(samples, |x| decode_mu_law(encode_mu_law(x))),
            Self::ALaw => map(samples, |x| decode_a_law(encode_a_law(x))),
            Self::Linear(bits) => {
                let steps = (1u32 << (bits.clamp(1, 24) - 1)) as f32;
                for x in samples {
                    *x = (*x * steps).round().min(steps - 1.0).max(-steps) / steps;
                }
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "too large a sample becomes the largest"
)]
fn map(samples: &mut [f32], code: impl Fn(i16) -> i16) {
    for x in samples {
        *x = f32::from(code((*x * 32_768.0).round() as i16)) / 32_768.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    fn snr_db(coding: Coding, level: f32) -> f64 {
        let clip: Vec<f32> = (0u16..8_000)
            .map(|t| level * (f32::from(t) * 0.7).sin())
            .collect();
        let mut coded = clip.clone();
        coding.round_trip(&mut coded);
        let noise: Vec<f32> = clip.iter().zip(&coded).map(|(x, y)| x - y).collect();
        let power = |samples: &[f32]| samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        10.0 * (power(&clip) / power(&noise)).log10()
    }

    #[test]
    fn companding_keeps_its_quality_over_forty_decibels() {
        // G.712 asks for 33 dB of a sine between 0 and -30 dBm0; an even spacing of 8 bits loses 6 dB with each halving.
        for coding in [Coding::MuLaw, Coding::ALaw] {
            for level in [0.9, 0.3, 0.1, 0.03] {
                let ratio = snr_db(coding, level);
                assert!((33.0..45.0).contains(&ratio), "{coding:?} at {level}: {ratio}");
            }
        }
        assert!((snr_db(Coding::Linear(8), 0.9) - (6.02 * 8.0 + 1.76 - 0.92)).abs() < 1.0);
        assert!((snr_db(Coding::Linear(12), 0.9) - (6.02 * 12.0 + 1.76 - 0.92)).abs() < 1.0);
    }

    #[test]
    fn samples_beyond_full_scale_are_clipped() {
        for coding in [Coding::MuLaw, Coding::ALaw, Coding::Linear(8), Coding::Linear(1)] {
            let mut samples = [1e30, -1e30, 0.0];
            coding.round_trip(&mut samples);
            assert!(samples[0] <= 1.0 && samples[1] >= -1.0, "{samples:?}");
        }
    }

    #[test]
    fn a_camera_codes_at_its_own_rate() {
        let step = Codec {
            probability: 1.0,
            codecs: vec![CodecKind::MuLaw],
            min_bits: 8,
            max_bits: 8,
            rate_hz: Some(8_000),
        };
        // 6 kHz does not go through a camera of 8 kHz.
        let mut samples: Vec<f32> = (0u16..32_000).map(|t| (f32::from(t) * 1.178).sin()).collect();
        step.apply(&mut samples, 32_000, &mut StreamKey::new(0, 0, 0).stream(0));
        assert!(samples[4_000..28_000].iter().all(|x| x.abs() < 0.01));
    }
}
