use super::front_end::FrontEndSpec;
use super::power::{as_loud, frames_in, of_frames};

/// Decibels that a moment lies below the loudest one, for each decibel that it lay below it before.
const RATIO: f32 = 1.5;

/// What is faint becomes fainter by so much at most, in decibels.
const RANGE_DB: f32 = 20.0;

/// How far a moment reaches to each side of a frame, in seconds.
const REACH_S: f64 = 0.06;

/// Makes what is fainter than the loudest moment fainter still, in the power of each band and frame:
/// [`Hearing::Expanded`](super::Hearing::Expanded).
pub(super) fn expand(power: &mut [f32], frames: usize, spec: &FrontEndSpec) {
    let before = of_frames(power, frames);
    let mut gains = gains(&before, frames_in(REACH_S, spec));
    let after: Vec<f32> = before
        .iter()
        .zip(&gains)
        .map(|(power, gain)| power * gain)
        .collect();
    let as_loud = as_loud(&before, &after, spec);
    for gain in &mut gains {
        *gain *= as_loud;
    }
    for band in power.chunks_exact_mut(frames.max(1)) {
        band.iter_mut()
            .zip(&gains)
            .for_each(|(power, gain)| *power *= gain);
    }
}

/// By what the power of each frame is multiplied, 1 for the loudest; `reach` frames to each side are heard with it.
fn gains(of_frame: &[f32], reach: usize) -> Vec<f32> {
    let moment = |at: usize| {
        let heard = &of_frame[at.saturating_sub(reach)..(at + reach + 1).min(of_frame.len())];
        heard.iter().sum::<f32>() / heard.len() as f32
    };
    let moments: Vec<f32> = (0..of_frame.len()).map(moment).collect();
    let loudest = moments.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let least = 10_f32.powf(-RANGE_DB / 10.0);
    let gain = |moment: f32| (moment / loudest).powf(RATIO - 1.0).max(least);
    moments.into_iter().map(gain).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::{Examples, FrontEnd, Hearing, LogMelPlan};

    const SPEC: &FrontEndSpec = FrontEnd::Mn.spec();

    /// Five seconds of a tone of this amplitude, and of another between the first and the second second.
    fn tone(amplitude: f32, louder: f32) -> Examples {
        let sample = |i: usize| {
            let amplitude = if (32_000..64_000).contains(&i) {
                louder
            } else {
                amplitude
            };
            amplitude * (i as f32 * 0.3).sin()
        };
        let samples: Vec<f32> = (0..160_000).map(sample).collect();
        Examples::new(&LogMelPlan::new(FrontEnd::Mn), &samples)
    }

    fn expanded(examples: &Examples) -> Examples {
        Hearing::Expanded.of(examples, FrontEnd::Mn).into_owned()
    }

    /// Decibels by which a frame of the louder second is above one of the rest.
    fn contrast_db(examples: &Examples) -> f32 {
        let [_, _, _, frames] = examples.shape();
        let mut power = examples.values().to_vec();
        SPEC.decompress(&mut power);
        let of_frame = of_frames(&power, frames);
        10.0 * (of_frame[150] / of_frame[400]).log10()
    }

    #[test]
    fn what_is_10_db_fainter_becomes_15_db_fainter_and_the_loudest_stays() {
        let first = tone(0.03, 0.03 * 10_f32.sqrt());
        let after = expanded(&first);
        assert!(
            (contrast_db(&first) - 10.0).abs() < 0.01,
            "{}",
            contrast_db(&first)
        );
        assert!(
            (contrast_db(&after) - 15.0).abs() < 0.05,
            "{}",
            contrast_db(&after)
        );
        let [_, _, _, frames] = first.shape();
        let bands = first
            .values()
            .chunks_exact(frames)
            .zip(after.values().chunks_exact(frames));
        for (first, after) in bands {
            assert!(
                (first[150] - after[150]).abs() < 0.02,
                "{} {}",
                first[150],
                after[150]
            );
        }
    }

    #[test]
    fn what_is_far_below_becomes_20_db_fainter_and_no_more() {
        let first = tone(3e-4, 0.1);
        let more_db = contrast_db(&expanded(&first)) - contrast_db(&first);
        assert!((more_db - 20.0).abs() < 0.6, "{more_db}");
    }

    #[test]
    fn steady_sounds_and_silence_stay_as_they_are() {
        for amplitude in [0.0, 0.1] {
            let first = tone(amplitude, amplitude);
            let after = expanded(&first);
            for (first, after) in first.values().iter().zip(after.values()) {
                assert!((first - after).abs() < 0.02, "{first} {after}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_moment_overtakes_a_louder_one(of_frame in proptest::collection::vec(0.0f32..1e6, 1..60)) {
            let gains = gains(&of_frame, 2);
            prop_assert_eq!(gains.len(), of_frame.len());
            let moment = |at: usize| {
                let heard = &of_frame[at.saturating_sub(2)..(at + 3).min(of_frame.len())];
                heard.iter().sum::<f32>() / heard.len() as f32
            };
            for (at, gain) in gains.iter().enumerate() {
                prop_assert!((0.0099..=1.0).contains(gain), "{gain}");
                for (other, more) in gains.iter().enumerate() {
                    prop_assert!(moment(at) > moment(other) || gain <= more);
                }
            }
        }

        #[test]
        fn whatever_is_heard_stays_a_number(
            values in proptest::collection::vec(-40.0f32..40.0, 128 * 7),
        ) {
            let first = Examples::new(&LogMelPlan::new(FrontEnd::Mn), &[]).with_values(values);
            prop_assert!(expanded(&first).values().iter().all(|v| v.is_finite()));
        }
    }
}
