//! What `woofer train` says of what it cannot train, and what it leaves alone.

use std::fs;

use crate::support::stderr;
use crate::{sounds, train};

#[test]
fn a_training_that_diverges_says_where_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let mut command = train(dir.path(), &clips, &model);
    command.args(["--recipe", "woofer", "--epochs", "30", "--learning-rate", "10"]);
    for change in [
        "optimizer.backbone_rate=100.0",
        "network.freeze=nothing",
        "loss.labels_reach=backbone",
    ] {
        command.args(["--set", change]);
    }
    command.assert().code(3);
    let said = stderr(command.arg("--force"));
    assert!(
        said.contains("epoch") && said.contains("learning_rate=1e0"),
        "{said}"
    );
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
    refused(start().args(["--set", "schedule.epoch=3"]), "epoch");
    refused(start().args(["--set", "network.freeze=17"]), "17 layers");
    refused(start().args(["--device", "cuda"]), "--features cuda");
    refused(
        start().args(["--recipe", "woofer", "--set", "loss.teacher=0.5"]),
        "--teacher",
    );
    refused(
        start().args(["--seed", "9223372036854775808"]),
        "seed: 9223372036854775808 is beyond",
    );
    refused(start().args(["--folds", "nowhere"]), "nowhere");
    refused(start().args(["--folds", "source"]), "column source");
    let weak = dir.path().join("weak.csv");
    let rows = ["low", "high"].map(|class| {
        let row = |i| format!("sounds/{class}/{i}.wav,{class},1\n");
        (0..6).map(row).collect::<String>()
    });
    fs::write(&weak, format!("path,label,weak\n{}", rows.concat())).unwrap();
    refused(
        &mut train(dir.path(), &weak, &model),
        "weak.csv: none of its 12 rows can be tested",
    );
    assert!(!model.with_extension("run").exists());
    let late = dir.path().join("late.csv");
    let rows = ["low", "high"].map(|class| {
        let row = |i| format!("sounds/{class}/{i}.wav,{class},50,60\n");
        (0..6).map(row).collect::<String>()
    });
    fs::write(&late, format!("path,label,onset_s,offset_s\n{}", rows.concat())).unwrap();
    refused(
        &mut train(dir.path(), &late, &model),
        "can be trained on; the first: ",
    );
    refused(
        &mut train(dir.path(), &dir.path().join("nothing"), &model),
        "nothing",
    );
    fs::remove_dir_all(clips.join("low")).unwrap();
    fs::remove_dir_all(clips.join("high")).unwrap();
    refused(&mut start(), "one class");
}

#[test]
fn clips_of_another_list_that_are_tested_are_counted_in_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let extra = dir.path().join("extra.csv");
    let rows = "sounds/low/1.wav,low\nsounds/high/2.wav,high\n";
    fs::write(&extra, format!("path,label\n{rows}")).unwrap();
    let mut command = train(dir.path(), &clips, &model);
    command.args(["--epochs", "2", "--extra"]).arg(&extra);
    command.args(["--set", "validation.epoch=held_out"]);
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{said}");
    assert!(
        said.contains("2 of 2 clips are of a file or recording") && said.contains("low/1.wav"),
        "{said}"
    );
    // What was held out to choose the epoch by was not trained on.
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(
        card.contains("about 20 %") && card.contains("all folds but those held out"),
        "{card}"
    );
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
    assert!(stderr(&mut command).contains("something else is there, and is not overwritten"));
    // Nor is it by force, which is said before anything is trained.
    let mut forced = train(dir.path(), &clips, &model);
    forced.arg("--force").assert().code(3);
    assert!(stderr(&mut forced).contains("something else is there"));
    assert!(!model.with_extension("run").exists());
    assert_eq!(
        fs::read_to_string(model.join("thesis.txt")).unwrap(),
        "years of work"
    );
}
