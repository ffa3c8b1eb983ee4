//! Seconds, decibels and samples.

use super::maker::SOUND_RATE_HZ;
use crate::augment::energy;

/// Samples a second.
pub(super) const RATE: f64 = SOUND_RATE_HZ as f64;

/// The number of samples in so many seconds; 0 for a time below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast of a float ends at the bounds of the integer"
)]
pub(super) fn count(seconds: f64) -> usize {
    (seconds * RATE).round() as usize
}

/// How long so many samples last, in seconds.
pub(super) fn length_s(samples: usize) -> f64 {
    samples as f64 / RATE
}

/// A level in decibels as a factor of the amplitude.
pub(super) fn amplitude(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// What was computed in `f64`, as it is kept.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub(super) fn kept(x: f64) -> f32 {
    x as f32
}

/// Multiplies all samples.
pub(super) fn scale(samples: &mut [f32], factor: f64) {
    let factor = kept(factor);
    for x in samples {
        *x *= factor;
    }
}

/// Adds a share of another sound, as far as both last.
pub(super) fn add(samples: &mut [f32], share: f64, other: &[f32]) {
    let share = kept(share);
    for (x, y) in samples.iter_mut().zip(other) {
        *x += share * y;
    }
}

/// Brings the root mean square to this size; silence stays silence.
pub(super) fn to_rms(samples: &mut [f32], wanted: f64) {
    let rms = (energy(samples) / samples.len().max(1) as f64).sqrt();
    if rms > 0.0 {
        scale(samples, wanted / rms);
    }
}

/// The largest size of a sample.
pub(super) fn peak(samples: &[f32]) -> f64 {
    f64::from(samples.iter().fold(0f32, |peak, x| peak.max(x.abs())))
}

/// Brings the largest sample to this size; silence stays silence.
pub(super) fn to_peak(samples: &mut [f32], wanted: f64) {
    let peak = peak(samples);
    if peak > 0.0 {
        scale(samples, wanted / peak);
    }
}

/// Makes what goes beyond -1 to 1 softer as a whole.
pub(super) fn into_range(samples: &mut [f32]) {
    if peak(samples) > 1.0 {
        // A little less than 1, so that rounding does not lead out again.
        to_peak(samples, 0.999_9);
    }
}
