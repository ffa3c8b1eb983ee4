//! Coloured noise as others would measure it: its spectrum, and that nothing in it comes again.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use realfft::RealFftPlanner;
use realfft::num_complex::Complex32;
use woofer::augment::{NoiseGenerator, PowerLaw, Stream, StreamKey, active_power, mix_at_snr, noise_clip};

fn noise(n: usize, beta: f64, seed: u64) -> Vec<f32> {
    let mut stream: Stream = StreamKey::new(seed, 0, 0).stream(0);
    NoiseGenerator::default().generate(n, PowerLaw { beta, lowest: 0.0 }, &mut stream)
}

/// Power of each bin: the mean over half-overlapping Hann windows of `length` samples.
///
/// P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967.
fn welch(samples: &[f32], length: usize) -> Vec<f64> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(length);
    let mut power = vec![0.0; length / 2 + 1];
    for segment in samples.windows(length).step_by(length / 2) {
        let mut windowed: Vec<f32> = segment
            .iter()
            .enumerate()
            .map(|(t, x)| x * (std::f32::consts::PI * t as f32 / length as f32).sin().powi(2))
            .collect();
        let mut bins = fft.make_output_vec();
        fft.process(&mut windowed, &mut bins).unwrap();
        for (power, bin) in power.iter_mut().zip(&bins) {
            *power += f64::from(bin.norm_sqr());
        }
    }
    power
}

/// Slope of the least-squares line of log power over log frequency, without the ends, where windows leak.
fn slope(power: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = power
        .iter()
        .enumerate()
        .filter(|(bin, _)| (5..power.len() * 9 / 10).contains(bin))
        .map(|(bin, power)| ((bin as f64).ln(), power.ln()))
        .collect();
    let n = points.len() as f64;
    let x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let y = points.iter().map(|p| p.1).sum::<f64>() / n;
    points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>()
        / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

#[test]
fn the_spectrum_falls_with_the_exponent() {
    for n in [160_000, 160_001] {
        for beta in [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5] {
            let measured = slope(&welch(&noise(n, beta, 11), 2_048));
            assert!(
                (measured + beta).abs() < 0.1,
                "beta {beta}, {n} samples: {measured}"
            );
        }
    }
}

#[test]
fn the_originals_noise_clips_are_pink() {
    let generator = NoiseGenerator::default();
    let clips: Vec<f32> = (0..10)
        .flat_map(|index| noise_clip(&generator, 0, 0, index))
        .collect();
    let measured = slope(&welch(&clips, 2_048));
    assert!((measured + 1.0).abs() < 0.1, "{measured}");
}

/// The circular autocorrelation at all lags, after the spectrum was made white: 1 at lag 0.
fn whitened_autocorrelation(samples: &[f32], beta: f32) -> Vec<f32> {
    let n = samples.len();
    let mut planner = RealFftPlanner::<f32>::new();
    let mut bins = vec![Complex32::ZERO; n / 2 + 1];
    planner
        .plan_fft_forward(n)
        .process(&mut samples.to_vec(), &mut bins)
        .unwrap();
    for (k, bin) in bins.iter_mut().enumerate() {
        *bin = (bin.norm_sqr() * (k as f32).powf(if k == 0 { 0.0 } else { beta })).into();
    }
    let mut lags = vec![0.0; n];
    planner.plan_fft_inverse(n).process(&mut bins, &mut lags).unwrap();
    let zero = lags[0];
    lags.iter().map(|x| x / zero).collect()
}

#[test]
fn noise_does_not_come_again() {
    let n = 40_000;
    // Of 20,000 independent lags none is likely to go beyond six deviations.
    let limit = 6.0 / (n as f32).sqrt();
    for beta in [0.0, 1.0, 2.0] {
        let samples = noise(n, f64::from(beta), 21);
        let lags = whitened_autocorrelation(&samples, beta);
        assert!(lags[1..].iter().all(|r| r.abs() < limit), "beta {beta}");

        // The measure finds what it is meant to find.
        let mut looped = samples;
        let (first, rest) = looped.split_at_mut(10_000);
        rest.chunks_mut(10_000)
            .for_each(|part| part.copy_from_slice(first));
        let lags = whitened_autocorrelation(&looped, beta);
        assert!(lags[10_000] > 0.9, "beta {beta}: {}", lags[10_000]);
    }
}

#[test]
fn two_seeds_are_uncorrelated_and_one_seed_gives_the_same_bits() {
    let n = 40_000;
    for beta in [-1.0, 0.0, 1.0] {
        let (a, b) = (noise(n, beta, 1), noise(n, beta, 2));
        let correlation: f64 = a
            .iter()
            .zip(&b)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum::<f64>()
            / n as f64;
        // The fewer frequencies carry the power, the more two noises resemble each other by chance.
        let powers = (1..=n / 2).map(|k| (k as f64).powf(-beta));
        let (sum, squares) = powers.fold((0.0, 0.0), |(s, q), p| (s + p, q + p * p));
        let deviation = (squares / 2.0).sqrt() / sum;
        assert!(
            correlation.abs() < 5.0 * deviation,
            "beta {beta}: {correlation} of {deviation}"
        );
        let again = noise(n, beta, 1);
        assert!(a.iter().zip(&again).all(|(x, y)| x.to_bits() == y.to_bits()));
    }
}

#[test]
fn noise_is_mixed_at_its_ratio_to_a_tenth_of_a_decibel() {
    let rate_hz = 16_000;
    let mut bark = vec![0.0; 80_000];
    for (t, x) in bark.iter_mut().enumerate().skip(19_200).take(8_000) {
        *x = 0.3 * (t as f32 * 0.5).sin();
    }
    for snr_db in [-10.0, 0.0, 7.5, 30.0, 60.0] {
        for beta in [0.0, 1.0, 2.0] {
            let mut mixed = bark.clone();
            let factor = mix_at_snr(&mut mixed, &noise(bark.len(), beta, 3), rate_hz, snr_db);
            assert!(factor > 0.0);
            let added: Vec<f32> = mixed.iter().zip(&bark).map(|(x, y)| x - y).collect();
            let (signal, noise) = (active_power(&bark, rate_hz), active_power(&added, rate_hz));
            let measured = 10.0 * (signal / noise).log10();
            assert!(
                (measured - snr_db).abs() < 0.1,
                "{snr_db} dB, beta {beta}: {measured}"
            );
            assert!((signal - 0.045).abs() < 0.001, "{signal}");
        }
    }
}
