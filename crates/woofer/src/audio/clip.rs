//! Mono audio in memory.

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
