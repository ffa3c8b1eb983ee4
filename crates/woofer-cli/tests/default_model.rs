//! The model that is part of the program, as a person meets it: with no flag and nothing to fetch.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{model, stderr, stdout, woofer};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example_sounds() -> PathBuf {
    repository().join("testdata/sounds")
}

#[test]
fn a_fresh_clone_names_the_example_sounds() {
    let text = stdout(
        woofer()
            .args(["classify", "--format", "jsonl"])
            .arg(example_sounds()),
    );
    let mut named: Vec<(String, String)> = text
        .lines()
        .map(|line| {
            let file: Value = serde_json::from_str(line).unwrap();
            let path = PathBuf::from(file["path"].as_str().unwrap());
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, file["classes"][0]["label"].as_str().unwrap().to_owned())
        })
        .collect();
    named.sort();
    let expected = [
        ("door_chime", "Doorbell"),
        ("noise", "Other"),
        ("smoke_alarm", "CO_Smoke"),
    ];
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(name, class)| ((*name).to_owned(), (*class).to_owned()))
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn an_alarm_in_one_window_of_six_is_not_averaged_away() {
    let five_seconds = |name: &str| {
        let clip = woofer::audio::read_clip(&example_sounds().join(name), 60.0).unwrap();
        let samples = clip.samples.into_iter().take(5 * clip.rate_hz as usize);
        (samples.collect::<Vec<f32>>(), clip.rate_hz)
    };
    let (noise, rate_hz) = five_seconds("noise.flac");
    let (alarm, alarm_hz) = five_seconds("smoke_alarm.flac");
    assert_eq!(rate_hz, alarm_hz);
    let dir = tempfile::tempdir().unwrap();
    let recording = dir.path().join("night.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&recording, spec).unwrap();
    for sample in noise.repeat(5).into_iter().chain(alarm) {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    let best = |model: &Path| {
        let mut command = woofer();
        command
            .args(["classify", "--format", "jsonl", "--model"])
            .arg(model);
        let file: Value = serde_json::from_str(&stdout(command.arg(&recording))).unwrap();
        file["classes"][0]["label"].as_str().unwrap().to_owned()
    };
    assert_eq!(best(Path::new("default")), "CO_Smoke");
    // The same model, in which all windows count the same.
    let even = dir.path().join("even");
    fs::create_dir(&even).unwrap();
    let built_in = repository().join("models/default");
    fs::copy(built_in.join("model.safetensors"), even.join("model.safetensors")).unwrap();
    let description = fs::read_to_string(built_in.join("model.toml")).unwrap();
    let lines = description.lines().filter(|line| *line != "rest_weight = 0.17");
    let without: Vec<&str> = lines.collect();
    assert!(without.len() < description.lines().count());
    fs::write(even.join("model.toml"), without.join("\n")).unwrap();
    assert_eq!(best(&even), "Other");
}

#[test]
fn what_a_part_of_a_model_scores_is_not_guessed() {
    let built_in = repository().join("models/default");
    let dir = tempfile::tempdir().unwrap();
    let alone = dir.path().join("alone.safetensors");
    fs::copy(built_in.join("model.safetensors"), &alone).unwrap();
    let sounds = dir.path().join("mine");
    for class in ["bell", "door"] {
        fs::create_dir_all(sounds.join(class)).unwrap();
    }
    let mine = dir.path().join("mine.toml");
    let described = stdout(woofer().args(["taxonomy", "new"]).arg(&sounds));
    fs::write(&mine, described).unwrap();
    let refused = |model: &Path, more: &[&Path], part: &str| {
        let mut command = woofer();
        command.args(["classify", "--model"]).arg(model).args(more);
        command.arg(example_sounds().join("noise.flac"));
        command.assert().code(3).stdout("");
        let said = stderr(&mut command);
        assert!(said.contains(part), "{part}: {said}");
    };
    for file in ["model.toml", "model.safetensors"] {
        refused(&built_in.join(file), &[], "models/default; give that folder");
    }
    refused(&alone, &[], "scores 15 labels that it was trained for");
    let taxonomy = [Path::new("--taxonomy"), &mine];
    refused(&alone, &taxonomy, "the taxonomy \"mine\" has 2");
    // The labels it was trained for may be said.
    let mut told = woofer();
    told.args(["classify", "--taxonomy", "tomofun", "--model"])
        .arg(&alone);
    assert!(stdout(told.arg(example_sounds().join("smoke_alarm.flac"))).contains("CO_Smoke"));
    let mut verified = woofer();
    verified
        .args(["model", "verify"])
        .arg(built_in.join("model.toml"));
    verified.assert().failure();
    assert!(stderr(&mut verified).contains("give its folder"));
}

#[test]
fn the_built_in_model_is_whole_small_and_tells_what_it_is() {
    let folder = repository().join("models/default");
    let bytes = fs::metadata(folder.join("model.safetensors")).unwrap().len();
    assert!(bytes < 3 << 20, "{bytes}");
    for model in [Path::new("default"), &folder] {
        let text = stdout(woofer().args(["model", "verify"]).arg(model));
        assert!(text.contains("whole and running"), "{text}");
    }
    let text = stdout(woofer().args(["model", "info"]));
    for part in [
        "AudioSet mapping",
        "without late reverberation",
        "modes",
        "CO_Smoke 10 s",
        "## Data",
        "## What it is bad at",
        "EfficientAT",
        "Permission is hereby granted",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let description: Value =
        serde_json::from_str(&stdout(woofer().args(["model", "info", "--json"]))).unwrap();
    assert_eq!(description["name"], "default");
    let classes = description["taxonomy"]["class"].as_array().unwrap();
    let thresholds = |mode: &str, class: &str| description["thresholds"][mode][class].as_f64();
    for class in classes.iter().map(|class| class["name"].as_str().unwrap()) {
        let of_modes = ["sensitive", "balanced", "quiet"].map(|mode| thresholds(mode, class));
        if class == "Other" {
            assert_eq!(of_modes, [None; 3]);
        } else {
            assert!(
                of_modes.is_sorted() && of_modes[0].is_some(),
                "{class} {of_modes:?}"
            );
        }
    }
}

#[test]
fn a_mode_leaves_out_what_the_models_own_thresholds_do() {
    let alarm = example_sounds().join("smoke_alarm.flac");
    let told = |arguments: &[&str]| {
        let text = stdout(
            woofer()
                .args(["classify", "--format", "json", "-k", "10"])
                .args(arguments)
                .arg(&alarm),
        );
        let found: Value = serde_json::from_str(&text).unwrap();
        let classes = found["files"][0]["classes"].as_array().unwrap().clone();
        classes
            .iter()
            .map(|class| class["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&[]).len(), 10);
    let sensitive = told(&["--mode", "sensitive"]);
    assert!(
        sensitive.contains(&"CO_Smoke".to_owned()) && sensitive.len() < 4,
        "{sensitive:?}"
    );
    let said = stderr(woofer().args(["classify", "--mode", "loud"]).arg(&alarm));
    assert!(said.contains("sensitive, balanced and quiet"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let untrained = model(dir.path());
    let mut other = woofer();
    other
        .args(["classify", "--mode", "quiet", "--model"])
        .arg(&untrained)
        .arg(&alarm);
    assert!(stderr(&mut other).contains("has no thresholds of its own; give --min-score"));
}

#[test]
fn it_serves_exports_and_cannot_be_shadowed() {
    let dir = tempfile::tempdir().unwrap();
    let alarm = example_sounds().join("smoke_alarm.flac");
    let mut check = woofer();
    check
        .env("WOOFER_OPT_ML", dir.path())
        .args(["serve", "--check"])
        .arg(&alarm);
    let served: Value = serde_json::from_str(&stdout(&mut check)).unwrap();
    assert_eq!(served["label"], 3);
    let onnx = dir.path().join("default.onnx");
    woofer()
        .args(["model", "export", "default", "--onnx"])
        .arg(&onnx)
        .assert()
        .success();
    assert!(fs::metadata(&onnx).unwrap().len() > 1 << 20);
    // A folder of the same name is another thing, and none is written under the name.
    fs::create_dir(dir.path().join("default")).unwrap();
    woofer()
        .current_dir(dir.path())
        .args(["model", "verify", "default"])
        .assert()
        .success();
    let file = support::weight_file(dir.path());
    let mut import = woofer();
    import
        .current_dir(dir.path())
        .args(["model", "import", "-o", "default"])
        .arg(&file);
    import.assert().code(3);
    assert!(stderr(&mut import).contains("./default"));
}

#[test]
fn another_taxonomy_is_refused_by_name() {
    let mut command = woofer();
    let taxonomy = two_classes();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.toml");
    fs::write(&path, taxonomy).unwrap();
    command
        .args(["classify", "--taxonomy"])
        .arg(&path)
        .arg(example_sounds());
    command.assert().code(3);
    let said = stderr(&mut command);
    assert!(said.contains("default") && said.contains("\"tomofun\""), "{said}");
}

#[test]
fn its_backbone_still_names_what_it_hears_as_audioset_does() {
    let alarm = example_sounds().join("smoke_alarm.flac");
    let best = |arguments: &[&str]| {
        let mut command = woofer();
        command
            .args(["classify", "--names", "audioset", "--format", "json"])
            .args(arguments)
            .arg(&alarm);
        let found: Value = serde_json::from_str(&stdout(&mut command)).unwrap();
        let classes = &found["files"][0]["classes"];
        (classes[0]["label"].clone(), classes.as_array().unwrap().len())
    };
    let (label, labels) = best(&[]);
    assert!(
        label == "Smoke detector, smoke alarm" || label == "Beep, bleep",
        "{label}"
    );
    assert_eq!(labels, 527);
    assert_eq!(best(&["--taxonomy", "tomofun"]), ("CO_Smoke".into(), 10));
}

#[test]
fn models_and_weight_files_name_audioset_labels() {
    let dir = tempfile::tempdir().unwrap();
    let untrained = model(dir.path());
    let file = support::weight_file(dir.path());
    for path in [&untrained, &file] {
        let mut command = woofer();
        command
            .args(["classify", "--names", "audioset", "--model"])
            .arg(path)
            .arg(example_sounds());
        command.assert().success();
    }
}

fn two_classes() -> &'static str {
    "schema_version = 1\nname = \"two\"\n[[class]]\nname = \"a\"\ncolor = \"#d95f02\"\nfine = [{ name = \"a\" }]\n\
     [[class]]\nname = \"b\"\ncolor = \"#d95f02\"\nfine = [{ name = \"b\" }]\n"
}

/// A copy of the built-in model whose thresholds are raised by recordings, as its description in JSON, and what was said.
fn tuned(folder: &Path, arguments: &[&str], recordings: &[PathBuf]) -> (Value, String) {
    let home = folder.join("home");
    let mut command = woofer();
    command
        .args(["model", "tune", "--force", "-o"])
        .arg(&home)
        .args(arguments)
        .args(recordings);
    let said = stdout(&mut command);
    let description = stdout(woofer().args(["model", "info", "--json"]).arg(&home));
    (serde_json::from_str(&description).unwrap(), said)
}

/// Where `classify` hears a class loudest in a recording, in seconds.
fn loudest_window(recording: &Path, class: &str) -> f64 {
    let mut classify = woofer();
    classify
        .args(["classify", "--timeline", "--format", "json"])
        .arg(recording);
    let found: Value = serde_json::from_str(&stdout(&mut classify)).unwrap();
    let windows = found["files"][0]["windows"].as_array().unwrap();
    let score = |window: &Value| {
        let classes = window["classes"].as_array().unwrap();
        let of_class = classes.iter().find(|scored| scored["label"] == class);
        of_class.unwrap()["score"].as_f64().unwrap()
    };
    let loudest = windows.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
    loudest.unwrap()["onset_s"].as_f64().unwrap()
}

#[test]
fn ordinary_hours_raise_the_thresholds_of_what_is_heard_in_them() {
    let dir = tempfile::tempdir().unwrap();
    let alarm = [example_sounds().join("smoke_alarm.flac")];
    let (before, said) = tuned(dir.path(), &[], &[example_sounds().join("noise.flac")]);
    assert!(said.contains("no threshold had to be raised"), "{said}");
    let (after, said) = tuned(dir.path(), &[], &alarm);
    let mut others = after["thresholds"].clone();
    for mode in ["balanced", "quiet"] {
        let [was, is] = [&before, &after].map(|d| d["thresholds"][mode]["CO_Smoke"].as_f64().unwrap());
        assert!(is > was && is < 1.0, "{mode} {was} {is}");
        assert!(said.contains(&format!("CO_Smoke  {mode}")), "{said}");
        others[mode]["CO_Smoke"] = was.into();
    }
    assert_eq!(others, before["thresholds"]);
    let onset_s = loudest_window(&alarm[0], "CO_Smoke");
    assert!(
        said.contains(&format!("smoke_alarm.flac at 0:00:{onset_s:05.2}")),
        "{onset_s} {said}"
    );
    for key in ["weights", "temperature", "training"] {
        assert_eq!(after[key], before[key]);
    }

    let home = dir.path().join("home");
    let mut verify = woofer();
    assert!(stdout(verify.args(["model", "verify"]).arg(&home)).contains("whole and running"));
    let card = fs::read_to_string(home.join("README.md")).unwrap();
    assert!(
        card.contains("## Thresholds at home") && card.contains("CO_Smoke in balanced mode from"),
        "{card}"
    );
    assert!(fs::metadata(home.join("metrics.json")).unwrap().len() > 1000);
    let mut events = woofer();
    events
        .args(["classify", "--summary", "--format", "json", "--model"])
        .arg(&home)
        .args(&alarm);
    let found: Value = serde_json::from_str(&stdout(&mut events)).unwrap();
    let classes = found["classes"].as_array().unwrap();
    let alarms = classes.iter().find(|class| class["label"] == "CO_Smoke").unwrap();
    assert_eq!(alarms["events"], 0);

    // Only the class that is named.
    let (other, said) = tuned(dir.path(), &["--class", "barking"], &alarm);
    assert_eq!(other["thresholds"], before["thresholds"], "{said}");
}

#[test]
fn a_model_is_not_tuned_by_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("home");
    let text = dir.path().join("text.wav");
    fs::write(&text, "no sound").unwrap();
    let untrained = model(dir.path());
    let noise = example_sounds().join("noise.flac");
    let refused = |arguments: &[&str], recording: &Path, code: i32, part: &str| {
        let mut command = woofer();
        command
            .args(["model", "tune", "-o"])
            .arg(&output)
            .args(arguments)
            .arg(recording);
        command.assert().code(code);
        let said = stderr(&mut command);
        assert!(said.contains(part), "{part}: {said}");
        assert!(!output.exists());
    };
    refused(&[], &text, 3, "no model is written");
    refused(&["--class", "Meowing"], &noise, 3, "there are: Barking, Howling");
    refused(&["--per-hour", "-1"], &noise, 2, "0 to 3600 events an hour");
    refused(
        &["--model", untrained.to_str().unwrap()],
        &noise,
        3,
        "has no thresholds that could be raised",
    );
    let published = support::weight_file(dir.path());
    refused(
        &["--model", published.to_str().unwrap()],
        &noise,
        3,
        "has no thresholds that could be raised",
    );
    // Before anything is heard: what stands there is no model.
    fs::create_dir(&output).unwrap();
    fs::write(output.join("notes"), "kept").unwrap();
    let mut occupied = woofer();
    occupied
        .args(["model", "tune", "--force", "-o"])
        .arg(&output)
        .arg(dir.path().join("gone.wav"));
    occupied.assert().code(3);
    assert!(stderr(&mut occupied).contains("something else is there"));
    fs::remove_dir_all(&output).unwrap();
    // What could be heard counts, and the rest is told.
    let mut some = woofer();
    some.args(["model", "tune", "-o"])
        .arg(&output)
        .arg(&noise)
        .arg(&text)
        .assert()
        .code(1);
    assert!(output.join("model.toml").is_file());
    let mut again = woofer();
    again
        .args(["model", "tune", "-o"])
        .arg(&output)
        .arg(&noise)
        .assert()
        .code(3);
    assert!(stderr(&mut again).contains("--force"));
}
