//! What the tests of the program share: the program, a small model, and sounds.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use woofer_nn::{Architecture, Backbone, Head, Weights};

/// The program.
pub fn woofer() -> Command {
    let mut command = Command::cargo_bin("woofer").unwrap();
    // No settings of whoever runs the tests.
    command.env("WOOFER_CONFIG", if cfg!(windows) { "NUL" } else { "/dev/null" });
    for variable in ["WOOFER_MODEL", "WOOFER_TAXONOMY", "WOOFER_THREADS"] {
        command.env_remove(variable);
    }
    command
}

/// `woofer classify` by a model.
pub fn classify(model: &Path) -> Command {
    let mut command = woofer();
    command.arg("classify").arg("--model").arg(model);
    command
}

/// A weight file of the smallest published network, with weights that mean nothing.
pub fn weight_file(folder: &Path) -> PathBuf {
    let architecture = Architecture {
        backbone: Backbone::Mn { width_tenths: 1 },
        head: Head::AudioSet,
    };
    let mut weights = Weights::new("made up");
    let mut state = 1u64;
    // Even numbers around 0, scaled so that what goes in can still be told from what comes out (He et al., 2015).
    let mut random = |reach: f32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * reach
    };
    for (name, shape) in architecture.tensors() {
        let n: usize = shape.iter().product();
        let reach = match shape.len() {
            1 => 0.1,
            _ => (6.0 / shape.iter().skip(1).product::<usize>() as f32).sqrt(),
        };
        let values = (0..n).map(|_| random(reach)).collect();
        weights.insert(&name, &shape, values).unwrap();
    }
    let path = folder.join("mn01.safetensors");
    weights
        .write_safetensors(&path, &std::collections::BTreeMap::default())
        .unwrap();
    path
}

/// A bundle of that network with the Tomofun taxonomy.
pub fn model(folder: &Path) -> PathBuf {
    let path = folder.join("model");
    let file = weight_file(folder);
    woofer()
        .args(["model", "import", "--taxonomy", "tomofun", "-o"])
        .arg(&path)
        .arg(file)
        .assert()
        .success();
    path
}

/// A 16 kHz WAV of tones that change every second.
pub fn wav(path: &Path, seconds: f64) {
    tone(path, seconds, |second| 300.0 + 700.0 * f64::from(second % 5));
}

/// A 16 kHz WAV of a tone whose pitch in hertz is told for each second.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
pub fn tone(path: &Path, seconds: f64, hz: impl Fn(u32) -> f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for t in 0..(seconds * 16_000.0) as u32 {
        let phase = f64::from(t) * hz(t / 16_000) / 16_000.0 * std::f64::consts::TAU;
        writer.write_sample((phase.sin() * 12_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// What the program printed.
pub fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// What the program said beside its results.
pub fn stderr(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stderr).unwrap()
}

/// A program that stands for ffmpeg, which runs a script of the shell.
#[cfg(unix)]
pub fn stand_in(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("ffmpeg");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}
