//! What tests measure of a sound.

use realfft::RealFftPlanner;

use super::maker::SOUND_RATE_HZ;
use super::units::{RATE, count, length_s, peak};
use crate::augment::energy;

/// A stretch in which the sound is loud.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pulse {
    pub onset_s: f64,
    pub offset_s: f64,
}

/// Where the envelope (the largest sample in 2 ms) is over a quarter of its greatest height.
pub(super) fn pulses(samples: &[f32]) -> Vec<Pulse> {
    let frame = count(0.002);
    let threshold = 0.25 * peak(samples);
    let loud: Vec<bool> = samples.chunks(frame).map(|f| peak(f) > threshold).collect();
    let mut at = 0;
    let mut found = Vec::new();
    for stretch in loud.chunk_by(|a, b| a == b) {
        if stretch[0] {
            found.push(Pulse {
                onset_s: length_s(at * frame),
                offset_s: length_s((at + stretch.len()) * frame),
            });
        }
        at += stretch.len();
    }
    found
}

/// The power in each bin, with the width of a bin in hertz.
pub(super) fn power(samples: &[f32]) -> (Vec<f64>, f64) {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(samples.len());
    let mut bins = fft.make_output_vec();
    fft.process(&mut samples.to_vec(), &mut bins).unwrap();
    let power = bins.iter().map(|b| f64::from(b.norm_sqr())).collect();
    (power, RATE / samples.len() as f64)
}

/// By how many decibels the loudest stretch of so many seconds is above the faintest.
pub(super) fn level_range_db(samples: &[f32], stretch_s: f64) -> f64 {
    let parts = samples.chunks_exact(count(stretch_s));
    let powers: Vec<f64> = parts.map(|x| energy(x) / x.len() as f64).collect();
    let largest = powers.iter().copied().fold(0.0, f64::max);
    10.0 * (largest / powers.iter().copied().fold(f64::INFINITY, f64::min)).log10()
}

/// The pitch with the most power in 20 Hz around it.
pub(super) fn dominant_hz(samples: &[f32]) -> f64 {
    let (power, width_hz) = power(samples);
    let per_band = (samples.len() * 20 / SOUND_RATE_HZ as usize).max(1);
    let bands = power.chunks(per_band).map(|band| band.iter().sum::<f64>());
    let best = bands
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0, |b| b.0);
    (best as f64 + 0.5) * per_band as f64 * width_hz
}
