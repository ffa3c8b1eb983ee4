use super::front_end::FrontEnd;

/// Root mean square that the loudest second is brought to: -20 dB below full scale.
const TARGET_RMS: f64 = 0.1;

/// A segment that is quieter than this is amplified as if it were as loud, so that silence stays silence.
const LEAST_RMS: f64 = 1e-4;

/// Root mean square of what rounding to 16 bits adds to a recording: a step over the root of 12, -101 dB.
const ROUNDING_RMS: f64 = 1.0 / 32_768.0 / 3.464_101_615;

/// Steps in which the loudest second is looked for, in a second.
const STEPS_PER_S: usize = 10;

/// Goes into the keys of caches: raised whenever [`level`] gives other samples than before.
pub const LEVEL_VERSION: u32 = 4;

/// Brings a segment to one level: its loudest second gets a root mean square of 0.1.
///
/// Recordings of one sound by near and far microphones then look alike to a network. Peaks beyond full scale are cut off at it;
/// what is quieter than -80 dB is amplified by 60 dB and no more. A segment in which less sounds than what rounding to 16 bits adds (a
/// microphone that is switched off, a constant) becomes a noise of that level, as long as the network's input: networks have not met
/// nothing at all, and take it for anything.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub fn level(samples: &mut Vec<f32>, front_end: FrontEnd) {
    let step = (front_end.rate_hz() as usize / STEPS_PER_S).max(1);
    let mut steps = steps(samples, step);
    if nothing_sounds(&steps, samples.len()) {
        let least = front_end.spec().min_samples;
        *samples = rounding_noise(samples.len().max(least));
        steps = self::steps(samples, step);
    }
    let rms = loudest_second(&steps, step).max(LEAST_RMS);
    let gain = (TARGET_RMS / rms) as f32;
    for sample in samples {
        *sample = (*sample * gain).clamp(-1.0, 1.0);
    }
}

/// The samples of a tenth of a second, summed.
struct Step {
    sum: f64,
    squares: f64,
}

fn steps(samples: &[f32], length: usize) -> Vec<Step> {
    let step = |piece: &[f32]| Step {
        sum: piece.iter().map(|x| f64::from(*x)).sum(),
        squares: piece.iter().map(|x| f64::from(*x).powi(2)).sum(),
    };
    samples.chunks(length).map(step).collect()
}

/// Whether so many samples stay within a rounding error of their mean, on the whole.
fn nothing_sounds(steps: &[Step], samples: usize) -> bool {
    let count = samples.max(1) as f64;
    let mean = steps.iter().map(|step| step.sum).sum::<f64>() / count;
    let square = steps.iter().map(|step| step.squares).sum::<f64>() / count;
    square - mean * mean < ROUNDING_RMS * ROUNDING_RMS
}

/// White noise of the level of a rounding error, the same each time.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn rounding_noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        // D. E. Knuth and H. W. Lewis, in "Numerical Recipes in C", second edition, chapter 7.1.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let even = f64::from(state) / f64::from(u32::MAX) - 0.5;
        (even / 32_768.0) as f32
    });
    noise.take(count).collect()
}

/// Root mean square of the loudest second; a shorter segment is followed by silence.
fn loudest_second(steps: &[Step], step: usize) -> f64 {
    let sum = |steps: &[Step]| steps.iter().map(|step| step.squares).sum::<f64>();
    let loudest = if steps.len() < STEPS_PER_S {
        sum(steps)
    } else {
        steps.windows(STEPS_PER_S).map(sum).fold(0.0, f64::max)
    };
    (loudest / (STEPS_PER_S * step) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(samples: usize, amplitude: f32) -> Vec<f32> {
        (0..samples).map(|t| amplitude * (t as f32 * 0.1).sin()).collect()
    }

    #[test]
    fn the_loudest_second_gets_the_level_whatever_it_was() {
        for amplitude in [0.003, 0.1, 0.9] {
            let mut samples = tone(80_000, amplitude);
            samples[..48_000].iter_mut().for_each(|x| *x *= 0.01);
            level(&mut samples, FrontEnd::Yamnet);
            let second = &samples[60_000..76_000];
            let rms = (second.iter().map(|x| x * x).sum::<f32>() / 16_000.0).sqrt();
            assert!((rms - 0.1).abs() < 1e-3, "{amplitude}: {rms}");
        }
    }

    #[test]
    fn where_nothing_sounds_there_is_a_faint_noise() {
        for constant in [0.0, 0.3, -1.0] {
            let mut silence = vec![constant; 80_000];
            level(&mut silence, FrontEnd::Yamnet);
            let rms = (silence.iter().map(|x| x * x).sum::<f32>() / 80_000.0).sqrt();
            assert!((rms / 8.81e-3 - 1.0).abs() < 0.01, "{constant}: {rms}");
            let mut again = vec![0.0; 80_000];
            level(&mut again, FrontEnd::Yamnet);
            assert_eq!(silence, again);
        }
        // The faintest that 16 bits can hold is no silence.
        let mut one_step = vec![0.0; 80_000];
        one_step.iter_mut().step_by(2).for_each(|x| *x = 1.0 / 32_768.0);
        level(&mut one_step, FrontEnd::Yamnet);
        assert_eq!(&one_step[..3], [1e3 / 32_768.0, 0.0, 1e3 / 32_768.0]);
    }

    #[test]
    fn a_short_silence_becomes_noise_that_fills_the_networks_input() {
        let front_end = FrontEnd::Mn;
        let mut long = vec![0.0; front_end.spec().min_samples];
        level(&mut long, front_end);
        for samples in [0, 1, 3_200, 100_000] {
            let mut silence = vec![0.25; samples];
            level(&mut silence, front_end);
            assert_eq!(silence, long, "{samples}");
        }
        let mut short = tone(3_200, 0.1);
        level(&mut short, front_end);
        assert_eq!(short.len(), 3_200);
    }

    #[test]
    fn faint_sounds_stay_faint_and_nothing_is_beyond_full_scale() {
        let mut faint = tone(80_000, 2e-5);
        level(&mut faint, FrontEnd::Yamnet);
        assert!(faint.iter().all(|x| x.abs() <= 2e-2));
        let mut click = vec![0.0; 80_000];
        click[40_000] = 0.5;
        level(&mut click, FrontEnd::Yamnet);
        assert!(click.iter().all(|x| x.abs() <= 1.0));
    }
}
