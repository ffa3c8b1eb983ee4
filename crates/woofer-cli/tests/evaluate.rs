//! `woofer evaluate` and `woofer compare` as a person types them.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{model, stderr, stdout, tone, weight_file, woofer};
use woofer::evaluation::ScoreTable;

/// Sixteen clips of two classes, the last of which are weak, and their list.
fn list(folder: &Path) -> PathBuf {
    let clips = folder.join("clips");
    fs::create_dir_all(&clips).unwrap();
    let mut rows = "path,label,recording,weak\n".to_owned();
    for i in 0..16u32 {
        tone(&clips.join(format!("{i}.wav")), 1.0, |_| {
            200.0 + 150.0 * f64::from(i)
        });
        let label = ["Barking", "Bird"][usize::from(i % 2 == 1)];
        writeln!(rows, "{i}.wav,{label},r{},{}", i / 2, u8::from(i >= 14)).unwrap();
    }
    let list = clips.join("list.csv");
    fs::write(&list, rows).unwrap();
    list
}

fn evaluate(model: &Path, list: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command.arg("evaluate").arg(model).arg(list);
    command
}

#[test]
fn what_classify_says_is_what_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list, out) = (model(dir.path()), list(dir.path()), dir.path().join("out"));
    let text = stdout(evaluate(&model, &list).arg("-o").arg(&out));
    assert!(
        text.contains("AUC, weighted") && text.contains("AUC Howling") && text.contains("n/a"),
        "{text}"
    );

    let table = ScoreTable::read(&out.join("scores.csv")).unwrap();
    assert_eq!((table.rows().len(), table.counted().count()), (16, 14));
    let classified = stdout(
        woofer()
            .args(["classify", "-f", "jsonl", "-m"])
            .arg(&model)
            .args(table.rows().iter().map(|row| list.with_file_name(&row.path))),
    );
    for (line, row) in classified.lines().zip(table.rows()) {
        let line: Value = serde_json::from_str(line).unwrap();
        for (name, score) in table.columns().classes().iter().zip(&row.scores) {
            let classes = line["classes"].as_array().unwrap();
            let class = classes.iter().find(|c| c["label"] == name.as_str()).unwrap();
            assert_eq!(class["score"].to_string().parse().ok(), Some(*score));
        }
        assert_eq!(row.duration_s, Some(1.0));
    }
    let metrics: Value =
        serde_json::from_str(&fs::read_to_string(out.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(
        (&metrics["clips"], &metrics["recordings"]),
        (&Value::from(14), &Value::from(7))
    );
    assert!(metrics["auc_weighted"]["value"].is_f64() && metrics["per_class"][1]["auc"]["value"].is_null());
    let record = fs::read_to_string(out.join("evaluation.toml")).unwrap();
    assert!(
        record.contains("taxonomy = \"tomofun\"") && record.contains("clips = 16"),
        "{record}"
    );
    assert!(record.contains("sha256"), "{record}");
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    let files = |name: &str, threads: &str| {
        let out = dir.path().join(name);
        evaluate(&model, &list)
            .args(["--threads", threads, "-o"])
            .arg(&out)
            .assert()
            .success();
        ["scores.csv", "metrics.json"].map(|file| fs::read_to_string(out.join(file)).unwrap())
    };
    assert_eq!(files("one", "1"), files("two", "2"));
}

#[test]
fn a_stretch_is_scored_as_if_it_were_all_and_one_beyond_the_end_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clips) = (model(dir.path()), dir.path().join("clips"));
    fs::create_dir(&clips).unwrap();
    tone(&clips.join("both.wav"), 2.0, |second| {
        [300.0, 3_000.0][second as usize]
    });
    tone(&clips.join("high.wav"), 1.0, |_| 3_000.0);
    let list = clips.join("list.csv");
    let rows = "both.wav,Barking,0,1\nboth.wav,Bird,1,2\nhigh.wav,Bird,,\nhigh.wav,Bird,9,10\n";
    fs::write(&list, format!("path,label,onset_s,offset_s\n{rows}")).unwrap();
    let out = dir.path().join("out");
    let mut command = evaluate(&model, &list);
    command.arg("-o").arg(&out).assert().code(1);
    assert!(stderr(&mut command).contains("high.wav: 9 s to 10 s holds no sound"));
    let table = ScoreTable::read(&out.join("scores.csv")).unwrap();
    let scores: Vec<&Vec<f32>> = table.rows().iter().map(|row| &row.scores).collect();
    assert_eq!(table.rows().len(), 3);
    assert_eq!(table.rows()[1].duration_s, Some(1.0));
    // The tones differ in phase only.
    for (cut, alone) in scores[1].iter().zip(scores[2]) {
        assert!((cut - alone).abs() < 1e-3, "{cut} {alone}");
    }
    assert_ne!(scores[0], scores[1]);
}

