//! Settings, and what the program tells of itself.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use support::{model, stderr, stdout, wav, woofer};

/// The program in a folder, without a file that `support` keeps it from finding.
fn inside(folder: &Path) -> Command {
    let mut command = woofer();
    command.current_dir(folder).env_remove("WOOFER_CONFIG");
    command
        .env("XDG_CONFIG_HOME", folder.join("of_user"))
        .env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

/// A setting and where it comes from, as `config show` has it.
fn shown(command: &mut Command, name: &str) -> (Value, String) {
    let text = stdout(command.args(["config", "show", "--all", "-f", "json"]));
    let document: Value = serde_json::from_str(&text).unwrap();
    let settings = document["settings"].as_array().unwrap();
    let setting = settings.iter().find(|s| s["setting"] == name).unwrap();
    (
        setting["value"].clone(),
        setting["from"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn an_option_wins_over_a_variable_over_the_file_over_the_default() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    model(folder);
    wav(&folder.join("a.wav"), 1.0);
    let classify = |variable: Option<&str>, option: Option<&str>| {
        let mut command = inside(folder);
        command.args(["classify", "--model", "model", "a.wav"]);
        if let Some(format) = variable {
            command.env("WOOFER_CLASSIFY_FORMAT", format);
        }
        command.args(option);
        stdout(&mut command)
    };
    let default = classify(None, None);
    assert!(default.starts_with("a.wav  "), "{default}");
    fs::write(
        folder.join("woofer.toml"),
        "[classify]\nformat = \"csv\"\ntop_k = 1\n",
    )
    .unwrap();
    let of_file = classify(None, None);
    assert!(
        of_file.starts_with("path,onset_s") && of_file.lines().count() == 2,
        "{of_file}"
    );
    let of_variable = classify(Some("jsonl"), None);
    assert!(of_variable.starts_with("{\"schema_version\""), "{of_variable}");
    let of_option = classify(Some("jsonl"), Some("--format=json"));
    assert!(of_option.contains("\"files\":["), "{of_option}");
}

#[test]
fn a_model_that_is_set_need_not_be_typed_and_is_told_from_the_files_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    fs::create_dir_all(folder.join("of_user/woofer")).unwrap();
    model(&folder.join("of_user/woofer"));
    wav(&folder.join("a.wav"), 1.0);
    // The built-in model lies in no folder.
    fs::write(folder.join("of_user/woofer/woofer.toml"), "model = \"default\"\n").unwrap();
    assert_eq!(shown(&mut inside(folder), "model").0, "default");
    fs::write(folder.join("of_user/woofer/woofer.toml"), "model = \"model\"\n").unwrap();
    inside(folder).args(["classify", "a.wav"]).assert().success();
    let (value, from) = shown(&mut inside(folder), "model");
    assert!(
        value.as_str().unwrap().ends_with("of_user/woofer/model"),
        "{value}"
    );
    assert!(from.ends_with("woofer.toml, line 1"), "{from}");
    let (value, from) = shown(inside(folder).env("WOOFER_MODEL", "other"), "model");
    assert_eq!((value, from.as_str()), ("other".into(), "WOOFER_MODEL"));
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_a_suggestion() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let file = folder.join("woofer.toml");
    for (text, parts) in [
        ("thread = 2\n", &["woofer.toml, line 1", "\"threads\""][..]),
        (
            "\n[classify]\n\nmin_scor = 0.3\n",
            &["line 4", "[classify]", "\"min_score\""],
        ),
        ("[clasify]\nformat = \"csv\"\n", &["line 1", "\"classify\""]),
        ("format = \"csv\"\n", &["line 1", "classify"]),
        ("threads = \"many\"\n", &["line 1", "many"]),
        ("[classify]\nformat = \"xml\"\n", &["line 2", "xml", "jsonl"]),
        ("[classify]\nrecursive = 3\n", &["line 2", "true and false"]),
        ("[classify]\nmin_score = [0.1, 0.2]\n", &["line 2", "one value"]),
        ("threads = {a = 1}\n", &["line 1", "threads"]),
        ("threads = \n", &["woofer.toml"]),
    ] {
        fs::write(&file, text).unwrap();
        let mut check = inside(folder);
        check.args(["config", "check"]);
        let said = stderr(&mut check);
        check.assert().code(1);
        for part in parts {
            assert!(said.contains(part), "{text}: {part}: {said}");
        }
        // No command goes on with a file that is wrong, but help is always given.
        let mut list = inside(folder);
        list.args(["taxonomy", "list"]).assert().code(2);
        inside(folder).args(["classify", "--help"]).assert().success();
    }
    fs::write(
        &file,
        "threads = 2\n[classify]\nclass = [\"Bird\", \"Crying\"]\nrecursive = true\n",
    )
    .unwrap();
    inside(folder).args(["config", "check"]).assert().success();
    let (value, _) = shown(&mut inside(folder), "classify.class");
    assert_eq!(value, "Bird, Crying");
}

#[test]
fn of_two_settings_that_exclude_each_other_the_stronger_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    model(folder);
    wav(&folder.join("a.wav"), 6.0);
    let classify = |file: &str, variable: (&str, &str), options: &[&str]| {
        fs::write(folder.join("woofer.toml"), file).unwrap();
        let mut command = inside(folder);
        command.env(variable.0, variable.1);
        command
            .args(["classify", "--model", "model", "a.wav"])
            .args(options);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{file}: {variable:?}: {options:?}: {said}"
        );
        (String::from_utf8(output.stdout).unwrap(), said)
    };
    let nothing = ("WOOFER_CLASSIFY_FORMAT", "text");
    let (timeline, _) = classify("", nothing, &["--timeline"]);
    let (summary, _) = classify("", nothing, &["--summary"]);
    assert_ne!(timeline, summary);
    // An option over the file and over a variable, a variable over the file; a switch that is off excludes nothing.
    let summary_in_file = "[classify]\nsummary = true\n";
    let timeline_in_file = "[classify]\ntimeline = true\n";
    for (file, variable, options, expected) in [
        (summary_in_file, nothing, &["--timeline"][..], &timeline),
        (timeline_in_file, nothing, &["--summary"], &summary),
        (
            "",
            ("WOOFER_CLASSIFY_SUMMARY", "true"),
            &["--timeline"],
            &timeline,
        ),
        (
            "",
            ("WOOFER_CLASSIFY_SUMMARY", "false"),
            &["--timeline"],
            &timeline,
        ),
        (
            summary_in_file,
            ("WOOFER_CLASSIFY_TIMELINE", "true"),
            &[],
            &timeline,
        ),
        (
            timeline_in_file,
            ("WOOFER_CLASSIFY_SUMMARY", "true"),
            &[],
            &summary,
        ),
        (
            timeline_in_file,
            ("WOOFER_CLASSIFY_SUMMARY", "false"),
            &[],
            &timeline,
        ),
        (
            timeline_in_file,
            ("WOOFER_CLASSIFY_SUMMARY", "true"),
            &["--timeline"],
            &timeline,
        ),
    ] {
        let (found, _) = classify(file, variable, options);
        assert_eq!(&found, expected, "{file}: {variable:?}: {options:?}");
    }
    // This model has no thresholds for a mode, and says so where one is in force.
    classify("[classify]\nmode = \"quiet\"\n", nothing, &["--min-score", "0"]);
    classify("", ("WOOFER_CLASSIFY_MODE", "quiet"), &["--min-score", "0"]);
    let (_, said) = classify("quiet = true\n", nothing, &["-v"]);
    assert!(said.contains("info: model"), "{said}");
    let shown = {
        fs::write(folder.join("woofer.toml"), "[classify]\nmin_score = 0.3\n").unwrap();
        let mut command = inside(folder);
        command.env("WOOFER_CLASSIFY_MODE", "quiet");
        stdout(command.args(["config", "show"]))
    };
    assert!(
        shown.contains("classify.mode") && !shown.contains("min_score"),
        "{shown}"
    );
}

