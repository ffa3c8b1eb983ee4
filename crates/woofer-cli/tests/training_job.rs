//! `woofer train` as SageMaker starts it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::Path;

use support::{tone, weight_file, woofer};

/// Lays out `/opt/ml` as the platform does, with clips of two classes.
fn lay_out(root: &Path, hyperparameters: &str) {
    let data = root.join("input/data");
    for (class, hz) in [("low", 200.0), ("high", 4_000.0)] {
        fs::create_dir_all(data.join("training").join(class)).unwrap();
        for i in 0..5u8 {
            let path = data.join("training").join(class).join(format!("{i}.wav"));
            tone(&path, 1.0, |_| hz * (1.0 + f64::from(i) * 0.02));
        }
    }
    let class = |name| {
        format!("[[class]]\nname = \"{name}\"\ncolor = \"#d95f02\"\nfine = [{{ name = \"{name}\" }}]\n")
    };
    let classes: String = ["low", "high"].map(class).concat();
    fs::create_dir_all(data.join("taxonomy")).unwrap();
    fs::write(
        data.join("taxonomy/hums.toml"),
        format!("schema_version = 1\nname = \"hums\"\n{classes}"),
    )
    .unwrap();
    fs::create_dir_all(data.join("backbone")).unwrap();
    weight_file(&data.join("backbone"));
    for folder in ["input/config", "model", "output"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("input/config/hyperparameters.json"), hyperparameters).unwrap();
}

#[test]
fn what_the_platform_lays_out_becomes_a_model_that_serve_finds() {
    let dir = tempfile::tempdir().unwrap();
    lay_out(
        dir.path(),
        r#"{"epochs": "3", "fold_count": "3", "sagemaker_region": "x"}"#,
    );
    let output = woofer()
        .arg("train")
        .env("WOOFER_OPT_ML", dir.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!dir.path().join("output/failure").exists());
    let clip = dir.path().join("input/data/training/low/0.wav");
    let output = woofer()
        .args(["serve", "--accept", "application/json", "--check"])
        .arg(clip)
        .env("WOOFER_OPT_ML", dir.path())
        .output()
        .unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["names"], serde_json::json!(["low", "high"]));
}

#[test]
fn a_training_that_fails_leaves_its_reason() {
    for (hyperparameters, part) in [
        (r#"{"epochs": "none"}"#, "epochs"),
        (r#"{"recipe": "no-such-recipe"}"#, "no-such-recipe"),
        (r#"{"learning_rat": "1"}"#, "learning-rate"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        lay_out(dir.path(), hyperparameters);
        let output = woofer()
            .arg("train")
            .env("WOOFER_OPT_ML", dir.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{hyperparameters}");
        let reason = fs::read_to_string(dir.path().join("output/failure")).unwrap();
        assert!(reason.contains(part), "{hyperparameters}: {reason}");
        assert_eq!(fs::read_dir(dir.path().join("model")).unwrap().count(), 0);
    }
}