#[test]
fn json_and_markdown_carry_the_same_figures() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    let goal = ["--thresholds", "precision=0.5"];
    let json = stdout(evaluate(&model, &list).args(["-f", "json"]).args(goal));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["evaluated"]["clips"], 16);
    let markdown = stdout(evaluate(&model, &list).args(["-f", "markdown"]).args(goal));
    let auc = json["metrics"]["auc_weighted"]["value"].as_f64().unwrap();
    assert!(
        markdown.contains(&format!("| AUC, weighted | {auc:.3} (")),
        "{markdown}"
    );
    let classes = json["thresholds"].as_array().unwrap();
    assert_eq!((classes.len(), &classes[1]["threshold"]), (10, &Value::Null));
    assert!(
        markdown.contains("| Howling | n/a | n/a | n/a | n/a |"),
        "{markdown}"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    fs::write(list.with_file_name("3.wav"), "no sound").unwrap();
    let mut command = evaluate(&model, &list);
    command.assert().code(1);
    let said = stderr(&mut command);
    assert!(said.contains("3.wav") && said.contains("1 of 16 clips"), "{said}");
}

#[test]
fn a_clip_that_is_listed_twice_is_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    assert_eq!(stderr(&mut evaluate(&model, &list)), "");
    let rows = fs::read_to_string(&list).unwrap();
    fs::write(&list, format!("{rows}3.wav,Bird,r1,0\n4.wav,Barking,r2,0\n")).unwrap();
    let said = stderr(&mut evaluate(&model, &list));
    assert!(
        said.contains("list.csv: 2 rows") && said.contains("3.wav"),
        "{said}"
    );
}

#[test]
fn a_clip_that_is_not_there_is_named_and_left_out_as_one_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    fs::remove_file(list.with_file_name("3.wav")).unwrap();
    fs::write(list.with_file_name("4.wav"), "no sound").unwrap();
    let out = dir.path().join("out");
    let mut command = evaluate(&model, &list);
    command.arg("-o").arg(&out).assert().code(1);
    let said = stderr(&mut command);
    for part in [
        "list.csv: line 5: there is no file",
        "3.wav",
        "4.wav",
        "2 of 16 clips",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(
        ScoreTable::read(&out.join("scores.csv")).unwrap().rows().len(),
        14
    );
    let record = fs::read_to_string(out.join("evaluation.toml")).unwrap();
    assert!(
        record.contains("clips = 14") && record.contains("failed = 2"),
        "{record}"
    );
    // Where nothing is there the list is wrong, or its folder is; to training and the check every missing file is.
    let elsewhere = dir.path().join("elsewhere.csv");
    fs::copy(&list, &elsewhere).unwrap();
    let mut command = evaluate(&model, &elsewhere);
    command.assert().code(3);
    assert!(stderr(&mut command).contains("16 of 16 rows cannot be used"));
    let mut train = woofer();
    train
        .arg("train")
        .arg(&list)
        .arg("-o")
        .arg(dir.path().join("trained"));
    train.assert().code(3);
    assert!(stderr(&mut train).contains("1 of 16 rows cannot be used"));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (model, list) = (model(dir.path()), list(dir.path()));
    let refused = |command: &mut assert_cmd::Command, code: i32, part: &str| {
        command.assert().code(code);
        let said = stderr(command);
        assert!(said.contains(part), "{part}: {said}");
    };
    let start = || evaluate(&model, &list);
    refused(start().args(["--thresholds", "recall=1"]), 2, "precision=0.9");
    refused(start().args(["--temperature", "5"]), 2, "fit");
    // Where labels are ignored, classes share 1; the best of a few labels are no shares.
    let text = stdout(woofer().args(["taxonomy", "show", "tomofun"]));
    let (before, ignored) = text.split_once("audioset_ignored = [").unwrap();
    let best = dir.path().join("best.toml");
    fs::write(&best, format!("{before}{}", ignored.split_once("]\n").unwrap().1)).unwrap();
    let best = best.to_str().unwrap();
    refused(start().args(["--temperature", "fit", "-t", best]), 3, "softmax");
    refused(start().args(["-t", "nowhere"]), 3, "tomofun");
    refused(start().arg("-o").arg(&list), 3, "is a file");
    refused(start().arg("-o").arg(&model), 3, "is a model");
    refused(&mut evaluate(&weight_file(dir.path()), &list), 3, "--taxonomy");
    refused(&mut evaluate(&model, &dir.path().join("none.csv")), 3, "none.csv");
    let weak = list.with_file_name("weak.csv");
    fs::write(&weak, "path,label,weak\n1.wav,Bird,1\n").unwrap();
    refused(&mut evaluate(&model, &weak), 3, "sure label");
}

