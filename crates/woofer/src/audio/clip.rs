//! Mono audio in memory.

use std::path::Path;

use super::error::AudioError;
use super::reader::AudioReader;

/// Mono audio in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Samples, nominally within -1..=1; float files may go beyond.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate_hz: u32,
}

impl Clip {
    /// How long the clip lasts, in seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 samples")]
    pub fn duration_s(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz)
    }
}

/// Reads a whole file into memory as mono, at its own rate.
///
/// Use [`AudioReader::open`] and [`AudioReader::read_clip`] to learn what had to be mended.
///
/// # Errors
/// As [`AudioReader::open`] and [`AudioReader::next_block`]; [`AudioError::TooLong`] when the file lasts more than
/// `max_duration_s` seconds, found without reading further than that.
pub fn read_clip(path: &Path, max_duration_s: f64) -> Result<Clip, AudioError> {
    AudioReader::open(path)?.read_clip(max_duration_s)
}
