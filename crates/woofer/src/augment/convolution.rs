use realfft::num_complex::Complex32;

use super::fft_plans::{FftPlans, quick_length};

/// The first `samples.len()` samples of `samples` convolved with `response`, by FFT and overlapping sums.
///
/// A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", section 8.7.3.
pub(super) fn convolve(plans: &FftPlans, samples: &[f32], response: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0f32; samples.len()];
    // A response that begins after the clip's end does not reach it.
    let response = response.get(..samples.len()).unwrap_or(response);
    if response.is_empty() {
        return out;
    }
    // Blocks of about four times the response cost the least; a clip that is shorter goes in one.
    let whole = samples.len() + response.len() - 1;
    let length = quick_length((4 * response.len()).next_power_of_two().min(whole));
    let block = length - response.len() + 1;
    let (forward, inverse) = (plans.forward(length), plans.inverse(length));
    let mut scratch = vec![Complex32::ZERO; forward.get_scratch_len().max(inverse.get_scratch_len())];
    let mut time = vec![0.0; length];
    let mut bins = forward.make_output_vec();
    let mut transfer = forward.make_output_vec();
    let scale = 1.0 / length as f32;

    // No FFT below can fail: all buffers have the lengths of the plan, and the bins that must be real are.
    time[..response.len()].copy_from_slice(response);
    let _ = forward.process_with_scratch(&mut time, &mut transfer, &mut scratch);
    for (index, piece) in samples.chunks(block).enumerate() {
        time[..piece.len()].copy_from_slice(piece);
        time[piece.len()..].fill(0.0);
        let _ = forward.process_with_scratch(&mut time, &mut bins, &mut scratch);
        for (bin, transfer) in bins.iter_mut().zip(&transfer) {
            *bin *= transfer * scale;
        }
        let _ = inverse.process_with_scratch(&mut bins, &mut time, &mut scratch);
        let from = out.iter_mut().skip(index * block);
        from.zip(&time).for_each(|(out, sum)| *out += sum);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{NoiseGenerator, PowerLaw, StreamKey};

    fn noise(n: usize, seed: u64) -> Vec<f32> {
        let law = PowerLaw {
            beta: 0.0,
            lowest: 0.0,
        };
        NoiseGenerator::default().generate(n, law, &mut StreamKey::new(seed, 0, 0).stream(0))
    }

    #[test]
    fn the_result_is_that_of_the_sum_in_its_definition() {
        let plans = FftPlans::new();
        for (n, m) in [(1, 1), (10, 3), (3, 10), (500, 20), (1_000, 999), (777, 64)] {
            let (samples, response) = (noise(n, 1), noise(m, 2));
            let got = convolve(&plans, &samples, &response);
            assert_eq!(got.len(), n);
            for (t, got) in got.iter().enumerate() {
                let terms = response.iter().take(t + 1).enumerate();
                let expected: f64 = terms
                    .map(|(k, h)| f64::from(*h) * f64::from(samples[t - k]))
                    .sum();
                assert!((f64::from(*got) - expected).abs() < 1e-4, "{n} {m} at {t}");
            }
        }
    }

    #[test]
    fn empty_input_gives_silence() {
        let plans = FftPlans::new();
        assert!(convolve(&plans, &[], &[1.0]).is_empty());
        assert_eq!(convolve(&plans, &[1.0, 2.0], &[]), [0.0, 0.0]);
    }
}
