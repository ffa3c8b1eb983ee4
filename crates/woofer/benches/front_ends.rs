//! How fast recordings are decoded and turned into features, on one thread: `cargo bench -p woofer`.
//!
//! Prints times real time, the median of several runs, for a minute of 16 kHz mono WAV.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops where it stands"
)]

use std::hint::black_box;
use std::time::Instant;

use woofer::audio::{AudioReader, Resampler};
use woofer::features::{Examples, FrontEnd, LogMelPlan};
use woofer::pipeline::Segmenter;

const SECONDS: u32 = 60;
const RATE_HZ: u32 = 16_000;
const RUNS: usize = 21;

fn main() {
    let wav = wav();
    report("decode", || decode(&wav, |_| ()));
    for rate_hz in [16_000, 32_000] {
        report(&format!("decode, resample to {rate_hz} Hz"), || {
            let mut resampler = Resampler::new(RATE_HZ, rate_hz).unwrap();
            let mut out = Vec::new();
            decode(&wav, |block| {
                resampler.push(block, &mut out);
                black_box(&out);
                out.clear();
            });
        });
    }
    for front_end in FrontEnd::ALL {
        let plan = LogMelPlan::new(front_end);
        report(&format!("decode, resample, features of {front_end}"), || {
            let mut resampler = Resampler::new(RATE_HZ, front_end.rate_hz()).unwrap();
            let mut segmenter = Segmenter::new(front_end.spec().segments);
            decode(&wav, |block| {
                resampler.push(block, segmenter.input());
                while let Some(segment) = segmenter.complete() {
                    black_box(Examples::new(&plan, &segment.samples));
                }
            });
        });
    }
}

fn decode(wav: &[u8], mut take: impl FnMut(&[f32])) {
    let mut reader = AudioReader::from_bytes(wav.to_vec(), "bench.wav").unwrap();
    while let Some(block) = reader.next_block().unwrap() {
        take(black_box(block));
    }
}

fn report(what: &str, run: impl Fn()) {
    run();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[RUNS / 2];
    println!("{what:40} {:8.0} times real time", f64::from(SECONDS) / median);
}

/// A minute of noise under a slow swell.
fn wav() -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    let mut state = 1u32;
    for t in 0..SECONDS * RATE_HZ {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 17) as i16 - 16_384;
        writer
            .write_sample(noise / (1 + (t / RATE_HZ % 8) as i16))
            .unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}
