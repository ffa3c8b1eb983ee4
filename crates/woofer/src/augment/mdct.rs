use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealToComplex};

use super::fft_plans::FftPlans;

/// The modified discrete cosine transform with a sine window: frames of `2 * hop` samples, each `hop` after the last, to
/// `hop` coefficients, and back without loss.
///
/// J. P. Princen, A. W. Johnson, A. B. Bradley, "Subband/transform coding using filter bank designs based on time domain
/// aliasing cancellation", 1987. It is read off the odd bins of a real FFT of `4 * hop` samples.
pub(super) struct Mdct {
    hop: usize,
    window: Vec<f32>,
    /// `exp(i tau (2 k + 1) (1/2 + hop/2) / (4 hop))` for each coefficient `k`.
    phases: Vec<Complex32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Mdct {
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(super) fn new(plans: &FftPlans, hop: usize) -> Self {
        let length = 4.0 * hop as f64;
        let window = (0..2 * hop).map(|n| (TAU * (n as f64 + 0.5) / length).sin() as f32);
        let first = 0.5 + hop as f64 / 2.0;
        let phases = (0..hop).map(|k| {
            let (sin, cos) = (TAU * (2 * k + 1) as f64 * first / length).sin_cos();
            Complex32::new(cos as f32, sin as f32)
        });
        Self {
            hop,
            window: window.collect(),
            phases: phases.collect(),
            forward: plans.forward(4 * hop),
            inverse: plans.inverse(4 * hop),
        }
    }

    /// Replaces samples by what is left of them when `change` has been at the coefficients of each frame, in turn.
    pub(super) fn through(&self, samples: &mut [f32], mut change: impl FnMut(&mut [f32])) {
        let hop = self.hop;
        let mut time = self.forward.make_input_vec();
        let mut bins = self.forward.make_output_vec();
        let mut scratch =
            vec![Complex32::default(); self.forward.get_scratch_len().max(self.inverse.get_scratch_len())];
        let mut coefficients = vec![0.0; hop];
        let frames = samples.len().div_ceil(hop) + 1;
        // Half a frame of silence before the first sample, and enough after the last.
        let mut padded = vec![0.0; (frames + 1) * hop];
        padded[hop..hop + samples.len()].copy_from_slice(samples);
        let mut heard = vec![0.0; padded.len()];
        for start in (0..frames).map(|frame| frame * hop) {
            time.fill(0.0);
            let windowed = padded[start..].iter().zip(&self.window);
            for (slot, (x, window)) in time.iter_mut().zip(windowed) {
                *slot = x * window;
            }
            // The lengths are the plan's own.
            let _ = self
                .forward
                .process_with_scratch(&mut time, &mut bins, &mut scratch);
            let odd = bins.iter().skip(1).step_by(2);
            for (coefficient, (bin, phase)) in coefficients.iter_mut().zip(odd.zip(&self.phases)) {
                *coefficient = (bin * phase.conj()).re;
            }
            change(&mut coefficients);
            bins.fill(Complex32::default());
            let odd = bins.iter_mut().skip(1).step_by(2);
            for (bin, (coefficient, phase)) in odd.zip(coefficients.iter().zip(&self.phases)) {
                // Half of a real wave stands at its negative frequency; 2/hop undoes the transform.
                *bin = phase * (coefficient / hop as f32);
            }
            let _ = self
                .inverse
                .process_with_scratch(&mut bins, &mut time, &mut scratch);
            let windowed = time.iter().zip(&self.window);
            for (slot, (x, window)) in heard[start..].iter_mut().zip(windowed) {
                *slot += x * window;
            }
        }
        samples.copy_from_slice(&heard[hop..hop + samples.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize) -> Vec<f32> {
        (0..n)
            .map(|t| (t as f32 * 0.3).sin() + (t as f32 * t as f32 * 1e-3).cos())
            .collect()
    }

    #[test]
    fn what_is_left_alone_comes_back() {
        for hop in [8, 576] {
            let mdct = Mdct::new(&FftPlans::new(), hop);
            for length in [0, 1, hop - 1, hop, hop + 1, 5 * hop + 3] {
                let mut samples = wave(length);
                mdct.through(&mut samples, |_| {});
                for (x, y) in wave(length).iter().zip(&samples) {
                    assert!((x - y).abs() < 1e-5, "hop {hop}, {length} samples: {x} {y}");
                }
            }
        }
    }

    #[test]
    fn coefficients_are_those_of_the_definition() {
        let hop = 12;
        let mdct = Mdct::new(&FftPlans::new(), hop);
        let samples = wave(3 * hop);
        let mut frames: Vec<Vec<f32>> = Vec::new();
        mdct.through(&mut samples.clone(), |coefficients| {
            frames.push(coefficients.to_vec());
        });
        assert_eq!(frames.len(), 4);
        for (frame, found) in frames.iter().enumerate() {
            for (k, found) in found.iter().enumerate() {
                let term = |n: usize| {
                    let x = (frame * hop + n)
                        .checked_sub(hop)
                        .and_then(|place| samples.get(place));
                    let place = n as f64 + 0.5;
                    let window = (std::f64::consts::PI * place / (2 * hop) as f64).sin();
                    let angle =
                        std::f64::consts::PI / hop as f64 * (place + hop as f64 / 2.0) * (k as f64 + 0.5);
                    f64::from(x.copied().unwrap_or(0.0)) * window * angle.cos()
                };
                let sum: f64 = (0..2 * hop).map(term).sum();
                assert!(
                    (sum - f64::from(*found)).abs() < 1e-4,
                    "frame {frame}, {k}: {sum} {found}"
                );
            }
        }
    }
}
