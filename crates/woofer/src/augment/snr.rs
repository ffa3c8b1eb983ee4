//! Loudness of a clip against what is laid over it.

/// Frames over which loudness is told, a second: 20 ms each.
const FRAMES_PER_S: u32 = 50;

/// A frame counts as active when its power is at most 40 dB below that of the loudest frame.
const ACTIVE_RATIO: f64 = 1e-4;

/// Mean power of the frames of 20 ms that are not silent beside the loudest one; 0 for silence.
///
/// Padding and pauses do not count, so a short bark in a long clip is as loud as the bark is.
#[must_use]
pub fn active_power(samples: &[f32], rate_hz: u32) -> f64 {
    let length = (rate_hz / FRAMES_PER_S).max(1) as usize;
    let frames = || {
        samples
            .chunks(length)
            .map(|frame| (energy(frame), frame.len() as f64))
    };
    let loudest = frames().map(|(energy, n)| energy / n).fold(0.0, f64::max);
    if loudest <= 0.0 {
        return 0.0;
    }
    let (energy, n) = frames()
        .filter(|(energy, n)| energy / n >= ACTIVE_RATIO * loudest)
        .fold((0.0, 0.0), |sum, frame| (sum.0 + frame.0, sum.1 + frame.1));
    energy / n
}

/// Sum of squares, in eight partial sums that the compiler can vectorise.
pub(crate) fn energy(samples: &[f32]) -> f64 {
    let mut sums = [0.0f64; 8];
    let chunks = samples.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|x| f64::from(*x).powi(2)).sum();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += f64::from(*x) * f64::from(*x);
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Adds `noise` to a clip, scaled so that the [`active_power`] of the clip is `snr_db` above that of the noise.
///
/// Returns the factor that the noise was multiplied by: 0, and the clip untouched, when either is silent. Noise
/// beyond the clip's end is left out.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub fn mix_at_snr(samples: &mut [f32], noise: &[f32], rate_hz: u32, snr_db: f64) -> f32 {
    let noise = noise.get(..samples.len()).unwrap_or(noise);
    let (clip_power, noise_power) = (active_power(samples, rate_hz), active_power(noise, rate_hz));
    if clip_power <= 0.0 || noise_power <= 0.0 {
        return 0.0;
    }
    let factor = (clip_power / noise_power / 10f64.powf(snr_db / 10.0)).sqrt() as f32;
    if !factor.is_finite() {
        return 0.0;
    }
    for (sample, noise) in samples.iter_mut().zip(noise) {
        *sample += factor * noise;
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_do_not_count() {
        let mut bark = vec![0.0; 8_000];
        bark[1_600..3_200].fill(0.5);
        assert!((active_power(&bark, 8_000) - 0.25).abs() < 1e-9);
        // 50 dB below the loudest is a pause, 30 dB below is not.
        bark[4_800..8_000].fill(0.5 * 10f32.powf(-2.5));
        assert!((active_power(&bark, 8_000) - 0.25).abs() < 1e-9);
        bark[4_800..8_000].fill(0.5 * 10f32.powf(-1.5));
        assert!((active_power(&bark, 8_000) - 0.25 * (1.0 + 2.0 * 1e-3) / 3.0).abs() < 1e-6);
    }

    #[test]
    fn silence_has_no_power_and_takes_no_noise() {
        assert!(active_power(&[], 8_000) <= 0.0);
        let mut silence = vec![0.0; 99];
        assert_eq!(mix_at_snr(&mut silence, &[1.0; 99], 8_000, 0.0).to_bits(), 0);
        assert!(silence.iter().all(|x| x.to_bits() == 0));
        let mut clip = vec![0.25; 99];
        mix_at_snr(&mut clip, &[0.0; 99], 8_000, 0.0);
        assert!(clip.iter().all(|x| x.to_bits() == 0.25f32.to_bits()));
    }

    #[test]
    fn energy_is_the_sum_of_squares_for_any_length() {
        for n in 0u16..20 {
            let samples: Vec<f32> = (0..n).map(f32::from).collect();
            let expected: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
            assert!((energy(&samples) - expected).abs() < 1e-9);
        }
    }
}
