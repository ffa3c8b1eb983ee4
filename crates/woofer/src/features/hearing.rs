use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::examples::Examples;
use super::expander::expand;
use super::front_end::{FrontEnd, FrontEndSpec};
use super::power::{as_loud, frames_in, of_frames, with_power};

/// In what time the reverberation that is taken off is assumed to fall by 60 dB, in seconds.
const RT60_S: f64 = 0.3;

/// Reverberation counts as late from here on, in seconds: what comes before belongs to the sound.
const DELAY_S: f64 = 0.04;

/// Share of the estimate that is taken off.
const SHARE: f32 = 0.25;

/// Share of a band's power that is left at least: 3 dB are taken off at most.
const LEAST_SHARE: f32 = 0.5;

/// By how many decibels a quieter hearing is quieter.
const QUIETER_DB: f32 = 12.0;

/// By how much a quieter hearing comes later, in seconds: half of the time from one place to the next in what `mn`
/// networks make of a segment, so that they see it between two places.
const LATER_S: f64 = 0.16;

/// Goes into the keys of caches: raised whenever [`Hearing::of`] gives other values than before.
pub const HEARING_VERSION: u32 = 2;

/// A way in which a network hears a segment; the scores of several are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hearing {
    /// As it is.
    Plain,
    /// With its late reverberation taken off, at the level that it had.
    ///
    /// In each mel band the late reverberation is what an exponential decay has left of the power of 40 ms ago and before.
    /// A steady sound is all late reverberation, loses the same share everywhere, and so stays as it is.
    ///
    /// Source: K. Lebart, J. M. Boucher and P. N. Denbigh, "A new method based on spectral subtraction for speech
    /// dereverberation", Acta Acustica 87 (2001), here for mel bands.
    Dereverberated,
    /// 12 dB quieter and 160 ms later, after silence; what lies in the last 160 ms is not heard.
    ///
    /// What is faint beside the loudest second comes down to the offset of the network's logarithm, and is as good as
    /// silence.
    Quieter,
    /// With what is fainter than the loudest moment fainter still: a downward expander.
    ///
    /// A moment is 130 ms, and its level the mean power of all bands. One that is 10 dB below the loudest becomes 15 dB
    /// below it, 20 dB more at most; all of its bands change alike, so that no noise is made. Then all is amplified until the
    /// loudest second has the power that it had. A bark stands out of the noise of a home and loses the tail that a room
    /// gives it; a steady sound stays as it is.
    ///
    /// Source: D. Giannoulis, M. Massberg and J. D. Reiss, "Digital dynamic range compressor design", Journal of the Audio
    /// Engineering Society 60 (2012), there for samples and for compressors too.
    Expanded,
    /// [`Hearing::Dereverberated`] after [`Hearing::Expanded`].
    ExpandedDereverberated,
    /// [`Hearing::Quieter`] after [`Hearing::Expanded`].
    ExpandedQuieter,
}

impl Hearing {
    /// Once, as it is.
    pub const ONCE: [Self; 1] = [Self::Plain];

    /// Every hearing, in the order in which they are listed to people.
    pub const ALL: [Self; 6] = [
        Self::Plain,
        Self::Dereverberated,
        Self::Quieter,
        Self::Expanded,
        Self::ExpandedDereverberated,
        Self::ExpandedQuieter,
    ];

    /// The name used in bundles and recipes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Dereverberated => "dereverberated",
            Self::Quieter => "quieter",
            Self::Expanded => "expanded",
            Self::ExpandedDereverberated => "expanded_dereverberated",
            Self::ExpandedQuieter => "expanded_quieter",
        }
    }

    /// Whether what a front end makes of sound can be heard so: all but [`Hearing::Plain`] is for those that take a
    /// segment whole.
    #[must_use]
    pub fn fits(self, front_end: FrontEnd) -> bool {
        self == Self::Plain || front_end.takes_segments_whole()
    }

    /// Examples as they are heard so; as they are where that does not [fit](Self::fits) the front end.
    #[must_use]
    pub fn of(self, examples: &Examples, front_end: FrontEnd) -> Cow<'_, Examples> {
        if self == Self::Plain || !self.fits(front_end) {
            return Cow::Borrowed(examples);
        }
        let spec = front_end.spec();
        let heard = with_power(examples, spec, |power, frames| {
            if matches!(
                self,
                Self::Expanded | Self::ExpandedDereverberated | Self::ExpandedQuieter
            ) {
                expand(power, frames, spec);
            }
            match self {
                Self::Dereverberated | Self::ExpandedDereverberated => {
                    *power = dereverberated(power, frames, spec);
                }
                Self::Quieter | Self::ExpandedQuieter => *power = quieter(power, frames, spec),
                Self::Plain | Self::Expanded => {}
            }
        });
        Cow::Owned(heard)
    }
}

