//! Options of `woofer classify` that make no sense together, or here.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use support::{model, stderr, stdout, wav, weight_file, woofer};

/// `woofer classify` in a folder with `a.wav` and `model`, which takes its settings from `woofer.toml` there.
fn classify(folder: &Path, args: &[&str]) -> Command {
    let mut command = woofer();
    command.current_dir(folder).env_remove("WOOFER_CONFIG");
    command.env("XDG_CONFIG_HOME", folder.join("of_user"));
    command.args(["classify", "--model", "model"]).args(args);
    command
}

#[test]
fn what_makes_no_sense_together_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    model(dir.path());
    wav(&dir.path().join("a.wav"), 1.0);
    for (args, part) in [
        (
            &["--timeline", "-f", "raven", "a.wav"][..],
            "--timeline prints windows",
        ),
        (&["--summary", "-f", "csv", "a.wav"], "give --output FILE"),
        (&["-", "-"], "only once"),
        (&["--segments", "found", "-"], "a second time"),
    ] {
        let mut command = classify(dir.path(), args);
        let said = stderr(&mut command);
        assert!(
            said.starts_with("error: ") && said.contains(part),
            "{args:?}: {said}"
        );
        command.assert().code(2).stdout("");
    }
    assert!(!dir.path().join("found").exists());
}

#[test]
fn of_a_format_and_what_it_cannot_hold_the_one_that_is_typed_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    model(dir.path());
    wav(&dir.path().join("a.wav"), 6.0);
    let file = dir.path().join("woofer.toml");
    for (typed, others) in [
        (&["--timeline"][..], "format = \"raven\""),
        (&["-f", "raven"], "timeline = true"),
        (&["--summary"], "format = \"csv\""),
        (&["-f", "csv"], "summary = true"),
    ] {
        let args: Vec<&str> = ["a.wav"].iter().chain(typed).copied().collect();
        let _ = fs::remove_file(&file);
        let alone = stdout(&mut classify(dir.path(), &args));
        assert!(!alone.is_empty());
        fs::write(&file, format!("[classify]\n{others}\n")).unwrap();
        assert_eq!(
            stdout(&mut classify(dir.path(), &args)),
            alone,
            "{typed:?}: {others}"
        );
    }
    fs::write(&file, "[classify]\nformat = \"csv\"\nsummary = true\n").unwrap();
    classify(dir.path(), &["a.wav"]).assert().code(2);
}

#[test]
fn a_mode_without_thresholds_says_whose_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    wav(&dir.path().join("a.wav"), 1.0);
    let mut of_labels = woofer();
    of_labels.current_dir(dir.path());
    of_labels.args(["classify", "--names", "audioset", "--mode", "quiet", "a.wav"]);
    let said = stderr(&mut of_labels);
    assert!(
        said.contains("the labels of AudioSet") && !said.contains("default has"),
        "{said}"
    );
    let mut of_model = woofer();
    of_model.args(["classify", "--mode", "quiet", "a.wav", "--model"]);
    of_model.current_dir(dir.path()).arg(weight_file(dir.path()));
    assert!(stderr(&mut of_model).contains("mn01.safetensors has no thresholds of its own"));
}
