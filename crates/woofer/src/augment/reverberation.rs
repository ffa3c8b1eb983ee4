use serde::{Deserialize, Serialize};

use super::convolution::convolve;
use super::fft_plans::FftPlans;
use super::limits::{self, Fault};
use super::room_response::{Room, room_response};
use super::snr::energy;
use super::stream::Stream;

/// As heard in a room drawn at random; the clip keeps its energy and length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reverberation {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Shortest reverberation time (60 dB) in seconds, 0.05 to 5.
    pub min_rt60_s: f64,
    /// Longest reverberation time in seconds.
    pub max_rt60_s: f64,
    /// Least energy of the direct sound against the rest, in decibels, -30 to 40.
    pub min_drr_db: f64,
    /// Largest energy of the direct sound against the rest, in decibels.
    pub max_drr_db: f64,
}

impl Reverberation {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        let (min, max) = (("min_rt60_s", self.min_rt60_s), ("max_rt60_s", self.max_rt60_s));
        limits::range(min, max, 0.05, 5.0)?;
        let (min, max) = (("min_drr_db", self.min_drr_db), ("max_drr_db", self.max_drr_db));
        limits::range(min, max, -30.0, 40.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(crate) fn apply(&self, samples: &mut [f32], rate_hz: u32, plans: &FftPlans, stream: &mut Stream) {
        let room = Room {
            rt60_s: stream.between(self.min_rt60_s, self.max_rt60_s),
            drr_db: stream.between(self.min_drr_db, self.max_drr_db),
        };
        let wet = convolve(plans, samples, &room_response(room, rate_hz, stream));
        let (before, after) = (energy(samples), energy(&wet));
        let factor = (before / after).sqrt() as f32;
        // Silence stays silence, and so does a clip that is as good as silent.
        if before > 0.0 && factor.is_finite() {
            samples
                .iter_mut()
                .zip(&wet)
                .for_each(|(x, wet)| *x = factor * wet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    const ROOM: Reverberation = Reverberation {
        probability: 1.0,
        min_rt60_s: 0.2,
        max_rt60_s: 0.8,
        min_drr_db: -3.0,
        max_drr_db: 9.0,
    };

    #[test]
    fn the_clip_keeps_its_energy_and_rings_on() {
        let mut samples = vec![0.0; 32_000];
        samples[8_000..9_000].fill(0.5);
        let before = energy(&samples);
        ROOM.apply(
            &mut samples,
            16_000,
            &FftPlans::new(),
            &mut StreamKey::new(0, 0, 0).stream(0),
        );
        assert!((energy(&samples) / before - 1.0).abs() < 1e-5);
        assert!(energy(&samples[9_000..12_000]) > 1e-2 * before);
        assert!(energy(&samples[..8_000]) < 1e-9 * before);
    }

    #[test]
    fn silence_stays_silence() {
        let mut samples = vec![0.0; 500];
        ROOM.apply(
            &mut samples,
            16_000,
            &FftPlans::new(),
            &mut StreamKey::new(0, 0, 0).stream(0),
        );
        assert!(samples.iter().all(|x| x.to_bits() == 0));
        ROOM.apply(
            &mut [],
            16_000,
            &FftPlans::new(),
            &mut StreamKey::new(0, 0, 0).stream(0),
        );
    }
}