fn dereverberated(power: &[f32], frames: usize, spec: &FrontEndSpec) -> Vec<f32> {
    let mut left = without_late(power, frames, spec);
    let gain = as_loud(&of_frames(power, frames), &of_frames(&left, frames), spec);
    for power in &mut left {
        *power *= gain;
    }
    left
}

fn quieter(power: &[f32], frames: usize, spec: &FrontEndSpec) -> Vec<f32> {
    let gain = 10_f32.powf(-QUIETER_DB / 10.0);
    let late = frames_in(LATER_S, spec);
    let mut left = vec![0.0; power.len()];
    let bands = left.chunks_exact_mut(frames.max(1));
    for (band, heard) in bands.zip(power.chunks_exact(frames.max(1))) {
        for (left, heard) in band.iter_mut().skip(late).zip(heard) {
            *left = heard * gain;
        }
    }
    left
}

/// What is left of the power of each band, of `frames` frames, without its late reverberation.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn without_late(power: &[f32], frames: usize, spec: &FrontEndSpec) -> Vec<f32> {
    let step_s = spec.hop_length as f64 / f64::from(spec.rate_hz);
    let decay = 10_f64.powf(-6.0 * step_s / RT60_S) as f32;
    let mut left = power.to_vec();
    let bands = left.chunks_exact_mut(frames.max(1));
    for (band, heard) in bands.zip(power.chunks_exact(frames.max(1))) {
        let mut late = 0.0;
        for (left, earlier) in band.iter_mut().skip(frames_in(DELAY_S, spec)).zip(heard) {
            late = decay * late + (1.0 - decay) * earlier;
            *left = (*left - SHARE * late).max(LEAST_SHARE * *left);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::LogMelPlan;

    const SPEC: &FrontEndSpec = FrontEnd::Mn.spec();

    /// Five seconds of a tone that starts at a second and stops after a tenth of one, and what a room leaves of it.
    fn click(decay_s: f32) -> Examples {
        let rate_hz = SPEC.rate_hz as f32;
        let samples: Vec<f32> = (0..160_000)
            .map(|i| {
                let t = i as f32 / rate_hz - 1.0;
                let envelope = match t {
                    t if t < 0.0 => 0.0,
                    t if t < 0.1 => 1.0,
                    t => 0.5 * (-6.9 * (t - 0.1) / decay_s).exp(),
                };
                0.3 * envelope * (t * 9_000.0).sin()
            })
            .collect();
        Examples::new(&LogMelPlan::new(FrontEnd::Mn), &samples)
    }

    /// Power of each band and frame.
    fn powers(examples: &Examples) -> Vec<f32> {
        let mut powers = examples.values().to_vec();
        SPEC.decompress(&mut powers);
        powers
    }

    /// Mean power of some frames over all bands.
    fn mean_power(examples: &Examples, frames: std::ops::Range<usize>) -> f32 {
        let [_, _, bands, width] = examples.shape();
        let count = (bands * frames.len()) as f32;
        let of_band = |band: &[f32]| -> f32 { band[frames.clone()].iter().sum() };
        powers(examples).chunks_exact(width).map(of_band).sum::<f32>() / count
    }

    fn heard(hearing: Hearing, examples: &Examples) -> Examples {
        hearing.of(examples, FrontEnd::Mn).into_owned()
    }

    fn tone(amplitude: f32) -> Examples {
        let samples: Vec<f32> = (0..160_000).map(|i| amplitude * (i as f32 * 0.3).sin()).collect();
        Examples::new(&LogMelPlan::new(FrontEnd::Mn), &samples)
    }

    #[test]
    fn an_echo_loses_against_its_sound() {
        let first = click(0.6);
        let dry = heard(Hearing::Dereverberated, &first);
        assert_eq!(dry.shape(), first.shape());
        let echo_of = |examples: &Examples| mean_power(examples, 118..150) / mean_power(examples, 100..110);
        let lost_db = 10.0 * (echo_of(&first) / echo_of(&dry)).log10();
        assert!((1.2..3.1).contains(&lost_db), "{lost_db} dB");
    }

    #[test]
    fn a_steady_sound_and_silence_keep_their_reverberation() {
        for amplitude in [0.0, 0.1] {
            let first = tone(amplitude);
            let dry = heard(Hearing::Dereverberated, &first);
            let [_, _, _, frames] = first.shape();
            let bands = first
                .values()
                .chunks_exact(frames)
                .zip(dry.values().chunks_exact(frames));
            // The estimate takes a while to rise, the last frame hears the end, and far below the tone there are rounding
            // errors.
            for (first, dry) in bands.flat_map(|(first, dry)| first[60..495].iter().zip(&dry[60..495])) {
                let far_below = amplitude > 0.0 && *first < 0.0;
                assert!((first - dry).abs() < 0.01 || far_below, "{first} {dry}");
            }
        }
    }

    #[test]
    fn a_quieter_hearing_is_the_same_power_lower_and_later() {
        let first = click(0.3);
        let [_, _, _, frames] = first.shape();
        let (before, after) = (powers(&first), powers(&heard(Hearing::Quieter, &first)));
        for (before, after) in before.chunks_exact(frames).zip(after.chunks_exact(frames)) {
            assert!(after[..16].iter().all(|power| *power < 1e-6));
            for (before, after) in before.iter().zip(&after[16..]) {
                let expected = before * 0.063_096;
                assert!(
                    (after - expected).abs() < 1e-3 * expected + 1e-6,
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn what_is_faint_beside_the_loudest_comes_down_to_silence() {
        let mut silence = [0.0];
        SPEC.compress(&mut silence);
        let above_silence = |examples: &Examples| {
            let [_, _, _, frames] = examples.shape();
            let loudest = examples.values().chunks_exact(frames).map(|band| band[250]);
            loudest.fold(f32::MIN, f32::max) - silence[0]
        };
        let first = tone(3e-4);
        let (plain, quieter) = (
            above_silence(&first),
            above_silence(&heard(Hearing::Quieter, &first)),
        );
        assert!(plain > 0.1 && quieter < 0.4 * plain, "{plain} {quieter}");
    }

    #[test]
    fn front_ends_of_windows_hear_as_it_is() {
        for front_end in [FrontEnd::Vggish, FrontEnd::Yamnet] {
            let first = Examples::new(&LogMelPlan::new(front_end), &vec![0.1; 16_000]);
            for hearing in Hearing::ALL {
                assert_eq!(hearing.of(&first, front_end).as_ref(), &first);
                assert_eq!(hearing.fits(front_end), hearing == Hearing::Plain);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_recurrence_is_the_sum_over_all_that_came_before(
            band in proptest::collection::vec(0.0f32..10.0, 1..80),
        ) {
            let left = without_late(&band, band.len(), SPEC);
            let decay = 10_f64.powf(-6.0 * 0.01 / 0.3);
            for (t, left) in left.iter().enumerate() {
                let late: f64 = (0..t.saturating_sub(3))
                    .map(|s| (1.0 - decay) * decay.powf((t - 4 - s) as f64) * f64::from(band[s]))
                    .sum();
                let expected = (f64::from(band[t]) - 0.25 * late).max(0.5 * f64::from(band[t]));
                prop_assert!((f64::from(*left) - expected).abs() < 1e-4, "{t}: {left} {expected}");
            }
        }

        #[test]
        fn whatever_is_heard_stays_a_number(
            values in proptest::collection::vec(-40.0f32..40.0, 128 * 7),
        ) {
            let first = Examples::new(&LogMelPlan::new(FrontEnd::Mn), &[]).with_values(values);
            for hearing in Hearing::ALL {
                prop_assert!(heard(hearing, &first).values().iter().all(|v| v.is_finite()));
            }
        }
    }
}
