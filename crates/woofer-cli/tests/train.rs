//! `woofer train` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{stderr, stdout, tone, weight_file, woofer};

/// A folder a class: hums of three pitches, each in several recordings.
fn sounds(folder: &Path) -> PathBuf {
    let clips = folder.join("sounds");
    for (class, hz) in [("low", 200.0), ("middle", 900.0), ("high", 4_000.0)] {
        fs::create_dir_all(clips.join(class)).unwrap();
        for i in 0..6u8 {
            let path = clips.join(class).join(format!("{i}.wav"));
            tone(&path, 1.0, |_| hz * (1.0 + f64::from(i) * 0.02));
        }
    }
    clips
}

fn taxonomy(folder: &Path) -> PathBuf {
    let path = folder.join("hums.toml");
    let class = |name| {
        format!("[[class]]\nname = \"{name}\"\ncolor = \"#d95f02\"\nfine = [{{ name = \"{name}\" }}]\n")
    };
    let classes: String = ["low", "middle", "high"].map(class).concat();
    fs::write(&path, format!("schema_version = 1\nname = \"hums\"\n{classes}")).unwrap();
    path
}

fn train(folder: &Path, clips: &Path, model: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command
        .arg("train")
        .arg(clips)
        .arg("--taxonomy")
        .arg(taxonomy(folder));
    command
        .arg("--backbone")
        .arg(weight_file(folder))
        .arg("-o")
        .arg(model);
    command
}

#[test]
fn a_folder_of_clips_becomes_a_model_that_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let text = stdout(&mut train(dir.path(), &clips, &model));
    assert!(
        text.contains("AUC, weighted") && text.contains("AUC middle"),
        "{text}"
    );
    woofer().args(["model", "verify"]).arg(&model).assert().success();

    let metrics: Value =
        serde_json::from_str(&fs::read_to_string(model.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(
        (&metrics["clips"], &metrics["recordings"]),
        (&Value::from(18), &Value::from(18))
    );
    assert!(metrics["auc_weighted"]["value"].as_f64().unwrap() > 0.9);
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(
        card.contains("18 clips of 18 recordings") && card.contains("| AUC, weighted |"),
        "{card}"
    );

    let named = stdout(
        woofer()
            .args(["classify", "-k", "1", "-r", "-m"])
            .arg(&model)
            .arg(&clips),
    );
    for line in named.lines() {
        let class = line.split('/').rev().nth(1).unwrap();
        assert!(line.ends_with(class), "{line}");
    }
    assert_eq!(named.lines().count(), 18);
}

#[test]
fn the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let weights = |name: &str, threads: &str| {
        let model = dir.path().join(name);
        let mut command = train(dir.path(), &clips, &model);
        command
            .args(["--epochs", "5", "--threads", threads])
            .assert()
            .success();
        fs::read(model.join("model.safetensors")).unwrap()
    };
    assert_eq!(weights("one", "1"), weights("two", "2"));
}

#[test]
fn what_cannot_be_trained_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let refused = |command: &mut assert_cmd::Command, part: &str| {
        command.assert().code(3);
        let said = stderr(command);
        assert!(said.contains(part), "{part}: {said}");
        assert!(!model.exists());
    };
    let start = || train(dir.path(), &clips, &model);
    refused(start().args(["--recipe", "forzen"]), "built in: frozen");
    refused(start().arg("--learning-rate=-1"), "learning_rate = -1");
    refused(start().args(["--folds", "nowhere"]), "nowhere");
    refused(
        &mut train(dir.path(), &dir.path().join("nothing"), &model),
        "nothing",
    );
    fs::remove_dir_all(clips.join("low")).unwrap();
    fs::remove_dir_all(clips.join("high")).unwrap();
    refused(&mut start(), "one class");
}

#[test]
fn an_unreadable_clip_is_named_and_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    fs::write(clips.join("low/broken.wav"), "no sound").unwrap();
    let mut command = train(dir.path(), &clips, &model);
    command.assert().code(1);
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(card.contains("18 clips"), "{card}");
    assert!(stderr(command.arg("--force")).contains("broken.wav"));
}

#[test]
fn a_model_that_is_there_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    fs::create_dir(&model).unwrap();
    fs::write(model.join("thesis.txt"), "years of work").unwrap();
    let mut command = train(dir.path(), &clips, &model);
    command.assert().code(3);
    assert!(stderr(&mut command).contains("--force"));
    train(dir.path(), &clips, &model).arg("--force").assert().code(3);
    assert_eq!(
        fs::read_to_string(model.join("thesis.txt")).unwrap(),
        "years of work"
    );
}