#[test]
fn a_mode_that_is_typed_takes_the_place_of_a_least_score_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    wav(&folder.join("a.wav"), 1.0);
    let mut classify = inside(folder);
    classify.args(["classify", "--mode", "quiet", "-f", "csv", "a.wav"]);
    let without = stdout(&mut classify);
    fs::write(folder.join("woofer.toml"), "[classify]\nmin_score = 0.0\n").unwrap();
    assert_eq!(stdout(&mut classify), without);
}

#[test]
fn two_settings_of_one_source_that_exclude_each_other_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let file = folder.join("woofer.toml");
    for (text, parts) in [
        (
            "[classify]\nmode = \"quiet\"\nthreads = 2\nmin_score = 0.3\n",
            &["line 4", "min_score and mode (line 2) exclude"][..],
        ),
        (
            "[classify]\nsummary = true\ntimeline = true\n",
            &["timeline and summary"],
        ),
        ("quiet = true\nverbose = true\n", &["verbose and quiet"]),
        (
            "[serve]\nhost = \"::1\"\ncheck = \"a.wav\"\n",
            &["check and host"],
        ),
    ] {
        fs::write(&file, text).unwrap();
        let mut check = inside(folder);
        check.args(["config", "check"]);
        let said = stderr(&mut check);
        check.assert().code(1);
        inside(folder).args(["taxonomy", "list"]).assert().code(2);
        for part in parts {
            assert!(said.contains(part), "{text}: {part}: {said}");
        }
    }
    // A switch that is off excludes nothing.
    fs::write(&file, "[classify]\nsummary = true\ntimeline = false\n").unwrap();
    inside(folder).args(["config", "check"]).assert().success();
    fs::remove_file(&file).unwrap();
    for arguments in [&["classify", "a.wav"][..], &["config", "check"]] {
        let mut command = inside(folder);
        command.env("WOOFER_CLASSIFY_MODE", "quiet");
        command.env("WOOFER_CLASSIFY_MIN_SCORE", "0.3").args(arguments);
        let said = stderr(&mut command);
        assert!(
            said.contains("WOOFER_CLASSIFY_MIN_SCORE and WOOFER_CLASSIFY_MODE exclude each other"),
            "{said}"
        );
        command
            .assert()
            .code(if arguments[0] == "config" { 1 } else { 2 });
    }
}

