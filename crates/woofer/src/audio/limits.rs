//! What rates, channel counts and samples are read, and times as samples.

/// The lowest sample rate that is read, in Hz.
pub const MIN_RATE_HZ: u32 = 4_000;
/// The highest sample rate that is read, in Hz.
pub const MAX_RATE_HZ: u32 = 192_000;
/// The most channels that are mixed to mono.
pub const MAX_CHANNELS: usize = 256;

/// The largest sample of a float file, where 1 is full scale. Far beyond it a Fourier transform overflows, and the
/// resampler panics.
pub(super) const MAX_SAMPLE: f32 = 1e6;

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 samples")]
pub(super) fn seconds(frames: u64, rate_hz: u32) -> f64 {
    frames as f64 / f64::from(rate_hz)
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
