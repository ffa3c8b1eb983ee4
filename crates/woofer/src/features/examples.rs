use std::sync::Arc;

use super::front_end::Layout;
use super::log_mel::{LogMel, LogMelPlan, LogMelStream};

/// A network's input for one segment of sound, `[count, 1, height, width]`, row by row.
///
/// `vggish` and `yamnet` give one example a window, `[windows, 1, frames, mels]`; `mn` gives one
/// example in all, `[1, 1, mels, frames]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    count: usize,
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Examples {
    /// Features of one segment of mono samples at the front end's rate.
    ///
    /// A segment shorter than the front end's least length is padded with zeros, so there is always
    /// at least one example.
    #[must_use]
    pub fn new(plan: &Arc<LogMelPlan>, samples: &[f32]) -> Self {
        let spec = plan.front_end().spec();
        let wanted = padded_length(samples.len(), spec.min_samples, spec.layout, spec.hop_length);
        let mut log_mel = LogMel::new(spec.n_mels);
        let mut stream = LogMelStream::new(plan);
        stream.push(samples, &mut log_mel);
        stream.push(&vec![0.0; wanted.saturating_sub(samples.len())], &mut log_mel);
        stream.finish(&mut log_mel);
        Self::from_log_mel(&log_mel, spec.layout)
    }

    /// Features of a segment without its first `late` samples, as many examples as the whole segment has.
    ///
    /// At the end, where sound is missing then, `vggish` gets windows of the value 0.0, as the original system
    /// has it (silence would be `ln 0.01`), and the other front ends get silence.
    #[must_use]
    pub fn starting_late(plan: &Arc<LogMelPlan>, samples: &[f32], late: usize) -> Self {
        let spec = plan.front_end().spec();
        let rest = samples.get(late..).unwrap_or_default();
        if let Layout::Windows {
            hop, pad_last: false, ..
        } = spec.layout
        {
            let more = samples.len().saturating_sub(spec.min_samples) / (hop * spec.hop_length);
            let mut examples = Self::new(plan, rest);
            examples.count = more + 1;
            let values = examples.count * examples.height * examples.width;
            examples.values.resize(values, 0.0);
            return examples;
        }
        let mut padded = rest.to_vec();
        padded.resize(samples.len(), 0.0);
        Self::new(plan, &padded)
    }

    /// Lays out frames that are there already; windows that are not complete are left out.
    #[must_use]
    pub fn from_log_mel(log_mel: &LogMel, layout: Layout) -> Self {
        let n_mels = log_mel.n_mels();
        match layout {
            Layout::Windows { frames, hop, .. } => {
                let starts = (0..).step_by(hop).take_while(|s| s + frames <= log_mel.frames());
                let windows = starts.map(|s| &log_mel.values()[s * n_mels..(s + frames) * n_mels]);
                let values: Vec<f32> = windows.flatten().copied().collect();
                Self {
                    count: values.len() / (frames * n_mels),
                    height: frames,
                    width: n_mels,
                    values,
                }
            }
            Layout::Whole => {
                let frames = log_mel.frames();
                let mut values = vec![0.0; log_mel.values().len()];
                for (t, row) in log_mel.rows().enumerate() {
                    for (m, v) in row.iter().enumerate() {
                        values[m * frames + t] = *v;
                    }
                }
                Self {
                    count: 1,
                    height: n_mels,
                    width: frames,
                    values,
                }
            }
        }
    }

    /// Examples of the same shape with other values, such as masked ones; missing values are 0, further ones are left out.
    #[must_use]
    pub fn with_values(&self, mut values: Vec<f32>) -> Self {
        values.resize(self.values.len(), 0.0);
        Self { values, ..*self }
    }

    /// `[count, 1, height, width]`.
    #[must_use]
    pub const fn shape(&self) -> [usize; 4] {
        [self.count, 1, self.height, self.width]
    }

    /// Number of examples.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// All values, row by row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// Samples that a segment has once padded.
fn padded_length(n: usize, min_samples: usize, layout: Layout, hop_length: usize) -> usize {
    match layout {
        Layout::Windows {
            hop, pad_last: true, ..
        } => {
            let step = hop * hop_length;
            min_samples + n.saturating_sub(min_samples).div_ceil(step) * step
        }
        _ => n.max(min_samples),
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers above 0"
)]
mod tests {
    use super::*;
    use crate::features::FrontEnd;

    fn shape(front_end: FrontEnd, seconds: f64) -> [usize; 4] {
        let n = (f64::from(front_end.rate_hz()) * seconds).round() as usize;
        Examples::new(&LogMelPlan::new(front_end), &vec![0.1; n]).shape()
    }

    #[test]
    fn five_seconds_have_the_published_shapes() {
        assert_eq!(shape(FrontEnd::Vggish, 5.0), [5, 1, 96, 64]);
        assert_eq!(shape(FrontEnd::Yamnet, 5.0), [10, 1, 96, 64]);
        assert_eq!(shape(FrontEnd::Mn, 5.0), [1, 1, 128, 500]);
    }

    #[test]
    fn any_length_has_an_example() {
        for seconds in [0.0, 0.001, 0.3, 0.97, 0.975] {
            assert_eq!(shape(FrontEnd::Vggish, seconds), [1, 1, 96, 64]);
            assert_eq!(shape(FrontEnd::Yamnet, seconds), [1, 1, 96, 64]);
            assert_eq!(shape(FrontEnd::Mn, seconds), [1, 1, 128, 500]);
        }
    }

    #[test]
    fn a_copy_that_starts_late_has_the_sound_from_there_on_and_as_many_examples() {
        for front_end in FrontEnd::ALL {
            let rate = front_end.rate_hz() as usize;
            let plan = LogMelPlan::new(front_end);
            let samples: Vec<f32> = (0..5 * rate).map(|t| (t as f32 * 0.1).sin()).collect();
            let whole = Examples::new(&plan, &samples);
            assert_eq!(Examples::starting_late(&plan, &samples, 0), whole);
            let late = Examples::starting_late(&plan, &samples, rate / 5);
            assert_eq!(late.shape(), whole.shape());
            let rest = Examples::new(&plan, &samples[rate / 5..]);
            let window = 96 * 64;
            match front_end {
                // Four whole windows are left of five seconds, and the fifth is filled with the value 0.0.
                FrontEnd::Vggish => {
                    assert_eq!(rest.count(), 4);
                    assert_eq!(late.values(), [rest.values(), &vec![0.0; window]].concat());
                }
                // The last windows alone know of the end.
                FrontEnd::Yamnet => {
                    let same = (rest.count() - 1) * window;
                    assert_eq!(late.values()[..same], rest.values()[..same]);
                    let silence = (0.001_f32).ln();
                    assert!((late.values().last().unwrap() - silence).abs() < 1e-6);
                }
                FrontEnd::Mn => assert_eq!(late, rest),
            }
        }
    }

    #[test]
    fn a_copy_of_a_short_segment_has_an_example_too() {
        for front_end in FrontEnd::ALL {
            let plan = LogMelPlan::new(front_end);
            for (length, late) in [(0, 0), (0, 9), (100, 0), (100, 99), (100, 100), (100, 500)] {
                let examples = Examples::starting_late(&plan, &vec![0.5; length], late);
                assert_eq!(examples.shape(), Examples::new(&plan, &vec![0.5; length]).shape());
            }
        }
    }

    #[test]
    fn yamnet_pads_its_last_window_and_vggish_drops_it() {
        assert_eq!(shape(FrontEnd::Yamnet, 0.976), [2, 1, 96, 64]);
        assert_eq!(shape(FrontEnd::Vggish, 1.9), [1, 1, 96, 64]);
        assert_eq!(shape(FrontEnd::Vggish, 1.935), [2, 1, 96, 64]);
    }
}
