//! How loud a recording is.

/// A sample from here on is at full scale: the largest of 16 bits, with some room for rounding.
pub const FULL_SCALE: f32 = 0.9999;

/// How loud a recording is, heard block by block; levels are relative to full scale, 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loudness {
    samples: u64,
    peak: f32,
    squares: f64,
    clipped: u64,
}

impl Loudness {
    /// Takes the next samples.
    pub fn hear(&mut self, block: &[f32]) {
        self.samples += block.len() as u64;
        for sample in block {
            let size = sample.abs();
            self.peak = self.peak.max(size);
            self.squares += f64::from(size) * f64::from(size);
            self.clipped += u64::from(size >= FULL_SCALE);
        }
    }

    /// The largest absolute sample in decibels; none in silence.
    #[must_use]
    pub fn peak_db(&self) -> Option<f64> {
        (self.peak > 0.0).then(|| 20.0 * f64::from(self.peak).log10())
    }

    /// The root of the mean square in decibels; none in silence.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 samples")]
    pub fn rms_db(&self) -> Option<f64> {
        (self.squares > 0.0).then(|| 10.0 * (self.squares / self.samples as f64).log10())
    }

    /// The number of samples at full scale.
    #[must_use]
    pub const fn clipped(&self) -> u64 {
        self.clipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_sine_lies_three_decibels_below_its_peak() {
        let sine: Vec<f32> = (0..48_000)
            .map(|t| (t as f32 * std::f32::consts::TAU / 480.0).sin())
            .collect();
        let mut loudness = Loudness::default();
        sine.chunks(1_000).for_each(|block| loudness.hear(block));
        assert!(loudness.peak_db().unwrap().abs() < 1e-5);
        assert!((loudness.rms_db().unwrap() + 3.0103).abs() < 1e-4);
        assert_eq!(loudness.clipped() % 200, 0);
    }

    #[test]
    fn silence_has_no_level() {
        let mut loudness = Loudness::default();
        loudness.hear(&[0.0; 9]);
        assert_eq!((loudness.peak_db(), loudness.rms_db()), (None, None));
    }
}
