use std::ops::Range;

use crate::features::{FrontEnd, Layout};

/// Where the frames and mel bands of one clip lie in a slice of values.
///
/// A frame that lies in two windows, as with `yamnet`, is one frame: both places are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelGrid {
    windows: usize,
    frames_per_window: usize,
    hop: usize,
    bands: usize,
    bands_are_rows: bool,
    front_end: FrontEnd,
}

impl MelGrid {
    /// The grid of [`Examples`](crate::features::Examples) of this [shape](crate::features::Examples::shape).
    #[must_use]
    pub const fn of_examples(front_end: FrontEnd, shape: [usize; 4]) -> Self {
        let [windows, _, height, width] = shape;
        let (frames_per_window, hop, bands, bands_are_rows) = match front_end.spec().layout {
            Layout::Windows { hop, .. } => (height, hop, width, false),
            Layout::Whole => (width, width, height, true),
        };
        Self {
            windows,
            frames_per_window,
            hop,
            bands,
            bands_are_rows,
            front_end,
        }
    }

    /// The grid of a [`LogMel`](crate::features::LogMel) of this many frames, `[frames, n_mels]`.
    #[must_use]
    pub const fn of_log_mel(front_end: FrontEnd, frames: usize) -> Self {
        Self {
            windows: 1,
            frames_per_window: frames,
            hop: frames,
            bands: front_end.spec().n_mels,
            bands_are_rows: false,
            front_end,
        }
    }

    /// Number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.windows * self.frames_per_window * self.bands
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of frames from the first to the last, each counted once.
    #[must_use]
    pub const fn frames(&self) -> usize {
        self.windows.saturating_sub(1) * self.hop + self.frames_per_window
    }

    /// Number of mel bands.
    #[must_use]
    pub const fn bands(&self) -> usize {
        self.bands
    }

    /// Frames a second.
    #[must_use]
    pub fn frames_per_s(&self) -> f64 {
        let spec = self.front_end.spec();
        f64::from(spec.rate_hz) / spec.hop_length as f64
    }

    /// The value that silence has in every band: `(ln(log_offset) + shift) / divisor`.
    #[must_use]
    pub fn silence(&self) -> f32 {
        let spec = self.front_end.spec();
        (spec.log_offset.ln() + spec.shift) / spec.divisor
    }

    /// Sets the values of these frames and bands; what lies outside the grid or the slice is left out.
    pub fn fill(&self, values: &mut [f32], frames: &Range<usize>, bands: &Range<usize>, value: f32) {
        let bands = bands.start.min(self.bands)..bands.end.min(self.bands);
        for window in 0..self.windows {
            let within = |frame: usize| {
                frame
                    .saturating_sub(window * self.hop)
                    .min(self.frames_per_window)
            };
            let frames = within(frames.start)..within(frames.end);
            let (rows, columns, width) = if self.bands_are_rows {
                (bands.clone(), frames, self.frames_per_window)
            } else {
                (frames, bands.clone(), self.bands)
            };
            let start = window * self.frames_per_window * self.bands;
            for row in rows {
                let row = start + row * width;
                if let Some(cells) = values.get_mut(row + columns.start..row + columns.end) {
                    cells.fill(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Examples, LogMelPlan, LogMelStream};

    #[test]
    fn silence_is_the_value_of_a_silent_clip() {
        for front_end in FrontEnd::ALL {
            let examples = Examples::new(&LogMelPlan::new(front_end), &[]);
            let grid = MelGrid::of_examples(front_end, examples.shape());
            assert_eq!(grid.len(), examples.values().len());
            assert!(
                examples
                    .values()
                    .iter()
                    .all(|v| (v - grid.silence()).abs() < 1e-6)
            );
            assert!((grid.frames_per_s() - 100.0).abs() < 1e-9);
        }
    }

    #[test]
    fn examples_are_filled_where_their_log_mel_is() {
        let (frames, bands) = (100..150, 7..20);
        for front_end in FrontEnd::ALL {
            let layout = front_end.spec().layout;
            let clip: Vec<f32> = (0..front_end.rate_hz() * 5)
                .map(|t| (t as f32 * 0.3).sin())
                .collect();
            let log_mel = LogMelStream::new(&LogMelPlan::new(front_end)).whole(&clip);
            let mut rows = log_mel.values().to_vec();
            MelGrid::of_log_mel(front_end, log_mel.frames()).fill(&mut rows, &frames, &bands, 9.0);
            assert_eq!(rows.iter().filter(|v| **v > 8.0).count(), 50 * 13, "{front_end}");

            let examples = Examples::from_log_mel(&log_mel, layout);
            let [_, _, height, width] = examples.shape();
            let mut values = examples.values().to_vec();
            MelGrid::of_examples(front_end, examples.shape()).fill(&mut values, &frames, &bands, 9.0);
            for (at, value) in values.iter().enumerate() {
                let (window, row, column) = (at / (height * width), at / width % height, at % width);
                let (frame, band) = match layout {
                    Layout::Windows { hop, .. } => (window * hop + row, column),
                    Layout::Whole => (column, row),
                };
                let expected = rows[frame * log_mel.n_mels() + band];
                assert_eq!(value.to_bits(), expected.to_bits(), "{front_end} {at}");
            }
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let grid = MelGrid::of_log_mel(FrontEnd::Vggish, 3);
        let mut values = vec![0.0; grid.len()];
        grid.fill(&mut values, &(2..99), &(60..99), 1.0);
        assert_eq!(values.iter().filter(|v| **v > 0.5).count(), 4);
        grid.fill(&mut values[..10], &(0..3), &(0..64), 1.0);
    }
}
