//! What rates and channel counts are read, and the errors for those that are not.

use super::error::AudioError;

/// The lowest sample rate that is read, in Hz.
pub const MIN_RATE_HZ: u32 = 4_000;
/// The highest sample rate that is read, in Hz.
pub const MAX_RATE_HZ: u32 = 192_000;
/// The most channels that are mixed to mono.
pub const MAX_CHANNELS: usize = 256;

/// The largest sample of a float file, where 1 is full scale. Far beyond it a Fourier transform overflows, and the
/// resampler panics.
pub(super) const MAX_SAMPLE: f32 = 1e6;

pub(super) fn not_finite(file: &str, index: u64, rate_hz: u32) -> AudioError {
    AudioError::NotFinite {
        file: file.into(),
        at_s: seconds(index, rate_hz),
        index,
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 samples")]
pub(super) fn seconds(frames: u64, rate_hz: u32) -> f64 {
    frames as f64 / f64::from(rate_hz)
}

/// The rate as a whole number, when it is in range.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range by then"
)]
pub(super) fn check_rate(file: &str, rate_hz: f64) -> Result<u32, AudioError> {
    let in_range = (f64::from(MIN_RATE_HZ)..=f64::from(MAX_RATE_HZ)).contains(&rate_hz);
    if in_range {
        Ok(rate_hz.round() as u32)
    } else {
        Err(AudioError::Rate {
            file: file.into(),
            rate_hz,
        })
    }
}

/// The number of channels, when it is in range.
pub(super) fn check_channels(file: &str, channels: u64) -> Result<usize, AudioError> {
    let in_range = usize::try_from(channels)
        .ok()
        .filter(|count| (1..=MAX_CHANNELS).contains(count));
    in_range.ok_or_else(|| AudioError::Channels {
        file: file.into(),
        channels,
    })
}

/// The sample at a time; times before the start are the start.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the integers becomes the nearest of them"
)]
pub(crate) fn sample_at(seconds: f64, rate_hz: u32) -> u64 {
    (seconds * f64::from(rate_hz)).round() as u64
}
