//! A sound whose pitch tells the time, so that it can be told of a piece of it where it was cut.

#![allow(dead_code, reason = "other tests use the rest")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The pitch at time 0.
const FIRST_HZ: f64 = 300.0;
/// How much it rises a second.
const RISE_HZ: f64 = 25.0;

/// Writes a WAV that begins at a time of the sound.
#[expect(clippy::cast_possible_truncation, reason = "within 16 bits")]
pub fn write(path: &Path, rate_hz: u32, from_s: f64, length_s: f64, loud: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let mut i = 0.0;
    while i < length_s * f64::from(rate_hz) {
        let t = from_s + i / f64::from(rate_hz);
        let turns = FIRST_HZ * t + RISE_HZ * t * t / 2.0;
        let sample = ((turns.fract() * std::f64::consts::TAU).sin() * loud * 32_000.0) as i16;
        writer.write_sample(sample).unwrap();
        i += 1.0;
    }
    writer.finalize().unwrap();
}

/// Writes a file that `ffmpeg` encodes with these arguments.
pub fn write_encoded(path: &Path, rate_hz: u32, from_s: f64, length_s: f64, loud: f64, codec: &[&str]) {
    let wav = path.with_extension("tmp");
    write(&wav, rate_hz, from_s, length_s, loud);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-loglevel", "error", "-y", "-i"])
        .arg(&wav)
        .args(codec)
        .arg(path);
    // These tests need ffmpeg; `.ci/run` installs it.
    assert!(ffmpeg.status().unwrap().success());
    fs::remove_file(wav).unwrap();
}

/// When in the sound a piece of it begins, in seconds: by the least squares over the times at which it crosses zero, each
/// of which is half a turn after the one before.
pub fn began_at(samples: &[f64], rate_hz: u32) -> f64 {
    let crossings = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| (pair[0] < 0.0) != (pair[1] < 0.0));
    let time = |(i, pair): (usize, &[f64])| (i as f64 + pair[0] / (pair[0] - pair[1])) / f64::from(rate_hz);
    let times: Vec<f64> = crossings.map(time).collect();
    let turns: Vec<f64> = times
        .iter()
        .enumerate()
        .map(|(k, t)| k as f64 / 2.0 - RISE_HZ * t * t / 2.0)
        .collect();
    let n = times.len() as f64;
    let (mean_t, mean_y) = (times.iter().sum::<f64>() / n, turns.iter().sum::<f64>() / n);
    let covariance: f64 = times
        .iter()
        .zip(&turns)
        .map(|(t, y)| (t - mean_t) * (y - mean_y))
        .sum();
    let variance: f64 = times.iter().map(|t| (t - mean_t).powi(2)).sum();
    (covariance / variance - FIRST_HZ) / RISE_HZ
}
