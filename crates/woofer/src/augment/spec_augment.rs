use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::mel_grid::MelGrid;
use super::stream::Stream;

/// Most masks of a kind.
const MAX_MASKS: u32 = 100;

/// Stretches of time and bands of frequency blotted out.
///
/// D. S. Park et al., "`SpecAugment`", 2019, section 2, without the time warping: a width drawn from 0 to the largest,
/// then a place. Widths are in seconds and parts, so that one recipe fits every front end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecAugment {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Number of stretches of time, 0 to 100.
    pub time_masks: u32,
    /// Longest stretch in seconds, 0 to 60.
    pub max_time_s: f64,
    /// Number of bands of frequency, 0 to 100.
    pub frequency_masks: u32,
    /// Widest band as a part of all mel bands, 0 to 1.
    pub max_bands_part: f64,
    /// What stands in a mask.
    pub fill: MaskFill,
}

/// What stands in a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskFill {
    /// What the front end makes of silence.
    Silence,
    /// The mean of the clip's values.
    Mean,
    /// 0, whatever it means to the front end.
    Zero,
}

impl SpecAugment {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        let most = f64::from(MAX_MASKS);
        limits::within("time_masks", f64::from(self.time_masks), 0.0, most)?;
        limits::within("max_time_s", self.max_time_s, 0.0, 60.0)?;
        limits::within("frequency_masks", f64::from(self.frequency_masks), 0.0, most)?;
        limits::within("max_bands_part", self.max_bands_part, 0.0, 1.0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts that the limits keep small"
    )]
    pub(super) fn apply(&self, values: &mut [f32], grid: &MelGrid, stream: &mut Stream) {
        let value = match self.fill {
            MaskFill::Silence => grid.silence(),
            MaskFill::Zero => 0.0,
            MaskFill::Mean => {
                let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
                (sum / values.len().max(1) as f64) as f32
            }
        };
        let widest = (self.max_time_s * grid.frames_per_s()).round() as usize;
        for _ in 0..self.time_masks {
            let frames = mask(grid.frames(), widest, stream);
            grid.fill(values, &frames, &(0..grid.bands()), value);
        }
        let widest = (self.max_bands_part * grid.bands() as f64).round() as usize;
        for _ in 0..self.frequency_masks {
            let bands = mask(grid.bands(), widest, stream);
            grid.fill(values, &(0..grid.frames()), &bands, value);
        }
    }
}

/// A stretch of 0 to `widest` places somewhere in `0..length`.
fn mask(length: usize, widest: usize, stream: &mut Stream) -> Range<usize> {
    let width = stream.below(widest.min(length) + 1);
    let start = stream.below(length - width + 1);
    start..start + width
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    #[test]
    fn masks_have_every_width_and_touch_both_ends() {
        let mut stream = StreamKey::new(0, 0, 0).stream(0);
        let masks: Vec<_> = (0..2_000).map(|_| mask(20, 5, &mut stream)).collect();
        for width in 0..=5 {
            assert!(masks.iter().any(|m| m.len() == width));
        }
        assert!(masks.iter().all(|m| m.len() <= 5 && m.end <= 20));
        assert!(masks.iter().any(|m| m.start == 0) && masks.iter().any(|m| m.end == 20));
        assert_eq!(mask(0, 5, &mut stream), 0..0);
        assert!((0..100).all(|_| mask(3, 99, &mut stream).end <= 3));
    }
}
