use std::sync::Arc;

use realfft::num_complex::Complex32;

use super::fft_plans::{FftPlans, quick_length};
use super::snr::energy;
use super::stream::Stream;

/// A spectrum that falls or rises with a power of the frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// The power spectral density is `1 / f^beta`: 0 is white, 1 pink, 2 brown, -1 blue, -2 violet noise.
    pub beta: f64,
    /// Below this frequency, in cycles a sample, there is nothing; 0 leaves out the mean only.
    pub lowest: f64,
}

/// Makes noise with a [`PowerLaw`], new from the first sample to the last.
///
/// J. Timmer and M. Koenig, "On generating power law noise", Astronomy and Astrophysics 300, 1995, section 4: normal
/// real and imaginary parts for each frequency, scaled by the root of the density, and an inverse FFT.
pub struct NoiseGenerator {
    plans: Arc<FftPlans>,
}

impl Default for NoiseGenerator {
    fn default() -> Self {
        Self::with_plans(Arc::new(FftPlans::new()))
    }
}

impl NoiseGenerator {
    pub(crate) const fn with_plans(plans: Arc<FftPlans>) -> Self {
        Self { plans }
    }

    /// `n` samples of mean 0 and variance 1; zeros where the law leaves no frequency, as for fewer than two samples.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub fn generate(&self, n: usize, law: PowerLaw, stream: &mut Stream) -> Vec<f32> {
        if n < 2 {
            return vec![0.0; n];
        }
        let length = quick_length(n);
        let mut spectrum = shaped_spectrum(length, law, stream);
        let mut noise = vec![0.0; length];
        let result = self.plans.inverse(length).process(&mut spectrum, &mut noise);
        debug_assert!(result.is_ok(), "{result:?}");
        // A stretch of a longer noise has the same spectrum, but not quite the mean and variance of the whole.
        noise.truncate(n);
        let mean = (noise.iter().map(|x| f64::from(*x)).sum::<f64>() / n as f64) as f32;
        for x in &mut noise {
            *x -= mean;
        }
        let deviation = (energy(&noise) / n as f64).sqrt();
        if deviation > 0.0 {
            let factor = deviation.recip() as f32;
            for x in &mut noise {
                *x *= factor;
            }
        }
        noise
    }
}

/// The bins of a real signal of `length` samples, an even number.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn shaped_spectrum(length: usize, law: PowerLaw, stream: &mut Stream) -> Vec<Complex32> {
    let exponent = (-0.5 * law.beta) as f32;
    let first = (law.lowest * length as f64).max(1.0);
    let mut spectrum: Vec<Complex32> = (0..=length / 2)
        .map(|bin| {
            if (bin as f64) < first {
                return Complex32::ZERO;
            }
            let amplitude = (bin as f32).powf(exponent);
            let (re, im) = stream.normal_pair();
            Complex32::new(amplitude * re, amplitude * im)
        })
        .collect();
    // The highest bin of a real signal is real; it then has to carry the power of both parts.
    if let Some(highest) = spectrum.last_mut() {
        *highest = Complex32::new(highest.re * std::f32::consts::SQRT_2, 0.0);
    }
    spectrum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    fn noise(n: usize, beta: f64, lowest: f64, seed: u64) -> Vec<f32> {
        let mut stream = StreamKey::new(seed, 0, 0).stream(0);
        NoiseGenerator::default().generate(n, PowerLaw { beta, lowest }, &mut stream)
    }

    #[test]
    fn noise_has_mean_0_and_variance_1_for_any_length() {
        for n in [2, 3, 17, 1_000, 40_000, 40_001] {
            for beta in [-2.0, 0.0, 1.0, 2.0, 4.0] {
                let noise = noise(n, beta, 0.0, 5);
                assert_eq!(noise.len(), n);
                let mean = noise.iter().map(|x| f64::from(*x)).sum::<f64>() / n as f64;
                let variance = energy(&noise) / n as f64 - mean * mean;
                assert!(mean.abs() < 1e-4, "{n} {beta}: mean {mean}");
                assert!((variance - 1.0).abs() < 1e-3, "{n} {beta}: variance {variance}");
            }
        }
    }

    #[test]
    fn too_few_samples_for_a_frequency_are_zeros() {
        assert!(noise(0, 1.0, 0.0, 1).is_empty());
        assert_eq!(noise(1, 1.0, 0.0, 1), [0.0]);
        assert!(noise(100, 1.0, 0.6, 1).iter().all(|x| x.to_bits() == 0));
    }

    #[test]
    fn there_is_nothing_below_the_lowest_frequency() {
        let n = 4_096;
        let noise = noise(n, 2.0, 0.01, 1);
        let slow = |cycles: f64| {
            let angle = |t: usize| std::f64::consts::TAU * cycles * t as f64 / n as f64;
            let (re, im) = noise.iter().enumerate().fold((0.0, 0.0), |(re, im), (t, x)| {
                let (sin, cos) = angle(t).sin_cos();
                (re + f64::from(*x) * cos, im + f64::from(*x) * sin)
            });
            re.hypot(im) / n as f64
        };
        assert!(slow(3.0) < 1e-6 && slow(40.0) < 1e-6);
        assert!(slow(41.0) > 1e-3);
    }
}
