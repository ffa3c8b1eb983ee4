//! The resampler is exact in length, indifferent to how its input is cut, and accurate.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the numbers of a test are small"
)]

use std::f64::consts::PI;

use proptest::prelude::*;
use woofer::audio::{Resampler, resample};

const RATES: [u32; 14] = [
    4_000, 7_919, 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 191_999,
    192_000,
];

fn sine(rate_hz: u32, frequency_hz: f64, seconds: f64) -> Vec<f32> {
    let frames = (f64::from(rate_hz) * seconds) as usize;
    (0..frames)
        .map(|n| (2.0 * PI * frequency_hz * n as f64 / f64::from(rate_hz)).sin() as f32)
        .collect()
}

fn expected_len(n: usize, from_hz: u32, to_hz: u32) -> usize {
    ((2 * n as u128 * u128::from(to_hz) + u128::from(from_hz)) / (2 * u128::from(from_hz))) as usize
}

fn snr_db(reference: &[f32], samples: &[f32]) -> f64 {
    assert_eq!(reference.len(), samples.len());
    let signal: f64 = reference.iter().map(|x| f64::from(*x).powi(2)).sum();
    let noise: f64 = reference
        .iter()
        .zip(samples)
        .map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2))
        .sum();
    10.0 * (signal / noise).log10()
}

/// Root mean square over the middle, in decibels to that of a full sine.
fn level_db(samples: &[f32]) -> f64 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let square: f64 = middle.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / middle.len() as f64;
    10.0 * (2.0 * square).log10()
}

#[test]
fn golden_resampling_is_near_kaiser_best() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/golden/vggish_frontend.safetensors"
    );
    let bytes = std::fs::read(path).unwrap();
    let golden = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| -> Vec<f32> {
        let data = golden.tensor(name).unwrap().data().to_vec();
        data.as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect()
    };
    for (prefix, rate_hz, least_db) in [("8k", 8_000, 38.0), ("44k", 44_100, 44.0)] {
        let ours = resample(&floats(&format!("{prefix}/samples")), rate_hz, 16_000).unwrap();
        let snr = snr_db(&floats(&format!("{prefix}/resampled_16k_kaiser_best")), &ours);
        println!("{prefix}: {snr:.2} dB");
        assert!(snr >= least_db, "{prefix}: {snr:.2} dB");
    }
}

#[test]
fn tones_below_nine_tenths_of_the_lower_nyquist_keep_their_level_and_place() {
    for from_hz in RATES {
        for to_hz in [16_000, 32_000] {
            let nyquist = f64::from(from_hz.min(to_hz)) / 2.0;
            for part in [0.01, 0.3, 0.6, 0.8, 0.9] {
                let frequency_hz = nyquist * part;
                let out = resample(&sine(from_hz, frequency_hz, 0.5), from_hz, to_hz).unwrap();
                let level = level_db(&out);
                assert!(
                    level.abs() < 0.1,
                    "{from_hz} -> {to_hz}, {frequency_hz} Hz: {level:.3} dB"
                );
                let ideal = sine(to_hz, frequency_hz, 0.5);
                let middle = out.len() / 4..out.len() * 3 / 4;
                let snr = snr_db(&ideal[middle.clone()], &out[middle]);
                assert!(snr > 38.0, "{from_hz} -> {to_hz}, {frequency_hz} Hz: {snr:.1} dB");
            }
        }
    }
}

#[test]
fn tones_well_above_the_new_nyquist_are_gone() {
    for from_hz in RATES.into_iter().filter(|rate| *rate > 32_000) {
        for to_hz in [16_000, 32_000] {
            let (low, high) = (f64::from(to_hz) / 2.0 * 1.1, f64::from(from_hz) / 2.0);
            for step in 0..8 {
                let frequency_hz = low + (high - low) * f64::from(step) / 8.0;
                if frequency_hz >= high {
                    continue;
                }
                let level = level_db(&resample(&sine(from_hz, frequency_hz, 0.5), from_hz, to_hz).unwrap());
                assert!(
                    level < -80.0,
                    "{from_hz} -> {to_hz}, {frequency_hz:.0} Hz: {level:.1} dB"
                );
            }
        }
    }
}

#[test]
fn images_above_the_old_nyquist_are_gone() {
    for from_hz in [8_000, 7_919, 11_025, 16_000] {
        // A tone is left as it is by adding its mirror image at the old rate, which must not appear.
        let frequency_hz = f64::from(from_hz) * 0.35;
        let out = resample(&sine(from_hz, frequency_hz, 0.5), from_hz, 32_000).unwrap();
        let image_hz = f64::from(from_hz) - frequency_hz;
        let middle = &out[out.len() / 4..out.len() * 3 / 4];
        let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
        for (n, x) in middle.iter().enumerate() {
            let hann = (PI * n as f64 / middle.len() as f64).sin().powi(2);
            let angle = 2.0 * PI * image_hz * n as f64 / 32_000.0;
            re += hann * f64::from(*x) * angle.cos();
            im += hann * f64::from(*x) * angle.sin();
            weight += hann;
        }
        let level = 20.0 * (2.0 * (re * re + im * im).sqrt() / weight).log10();
        assert!(level < -80.0, "{from_hz}: {level:.1} dB");
    }
}

#[test]
fn silence_and_nothing_stay_so() {
    for (from_hz, to_hz) in [(44_100, 16_000), (7_919, 16_000)] {
        assert!(resample(&[], from_hz, to_hz).unwrap().is_empty());
        assert!(
            resample(&[0.0; 2_000], from_hz, to_hz)
                .unwrap()
                .iter()
                .all(|x| *x == 0.0)
        );
    }
}

#[test]
fn a_constant_stays_constant_away_from_the_ends() {
    for (from_hz, to_hz) in [
        (44_100, 16_000),
        (7_919, 16_000),
        (191_999, 16_000),
        (8_000, 32_000),
    ] {
        let out = resample(&vec![0.5; from_hz as usize], from_hz, to_hz).unwrap();
        let middle = &out[out.len() / 4..out.len() * 3 / 4];
        assert!(
            middle.iter().all(|x| (x - 0.5).abs() < 1e-4),
            "{from_hz} -> {to_hz}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_length_is_exact_for_any_rates(n in 0usize..6_000, from in 4_000u32..=192_000, to in 4_000u32..=48_000) {
        let out = resample(&vec![0.25; n], from, to).unwrap();
        prop_assert_eq!(out.len(), expected_len(n, from, to));
        prop_assert!(out.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn any_cutting_of_the_input_gives_the_same_bits(
        from in prop::sample::select(&RATES[..]),
        to in prop::sample::select(&[16_000u32, 32_000][..]),
        cuts in prop::collection::vec(0usize..3_000, 0..8),
    ) {
        let samples = sine(from, 440.0, 6_000.0 / f64::from(from));
        let whole = resample(&samples, from, to).unwrap();
        let mut resampler = Resampler::new(from, to).unwrap();
        let (mut rest, mut pieces) = (samples.as_slice(), Vec::new());
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            resampler.push(now, &mut pieces);
            rest = later;
        }
        resampler.push(rest, &mut pieces);
        resampler.finish(&mut pieces);
        prop_assert_eq!(whole, pieces);
    }
}
