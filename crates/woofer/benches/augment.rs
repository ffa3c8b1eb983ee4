//! How long each augmentation takes on five seconds at 32 kHz, on one thread: `cargo bench -p woofer --bench augment`.
//!
//! Prints the median of several runs, in milliseconds.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops where it stands"
)]

use std::hint::black_box;
use std::time::Instant;

use woofer::augment::{AugmentConfig, Chain, StreamKey};

const RATE_HZ: u32 = 32_000;
const RUNS: u64 = 41;

const STEPS: [&str; 9] = [
    "kind = 'time_shift'\nprobability = 1\nmax_s = 0.5\nfill = 'zeros'",
    "kind = 'gain'\nprobability = 1\nmin_db = -12\nmax_db = 6",
    "kind = 'polarity'\nprobability = 1",
    "kind = 'clipping'\nprobability = 1\nmin_db = -12\nmax_db = -1",
    "kind = 'colored_noise'\nprobability = 1\nmin_beta = 0\nmax_beta = 2\nmin_snr_db = 5\nmax_snr_db = 30",
    "kind = 'background'\nprobability = 1\nmin_snr_db = 0\nmax_snr_db = 20",
    "kind = 'reverberation'\nprobability = 1\nmin_rt60_s = 0.1\nmax_rt60_s = 0.8\nmin_drr_db = 0\nmax_drr_db = 10",
    "kind = 'band_limit'\nprobability = 1\ncutoffs_hz = [4000]",
    "kind = 'codec'\nprobability = 1\ncodecs = ['mu_law', 'a_law']\nrate_hz = 8000",
];

fn main() {
    for step in STEPS {
        let kind = step.lines().next().unwrap_or_default();
        report(kind, &[step]);
    }
    report("all of them", &STEPS);
}

fn report(what: &str, steps: &[&str]) {
    let configs: Vec<AugmentConfig> = steps.iter().map(|step| toml::from_str(step).unwrap()).collect();
    let chain = Chain::new(configs, RATE_HZ).unwrap();
    let mut stream = StreamKey::new(0, 0, 0).stream(0);
    // White noise.
    let clip: Vec<f32> = (0..RATE_HZ * 5 / 2)
        .flat_map(|_| <[f32; 2]>::from(stream.normal_pair()))
        .collect();
    let backgrounds = vec![clip.iter().rev().copied().collect()];
    let mut samples = clip.clone();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|place| {
            samples.copy_from_slice(&clip);
            let start = Instant::now();
            chain.apply_waveform(black_box(&mut samples), StreamKey::new(0, 0, place), &backgrounds);
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what:40} {:7.2} ms", times[times.len() / 2] * 1e3);
}
