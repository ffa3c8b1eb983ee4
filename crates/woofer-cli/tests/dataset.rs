//! `woofer dataset check` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{stderr, stdout, wav, woofer};

const TAXONOMY: &str = "schema_version = 1\nname = \"two\"\n\
    [[class]]\nname = \"Bark\"\ncolor = \"#000000\"\nfine = [{ name = \"Bark\" }]\n\
    [[class]]\nname = \"Other\"\ncolor = \"#000000\"\nfine = [{ name = \"Other\" }]\n";

/// A folder with a taxonomy, and ten clips of each of its classes in `clips`.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("two.toml"), TAXONOMY).unwrap();
    for i in 0..20 {
        let class = dir.path().join("clips").join(["Bark", "Other"][i % 2]);
        fs::create_dir_all(&class).unwrap();
        wav(&class.join(format!("{i}.wav")), 1.0 + i as f64 / 100.0);
    }
    dir
}

fn check(dir: &Path, list: &str) -> assert_cmd::Command {
    let mut command = woofer();
    command
        .current_dir(dir)
        .args(["dataset", "check", list, "--taxonomy", "two.toml"]);
    command
}

#[test]
fn good_clips_are_counted_and_training_can_begin() {
    let dir = folder();
    check(dir.path(), "clips").assert().code(0);
    let text = stdout(&mut check(dir.path(), "clips"));
    for part in [
        "clips: 20 clips, 20 recordings, 21.9 s of sound",
        "0 Bark   Bark           10          10  10.9 s",
        "Sample rates: 16000 Hz throughout",
        "Scored clips in 5 folds of 20 recordings, stratified by class, seed 0",
        "0 Bark        2       2       2       2       2",
        "Training can begin.",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert_eq!(stderr(&mut check(dir.path(), "clips")), "");
}

#[test]
fn what_stops_training_is_said_and_is_the_exit_code() {
    let dir = folder();
    fs::write(dir.path().join("clips/Bark/broken.wav"), "no sound").unwrap();
    check(dir.path(), "clips").assert().code(1);
    let text = stdout(&mut check(dir.path(), "clips"));
    for part in [
        "To be mended before training",
        "1 clip cannot be decoded",
        "broken.wav",
        "Training cannot begin yet.",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

#[test]
fn the_report_as_json_goes_to_a_file() {
    let dir = folder();
    check(dir.path(), "clips")
        .args([
            "--format",
            "json",
            "-o",
            "report.json",
            "--folds",
            "original",
            "--fold-count",
            "2",
        ])
        .assert()
        .code(0)
        .stdout("");
    let text = fs::read_to_string(dir.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["classes"][1]["name"], "Other");
    assert_eq!(report["classes"][1]["scored"]["clips"], 10);
    assert_eq!(report["folds"]["optimistic"], true);
    assert_eq!(report["folds"]["folds"][1]["clips"], 10);
    assert_eq!(report["findings"], Value::Array(Vec::new()));
}

#[test]
fn wrong_usage_is_2_and_no_list_is_3() {
    let dir = folder();
    woofer().args(["dataset", "check"]).assert().code(2);
    check(dir.path(), "clips")
        .args(["--format", "xml"])
        .assert()
        .code(2);
    check(dir.path(), "nothing.csv").assert().code(3);
    let said = stderr(&mut check(dir.path(), "nothing.csv"));
    assert_eq!(said, "error: nothing.csv: no such file or folder\n");
}
