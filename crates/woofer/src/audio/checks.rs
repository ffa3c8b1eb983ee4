//! Whether rates, channel counts and samples are within the limits.

use super::error::AudioError;
use super::limits::{MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ, seconds};

pub(super) fn not_finite(file: &str, index: u64, rate_hz: u32) -> AudioError {
    AudioError::NotFinite {
        file: file.into(),
        at_s: seconds(index, rate_hz),
        index,
    }
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