/// A model of the two classes, trained on the list.
fn trained(folder: &Path, list: &Path, name: &str, epochs: &str) -> PathBuf {
    let path = folder.join(name);
    let mut command = woofer();
    command
        .arg("train")
        .arg(list)
        .args(["--epochs", epochs, "--fold-count", "3", "--backbone"]);
    command
        .arg(weight_file(folder))
        .arg("-o")
        .arg(&path)
        .assert()
        .success();
    path
}

#[test]
fn training_keeps_the_scores_that_its_figures_come_from() {
    let dir = tempfile::tempdir().unwrap();
    let list = list(dir.path());
    let model = trained(dir.path(), &list, "first", "20");
    let table = ScoreTable::read(&model.join("scores.csv")).unwrap();
    assert_eq!((table.rows().len(), table.columns().width()), (16, 15));
    assert!(table.rows().iter().all(|row| !row.fold.is_empty()));
    let bootstrap = woofer::metrics::Bootstrap::default();
    assert_eq!(
        table.evaluate(bootstrap).unwrap().to_json().unwrap(),
        fs::read_to_string(model.join("metrics.json")).unwrap()
    );
    let recipe = fs::read_to_string(model.join("recipe.toml")).unwrap();
    assert!(recipe.contains("epochs = 20"), "{recipe}");
    let history = woofer::evaluation::read_history(&model.join("history.csv")).unwrap();
    assert_eq!(history[0].epochs.len(), 20);
    woofer().args(["model", "verify"]).arg(&model).assert().success();
}

#[test]
fn a_model_measured_on_what_it_was_trained_on_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let list = list(dir.path());
    let model = trained(dir.path(), &list, "first", "20");
    let mut command = evaluate(&model, &list);
    command.args([
        "--temperature",
        "fit",
        "--thresholds",
        "false-alarms-per-hour=100",
    ]);
    let text = stdout(&mut command);
    assert!(
        text.contains("calibration error") && text.contains("Thresholds were chosen"),
        "{text}"
    );
    assert!(stderr(&mut command).contains("by heart"));
    let other = list.with_file_name("other.csv");
    fs::copy(&list, &other).unwrap();
    assert!(!stderr(&mut evaluate(&model, &other)).contains("by heart"));
}

#[test]
fn two_models_are_compared_on_the_clips_that_both_scored() {
    let dir = tempfile::tempdir().unwrap();
    let list = list(dir.path());
    let first = trained(dir.path(), &list, "first", "1");
    let second = trained(dir.path(), &list, "second", "40");
    let compare = |b: &Path| {
        let mut command = woofer();
        command.arg("compare").arg(&first).arg(b);
        command
    };
    let text = stdout(&mut compare(&second));
    assert!(
        text.contains("AUC, weighted") && text.contains("14 clips of 7 recordings"),
        "{text}"
    );

    let json = stdout(compare(&second.join("scores.csv")).args(["-f", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    let weighted = &json["differences"][0];
    let metrics = |model: &Path| -> Value {
        serde_json::from_str(&fs::read_to_string(model.join("metrics.json")).unwrap()).unwrap()
    };
    assert_eq!(weighted["figure"], "auc_weighted");
    assert_eq!(weighted["first"], metrics(&first)["auc_weighted"]["value"]);
    assert_eq!(weighted["second"], metrics(&second)["auc_weighted"]["value"]);
    assert!(weighted["difference"]["low"].is_f64());

    let scores = second.join("scores.csv");
    let text = fs::read_to_string(&scores).unwrap();
    let some: Vec<&str> = text.lines().take(12).collect();
    fs::write(&scores, some.join("\n")).unwrap();
    assert!(stderr(&mut compare(&second)).contains("left out: 3 clips that count only in"));
    fs::write(&scores, some[..5].join("\n")).unwrap();
    let mut command = compare(&second);
    command.assert().code(3);
    assert!(stderr(&mut command).contains("at least 10"));
    compare(dir.path()).assert().code(3);
    assert!(stderr(&mut compare(dir.path())).contains("no scores.csv"));
}
