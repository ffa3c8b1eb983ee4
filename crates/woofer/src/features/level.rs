/// Root mean square that the loudest second is brought to: -20 dB below full scale.
const TARGET_RMS: f64 = 0.1;

/// A segment that is quieter than this is amplified as if it were as loud, so that silence stays silence.
const LEAST_RMS: f64 = 1e-4;

/// Steps in which the loudest second is looked for, in a second.
const STEPS_PER_S: usize = 10;

/// Brings a segment to one level: its loudest second gets a root mean square of 0.1.
///
/// Recordings of one sound by near and far microphones then look alike to a network. Peaks beyond full scale are cut off at it;
/// what is quieter than -80 dB is amplified by 60 dB and no more.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub fn level(samples: &mut [f32], rate_hz: u32) {
    let rms = loudest_second(samples, rate_hz).max(LEAST_RMS);
    let gain = (TARGET_RMS / rms) as f32;
    for sample in samples {
        *sample = (*sample * gain).clamp(-1.0, 1.0);
    }
}

/// Root mean square of the loudest second; a shorter segment is followed by silence.
fn loudest_second(samples: &[f32], rate_hz: u32) -> f64 {
    let step = (rate_hz as usize / STEPS_PER_S).max(1);
    let power = |piece: &[f32]| piece.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    let steps: Vec<f64> = samples.chunks(step).map(power).collect();
    let sum = |steps: &[f64]| steps.iter().sum::<f64>();
    let loudest = if steps.len() < STEPS_PER_S {
        sum(&steps)
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
            level(&mut samples, 16_000);
            let second = &samples[60_000..76_000];
            let rms = (second.iter().map(|x| x * x).sum::<f32>() / 16_000.0).sqrt();
            assert!((rms - 0.1).abs() < 1e-3, "{amplitude}: {rms}");
        }
    }

    #[test]
    fn silence_stays_silence_and_nothing_is_beyond_full_scale() {
        let mut silence = vec![0.0; 1_000];
        level(&mut silence, 16_000);
        assert!(silence.iter().all(|x| *x == 0.0));
        let mut faint = tone(80_000, 1e-6);
        level(&mut faint, 16_000);
        assert!(faint.iter().all(|x| x.abs() < 2e-3));
        let mut click = vec![0.0; 80_000];
        click[40_000] = 0.5;
        level(&mut click, 16_000);
        assert!(click.iter().all(|x| x.abs() <= 1.0));
        level(&mut [], 16_000);
    }
}
