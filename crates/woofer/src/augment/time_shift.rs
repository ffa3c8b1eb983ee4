use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::stream::Stream;

/// How many copies of a clip the original trains on, each 0.2 s later than the one before.
pub const SHIFT_COPIES: usize = 5;

/// Copies a second: a fifth of a second lies between two.
const COPIES_PER_S: u64 = 5;

/// Earlier or later by a time drawn uniformly from `-max_early_s..max_s`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeShift {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Largest shift in seconds, 0 to 60.
    pub max_s: f64,
    /// Largest shift to the earlier side, where that is another: a sound at the start of a clip is soon moved out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_early_s: Option<f64>,
    /// Least share of the sound that is still in the clip afterwards, 0 to 1, with silence coming in: a short sound is
    /// moved by less. It goes from the first to the last sample that is not zero: silence before and after a sound does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_left: Option<f64>,
    /// What comes in where the clip has moved away.
    pub fill: ShiftFill,
}

/// What comes in where a clip has moved away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftFill {
    /// Silence; what moves out at the other end is lost.
    Zeros,
    /// What moved out at the other end.
    Wrap,
}

impl TimeShift {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::within("max_s", self.max_s, 0.0, 60.0)?;
        limits::within("max_early_s", self.max_early_s.unwrap_or_default(), 0.0, 60.0)?;
        match (self.least_left, self.fill) {
            (Some(share), ShiftFill::Wrap) => {
                let allowed = "nothing with fill = \"wrap\", by which no sound is lost";
                Err(Fault::new("least_left", share, allowed))
            }
            (share, _) => limits::within("least_left", share.unwrap_or_default(), 0.0, 1.0),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 60 s of samples")]
    pub(super) fn apply(&self, samples: &mut [f32], rate_hz: u32, stream: &mut Stream) {
        let (early_s, late_s) = self.furthest(samples, rate_hz);
        let by = (stream.between(-early_s, late_s) * f64::from(rate_hz)).round() as i64;
        shift(samples, by, self.fill);
    }

    /// How far a clip may be moved to the earlier and to the later side, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "lengths of audio fit an f64 exactly")]
    fn furthest(&self, samples: &[f32], rate_hz: u32) -> (f64, f64) {
        let (early_s, late_s) = (self.max_early_s.unwrap_or(self.max_s), self.max_s);
        let Some(least_left) = self.least_left else {
            return (early_s, late_s);
        };
        let is_sound = |sample: &f32| *sample != 0.0;
        let Some(first) = samples.iter().position(is_sound) else {
            return (early_s, late_s);
        };
        let end = samples.iter().rposition(is_sound).map_or(first, |last| last + 1);
        let seconds = |samples: usize| samples as f64 / f64::from(rate_hz);
        let may_go_s = (1.0 - least_left) * seconds(end - first);
        (
            early_s.min(seconds(first) + may_go_s),
            late_s.min(seconds(samples.len() - end) + may_go_s),
        )
    }
}

/// Moves a clip later by a number of samples, or earlier when it is negative; the length stays.
pub fn shift(samples: &mut [f32], by: i64, fill: ShiftFill) {
    let length = samples.len();
    if length == 0 {
        return;
    }
    let distance = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let distance = match fill {
        ShiftFill::Wrap => distance % length,
        ShiftFill::Zeros => distance.min(length),
    };
    if by >= 0 {
        samples.rotate_right(distance);
    } else {
        samples.rotate_left(distance);
    }
    if fill == ShiftFill::Zeros {
        let vacant = if by >= 0 {
            0..distance
        } else {
            length - distance..length
        };
        samples[vacant].fill(0.0);
    }
}

/// The original's `copy`-th copy of a clip, counted from 0: without its first `copy` fifths of a second.
///
/// Seconds are those of the clip's own rate. The copy is shorter than the clip, and empty where the clip ends before
/// it begins. The original has [`SHIFT_COPIES`] of them (SPEC, "Features").
#[must_use]
pub fn shifted_copy(samples: &[f32], rate_hz: u32, copy: usize) -> &[f32] {
    let skipped = (copy as u64 * u64::from(rate_hz) + COPIES_PER_S / 2) / COPIES_PER_S;
    usize::try_from(skipped)
        .ok()
        .and_then(|skipped| samples.get(skipped..))
        .unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "small whole numbers, exact in f32")]
mod tests {
    use super::*;

    #[test]
    fn the_copies_start_a_fifth_of_a_second_apart_at_any_rate() {
        for rate_hz in [8_000, 16_000, 44_100, 11_025] {
            let samples: Vec<f32> = (0..5 * rate_hz).map(|i| i as f32).collect();
            for copy in 0..SHIFT_COPIES {
                let start_s = shifted_copy(&samples, rate_hz, copy)[0] / rate_hz as f32;
                assert!((start_s - 0.2 * copy as f32).abs() <= 0.5 / rate_hz as f32);
            }
        }
        assert_eq!(shifted_copy(&vec![0.0; 40_000], 8_000, 4).len(), 40_000 - 6_400);
    }

    #[test]
    fn a_copy_that_starts_after_the_end_is_empty() {
        assert!(shifted_copy(&[1.0; 1_600], 8_000, 2).is_empty());
        assert_eq!(shifted_copy(&[1.0; 1_600], 8_000, 1).len(), 0);
        assert_eq!(shifted_copy(&[1.0; 1_601], 8_000, 1).len(), 1);
        assert!(shifted_copy(&[], 8_000, 0).is_empty());
    }

