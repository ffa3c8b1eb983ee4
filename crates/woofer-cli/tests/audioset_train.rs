//! The lists that `woofer audioset meta` writes go into `woofer train` as they are.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "support/experiments.rs"]
mod experiments;
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{stdout, tone, weight_file, woofer};

/// Classes, the pitches of their clips, and whether their events are weak.
const CLASSES: [(&str, f64, u8); 3] = [
    ("Barking", 200.0, 0),
    ("Bird", 4_000.0, 0),
    ("CO_Smoke", 3_000.0, 1),
];

/// Videos of a class; the first has two events.
const VIDEOS: usize = 4;

/// Cuts events out of a made-up copy of AudioSet and lists them; gives the folder of the lists.
fn clips(folder: &Path) -> PathBuf {
    let copy = folder.join("copy");
    fs::create_dir_all(&copy).unwrap();
    let mut plan = "file,class,fine,video,start_s,end_s,clip_start_s,weak\n".to_owned();
    for (class, hz, weak) in CLASSES {
        for i in 0..VIDEOS {
            let letter = class.chars().next_back().unwrap();
            let video = format!("-_{letter}{i}xxxxxxx");
            tone(&copy.join(format!("{video}.wav")), 10.0, |_| hz);
            for event in 1..=if i == 0 { 2 } else { 1 } {
                let start_s = 30 + event;
                writeln!(
                    plan,
                    "{video}_{event}.wav,{class},{class},{video},{start_s}.000,{}.000,30.000,{weak}",
                    start_s + 1
                )
                .unwrap();
            }
        }
    }
    let path = folder.join("plan.csv");
    fs::write(&path, plan).unwrap();
    let mut fetch = woofer();
    fetch.args(["audioset", "fetch"]).arg(&path);
    fetch.arg("--from").arg(&copy).assert().success();
    woofer().args(["audioset", "meta"]).arg(&path).assert().success();
    folder.join("clips")
}

fn train(folder: &Path, list: &Path, model: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command.arg("train").arg(list).arg("--backbone");
    command.arg(weight_file(folder));
    command.args(["--recipe", "frozen", "--fold-count", "2", "--epochs", "3", "-o"]);
    command.arg(model);
    command
}

fn counted(model: &Path) -> (Value, Value) {
    let text = fs::read_to_string(model.join("metrics.json")).unwrap();
    let metrics: Value = serde_json::from_str(&text).unwrap();
    (metrics["clips"].clone(), metrics["recordings"].clone())
}

#[test]
fn both_lists_are_trained_on_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let clips = clips(dir.path());
    // The manifest knows what is weak, which is trained on and not measured, and which clips are of one video;
    // the other list leaves weak clips out.
    for (list, recordings) in [("manifest.csv", 8), ("meta_train.csv", 10)] {
        let model = dir.path().join(list).with_extension("");
        let mut command = train(dir.path(), &clips.join(list), &model);
        command.assert().success();
        assert_eq!(
            counted(&model),
            (Value::from(10), Value::from(recordings)),
            "{list}"
        );
        woofer().args(["model", "verify"]).arg(&model).assert().success();
    }
    let card = fs::read_to_string(dir.path().join("manifest/README.md")).unwrap();
    assert!(card.contains("15 clips"), "{card}");
}

#[test]
fn both_lists_are_extra_clips_of_the_three_experiments() {
    let dir = tempfile::tempdir().unwrap();
    let clips = clips(dir.path());
    let own = dir.path().join("own");
    for (class, hz) in [("Barking", 210.0), ("Bird", 4_100.0), ("CO_Smoke", 3_100.0)] {
        fs::create_dir_all(own.join(class)).unwrap();
        for i in 0..4 {
            tone(&own.join(class).join(format!("{i}.wav")), 1.0, |_| {
                hz + f64::from(i)
            });
        }
    }
    for (list, added) in [
        ("manifest.csv", [0, 15, 10, 5]),
        ("meta_train.csv", [0, 10, 5, 5]),
    ] {
        let output = dir.path().join(list).with_extension("");
        let mut command = train(dir.path(), &own, &output);
        command.arg("--extra").arg(clips.join(list)).arg("--experiments");
        let text = stdout(&mut command);
        experiments::assert_experiments(&text, &output, added);
    }
}