#[test]
fn a_variable_with_a_bad_value_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (name, value, part) in [
        ("WOOFER_MODEL", "", "is set and empty"),
        ("WOOFER_THREADS", "x", "invalid value 'x'"),
        ("WOOFER_CLASSIFY_MIN_SCORE", "7", "from 0 to 1"),
        ("WOOFER_CLASSIFY_SUMMARY", "yes", "true and false"),
    ] {
        let mut command = inside(dir.path());
        command.env(name, value).args(["classify", "a.wav"]);
        let said = stderr(&mut command);
        assert!(
            said.starts_with(&format!("error: {name}: ")) && said.contains(part),
            "{said}"
        );
        command.assert().code(2);
        // What another command would take is not judged, nor what is typed anyway, nor help refused.
        for arguments in [&["taxonomy", "list"][..], &["classify", "--help"]] {
            inside(dir.path())
                .env(name, value)
                .args(arguments)
                .assert()
                .success();
        }
    }
    let mut typed = inside(dir.path());
    typed
        .env("WOOFER_THREADS", "x")
        .args(["classify", "--threads", "1", "a.wav"]);
    assert!(!stderr(&mut typed).contains("WOOFER_THREADS"));
}

#[test]
fn a_variable_that_is_none_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = inside(dir.path());
    command.env("WOOFER_THREDS", "2").args(["config", "check"]);
    let said = stderr(&mut command);
    assert!(said.contains("did you mean \"WOOFER_THREADS\"?"), "{said}");
    command.assert().code(1);
}

#[test]
fn a_named_file_has_to_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = inside(dir.path());
    command.args(["--config", "nowhere.toml", "taxonomy", "list"]);
    assert!(stderr(&mut command).contains("nowhere.toml"));
    command.assert().code(2);
    fs::write(dir.path().join("mine.toml"), "").unwrap();
    let mut command = inside(dir.path());
    command
        .args(["taxonomy", "list", "--config", "mine.toml"])
        .assert()
        .success();
}

#[test]
fn secrets_are_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("woofer.toml"),
        "model = \"rtsp://me:word@camera/1\"\n",
    )
    .unwrap();
    let text = stdout(inside(dir.path()).args(["config", "show"]));
    assert!(text.contains("(hidden)") && !text.contains("word"), "{text}");
}

#[test]
fn the_program_tells_its_commit_its_completions_and_its_manual() {
    let dir = tempfile::tempdir().unwrap();
    let short = stdout(woofer().arg("-V"));
    assert!(short.starts_with("woofer 0."), "{short}");
    let long = stdout(woofer().arg("--version"));
    for part in ["commit: ", "features: ", "built for: "] {
        assert!(long.contains(part), "{long}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(woofer().args(["completions", shell]));
        assert!(
            script.contains("min-score") && script.contains("spectrogram"),
            "{shell}"
        );
    }
    woofer()
        .args(["man", "-o"])
        .arg(dir.path().join("man"))
        .assert()
        .success();
    let page = fs::read_to_string(dir.path().join("man/woofer-classify.1")).unwrap();
    assert!(
        page.contains(".TH woofer-classify 1") && page.contains("raven"),
        "{page}"
    );
}

#[test]
fn the_doctor_tries_the_model_and_measures() {
    let dir = tempfile::tempdir().unwrap();
    let path = model(dir.path());
    let doctor = |model: &Path| {
        let mut command = inside(dir.path());
        command
            .args(["doctor", "-f", "json", "--threads", "1", "--model"])
            .arg(model);
        let output = command.output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap().clone();
        (output.status.code(), checks)
    };
    let find = |checks: &[Value], what: &str| checks.iter().find(|c| c["what"] == what).cloned();
    let (code, checks) = doctor(&path);
    assert_eq!(code, Some(0), "{checks:?}");
    let speed = find(&checks, "file to scores").unwrap();
    assert_eq!(speed["state"], "ok");
    assert!(
        speed["found"].as_str().unwrap().contains("times real time"),
        "{speed}"
    );
    fs::write(path.join("model.toml"), "nonsense").unwrap();
    let (code, checks) = doctor(&path);
    assert_eq!(code, Some(1));
    assert_eq!(find(&checks, "model").unwrap()["state"], "wrong");
    assert!(find(&checks, "file to scores").is_none());
}