    #[test]
    fn no_sound_is_moved_out_further_than_the_earlier_side_allows() {
        let step: TimeShift =
            toml::from_str("probability = 1\nmax_s = 2\nmax_early_s = 0.1\nfill = \"zeros\"").unwrap();
        step.check().unwrap();
        let starts: Vec<usize> = (0..200)
            .map(|clip| {
                let mut samples = vec![0.0; 5_000];
                samples[200..1_200].fill(1.0);
                let mut stream = super::super::StreamKey::new(0, clip, 0).stream(0);
                step.apply(&mut samples, 1_000, &mut stream);
                samples.iter().position(|x| *x > 0.0).unwrap()
            })
            .collect();
        // 0.2 s into the clip: 0.1 s earlier at most, 2 s later at most.
        assert!(starts.iter().all(|start| (100..=2_200).contains(start)));
        assert!(starts.iter().any(|start| *start < 200) && starts.iter().any(|start| *start > 2_000));
    }

    #[test]
    fn of_a_short_sound_the_share_that_is_asked_for_stays() {
        let step: TimeShift = toml::from_str(
            "probability = 1\nmax_s = 2\nmax_early_s = 0.3\nleast_left = 0.5\nfill = \"zeros\"",
        )
        .unwrap();
        step.check().unwrap();
        let left = |step: &TimeShift, sound: usize, length: usize| -> Vec<usize> {
            (0..400)
                .map(|clip| {
                    let mut samples = vec![0.0; length];
                    samples[..sound].fill(1.0);
                    let mut stream = super::super::StreamKey::new(0, clip, 0).stream(0);
                    step.apply(&mut samples, 1_000, &mut stream);
                    samples.iter().filter(|x| **x > 0.0).count()
                })
                .collect()
        };
        let of_short = left(&step, 100, 1_000);
        assert!(of_short.iter().all(|left| (50..=100).contains(left)));
        assert!(of_short.iter().any(|left| *left < 55) && of_short.contains(&100));
        // Long sounds are moved as they are without the bound.
        let unbounded = TimeShift {
            least_left: None,
            ..step
        };
        assert_eq!(left(&step, 5_000, 8_000), left(&unbounded, 5_000, 8_000));
        assert!(left(&unbounded, 100, 1_000).contains(&0));
        assert_eq!(left(&step, 0, 1_000), [0; 400]);
    }

    #[test]
    fn silence_before_a_sound_is_no_part_of_it() {
        let step: TimeShift =
            toml::from_str("probability = 1\nmax_s = 0\nmax_early_s = 2\nleast_left = 0.5\nfill = \"zeros\"")
                .unwrap();
        let moved: Vec<(usize, usize)> = (0..400)
            .map(|clip| {
                let mut samples = vec![0.0; 3_000];
                samples[1_000..1_200].fill(1.0);
                let mut stream = super::super::StreamKey::new(0, clip, 0).stream(0);
                step.apply(&mut samples, 1_000, &mut stream);
                let sound = |sample: &f32| *sample > 0.0;
                let start = samples.iter().position(sound).unwrap();
                (start, samples.iter().filter(|x| sound(x)).count())
            })
            .collect();
        assert!(moved.iter().all(|&(_, left)| (100..=200).contains(&left)));
        assert!(moved.iter().any(|&(start, left)| start == 0 && left < 110));
        assert!(moved.iter().any(|&(start, left)| start > 900 && left == 200));
    }

    #[test]
    fn a_share_is_a_share_and_for_shifts_that_lose_something() {
        let fault = |share: &str, fill: &str| {
            let step = format!("probability = 1\nmax_s = 2\nleast_left = {share}\nfill = \"{fill}\"");
            toml::from_str::<TimeShift>(&step).unwrap().check().unwrap_err()
        };
        assert_eq!(fault("1.5", "zeros").allowed, "0 to 1");
        assert_eq!(fault("nan", "zeros").key, "least_left");
        let wrapped = fault("0.5", "wrap");
        assert_eq!((wrapped.key, wrapped.value.as_str()), ("least_left", "0.5"));
    }

    #[test]
    fn a_shift_moves_the_samples_and_fills_the_rest() {
        let shifted = |by, fill| {
            let mut samples = [1.0, 2.0, 3.0, 4.0];
            shift(&mut samples, by, fill);
            samples
        };
        assert_eq!(shifted(1, ShiftFill::Zeros), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(shifted(-1, ShiftFill::Zeros), [2.0, 3.0, 4.0, 0.0]);
        assert_eq!(shifted(9, ShiftFill::Zeros), [0.0; 4]);
        assert_eq!(shifted(i64::MIN, ShiftFill::Zeros), [0.0; 4]);
        assert_eq!(shifted(1, ShiftFill::Wrap), [4.0, 1.0, 2.0, 3.0]);
        assert_eq!(shifted(-5, ShiftFill::Wrap), [2.0, 3.0, 4.0, 1.0]);
        assert_eq!(shifted(0, ShiftFill::Zeros), [1.0, 2.0, 3.0, 4.0]);
        shift(&mut [], 3, ShiftFill::Wrap);
    }
}
