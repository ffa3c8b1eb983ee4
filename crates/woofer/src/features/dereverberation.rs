use super::examples::Examples;
use super::front_end::{FrontEnd, FrontEndSpec, Layout};
use super::logarithm::ln;

/// In what time the reverberation that is taken off is assumed to fall by 60 dB, in seconds.
const RT60_S: f64 = 0.3;

/// Reverberation counts as late from here on, in seconds: what comes before belongs to the sound.
const DELAY_S: f64 = 0.04;

/// Share of the estimate that is taken off.
const SHARE: f32 = 0.25;

/// Share of a band's power that is left at least: 3 dB are taken off at most.
const LEAST_SHARE: f32 = 0.5;

/// Goes into the keys of caches: raised whenever [`dereverberated`] gives other values than before.
pub const DEREVERBERATION_VERSION: u32 = 1;

/// A segment with its late reverberation taken off, and brought back to the level that it had; none where the front end
/// does not take a segment whole.
///
/// In each mel band the late reverberation is what an exponential decay has left of the power of 40 ms ago and before.
/// A steady sound is all late reverberation, loses the same share everywhere, and so stays as it is.
///
/// Source: K. Lebart, J. M. Boucher and P. N. Denbigh, "A new method based on spectral subtraction for speech
/// dereverberation", Acta Acustica 87 (2001), here for mel bands.
#[must_use]
pub fn dereverberated(examples: &Examples, front_end: FrontEnd) -> Option<Examples> {
    let spec = front_end.spec();
    if spec.layout != Layout::Whole {
        return None;
    }
    let [_, _, _, frames] = examples.shape();
    let before: Vec<f32> = examples
        .values()
        .iter()
        .map(|value| power(*value, spec))
        .collect();
    let after = without_late(&before, frames, spec);
    let second = frames_in(1.0, spec);
    let gain = loudest(&before, frames, second) / loudest(&after, frames, second).max(f32::MIN_POSITIVE);
    let value = |power: f32| (ln(power * gain + spec.log_offset) + spec.shift) / spec.divisor;
    Some(examples.with_values(after.into_iter().map(value).collect()))
}

/// The power of a band from what the network reads of it; sums of many stay finite.
fn power(value: f32, spec: &FrontEndSpec) -> f32 {
    ((value * spec.divisor - spec.shift).exp() - spec.log_offset).clamp(0.0, 1e30)
}

/// Frames in so many seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a short time as a number of frames"
)]
fn frames_in(seconds: f64, spec: &FrontEndSpec) -> usize {
    (seconds * f64::from(spec.rate_hz) / spec.hop_length as f64).round() as usize
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

/// The power of the loudest stretch of `second` frames, or of all where there are no more, summed over the bands.
fn loudest(power: &[f32], frames: usize, second: usize) -> f32 {
    let mut of_frame = vec![0.0_f32; frames];
    for band in power.chunks_exact(frames.max(1)) {
        of_frame.iter_mut().zip(band).for_each(|(sum, x)| *sum += x);
    }
    let stretches = of_frame.windows(second.clamp(1, frames.max(1)));
    stretches.map(|stretch| stretch.iter().sum()).fold(0.0, f32::max)
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

    /// Mean power of some frames over all bands.
    fn mean_power(examples: &Examples, frames: std::ops::Range<usize>) -> f32 {
        let [_, _, bands, width] = examples.shape();
        let count = (bands * frames.len()) as f32;
        let of_band = |band: &[f32]| -> f32 { band[frames.clone()].iter().map(|v| power(*v, SPEC)).sum() };
        examples.values().chunks_exact(width).map(of_band).sum::<f32>() / count
    }

    #[test]
    fn an_echo_loses_against_its_sound() {
        let heard = click(0.6);
        let dry = dereverberated(&heard, FrontEnd::Mn).unwrap();
        assert_eq!(dry.shape(), heard.shape());
        let echo_of = |examples: &Examples| mean_power(examples, 118..150) / mean_power(examples, 100..110);
        let lost_db = 10.0 * (echo_of(&heard) / echo_of(&dry)).log10();
        assert!((1.2..3.1).contains(&lost_db), "{lost_db} dB");
    }

    #[test]
    fn a_steady_sound_and_silence_stay_as_they_are() {
        for amplitude in [0.0, 0.1] {
            let samples: Vec<f32> = (0..160_000).map(|i| amplitude * (i as f32 * 0.3).sin()).collect();
            let heard = Examples::new(&LogMelPlan::new(FrontEnd::Mn), &samples);
            let dry = dereverberated(&heard, FrontEnd::Mn).unwrap();
            let [_, _, _, frames] = heard.shape();
            let bands = heard
                .values()
                .chunks_exact(frames)
                .zip(dry.values().chunks_exact(frames));
            // The estimate takes a while to rise, the last frame hears the end, and far below the tone there are rounding
            // errors.
            for (heard, dry) in bands.flat_map(|(heard, dry)| heard[60..495].iter().zip(&dry[60..495])) {
                let far_below = amplitude > 0.0 && *heard < 0.0;
                assert!((heard - dry).abs() < 0.01 || far_below, "{heard} {dry}");
            }
        }
    }

    #[test]
    fn front_ends_of_windows_have_none() {
        for front_end in [FrontEnd::Vggish, FrontEnd::Yamnet] {
            let heard = Examples::new(&LogMelPlan::new(front_end), &vec![0.1; 16_000]);
            assert_eq!(dereverberated(&heard, front_end), None);
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
            let heard = Examples::new(&LogMelPlan::new(FrontEnd::Mn), &[]);
            let heard = heard.with_values(values);
            let dry = dereverberated(&heard, FrontEnd::Mn).unwrap();
            prop_assert!(dry.values().iter().all(|v| v.is_finite()));
        }
    }
}
