//! `woofer classify` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use support::{classify, model, stderr, stdout, wav, weight_file, woofer};

const CLASSES: [&str; 10] = [
    "Barking",
    "Howling",
    "Crying",
    "CO_Smoke",
    "GlassBreaking",
    "Other",
    "Doorbell",
    "Bird",
    "Music_Instrument",
    "Laugh_Shout_Scream",
];

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_json_line_a_file_has_just_the_promised_keys() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 2.5);
    let text = stdout(classify(&model).arg(&clip).args(["--format", "jsonl"]));
    let [line] = json_lines(&text).try_into().unwrap();
    let mut keys: Vec<_> = line.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["classes", "duration_s", "error", "path", "schema_version"]);
    assert!(text.starts_with(r#"{"schema_version":1,"path":"#) && text.ends_with("\"error\":null}\n"));
    assert_eq!(line["schema_version"], 1);
    assert_eq!(line["path"], clip.to_str().unwrap());
    assert_eq!(line["duration_s"], 2.5);
    assert_eq!(line["error"], Value::Null);
    let classes = line["classes"].as_array().unwrap();
    let scores: Vec<f64> = classes.iter().map(|c| c["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|s| (0.0..=1.0).contains(s)));
    let mut labels: Vec<_> = classes.iter().map(|c| c["label"].as_str().unwrap()).collect();
    let mut expected = CLASSES.to_vec();
    labels.sort_unstable();
    expected.sort_unstable();
    assert_eq!(labels, expected);
}

#[test]
fn without_a_taxonomy_audiosets_own_names_are_scored() {
    let dir = tempfile::tempdir().unwrap();
    let clip = dir.path().join("a.wav");
    wav(&clip, 1.0);
    let file = weight_file(dir.path());
    let lines = json_lines(&stdout(classify(&file).arg(&clip).args(["-f", "jsonl"])));
    let classes = lines[0]["classes"].as_array().unwrap();
    assert_eq!(classes.len(), 527);
    assert!(classes.iter().any(|c| c["label"] == "Purr"));
    let lines = json_lines(&stdout(
        classify(&file).arg(&clip).args(["-f", "jsonl", "-t", "tomofun"]),
    ));
    assert_eq!(lines[0]["classes"].as_array().unwrap().len(), 10);
}

#[test]
fn results_stand_in_the_order_of_the_inputs_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let folder = dir.path().join("clips");
    fs::create_dir_all(folder.join("more")).unwrap();
    for (i, seconds) in [9.0, 0.2, 3.0, 0.5, 6.0].into_iter().enumerate() {
        wav(&folder.join(format!("{i}.wav")), seconds);
    }
    wav(&folder.join("more/5.wav"), 1.0);
    fs::write(folder.join("notes.txt"), "not a sound").unwrap();
    let run = |threads: &str, format: &str| {
        stdout(
            classify(&model)
                .arg(&folder)
                .args(["-r", "--threads", threads, "-f", format]),
        )
    };
    for format in ["text", "json", "jsonl", "csv"] {
        assert_eq!(run("1", format), run("3", format));
    }
    let names: Vec<String> = json_lines(&run("3", "jsonl"))
        .iter()
        .map(|line| {
            Path::new(line["path"].as_str().unwrap())
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names, ["0.wav", "1.wav", "2.wav", "3.wav", "4.wav", "5.wav"]);
}

#[test]
fn a_timeline_has_a_line_a_window_whose_mean_is_the_clips_score() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 12.0);
    let whole = json_lines(&stdout(classify(&model).arg(&clip).args(["-f", "jsonl"])));
    let windows = json_lines(&stdout(classify(&model).arg(&clip).args([
        "-f",
        "jsonl",
        "--timeline",
    ])));
    let extents: Vec<_> = windows
        .iter()
        .map(|w| (w["onset_s"].as_f64().unwrap(), w["offset_s"].as_f64().unwrap()))
        .collect();
    assert_eq!(extents, [(0.0, 5.0), (5.0, 10.0), (10.0, 12.0)]);
    let score = |line: &Value, class: &str| {
        let classes = line["classes"].as_array().unwrap();
        classes.iter().find(|c| c["label"] == class).unwrap()["score"]
            .as_f64()
            .unwrap()
    };
    for class in CLASSES {
        let mean = windows.iter().map(|w| score(w, class)).sum::<f64>() / 3.0;
        assert!((mean - score(&whole[0], class)).abs() < 2e-6, "{class}");
    }
    let text = stdout(classify(&model).arg(&clip).arg("--timeline"));
    assert!(
        text.lines().nth(2).unwrap().contains("0:00:10.00 - 0:00:12.00"),
        "{text}"
    );
}

#[test]
fn a_recording_is_heard_to_its_end_and_its_last_moment_with_what_comes_before() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    for (seconds, expected) in [
        (5.0, vec![(0.0, 5.0)]),
        (5.9, vec![(0.0, 5.9)]),
        (6.0, vec![(0.0, 5.0), (5.0, 6.0)]),
        (10.25, vec![(0.0, 5.0), (5.0, 10.25)]),
    ] {
        let clip = dir.path().join("clip.wav");
        wav(&clip, seconds);
        let timeline = ["-f", "jsonl", "--timeline"];
        let windows = json_lines(&stdout(classify(&model).arg(&clip).args(timeline)));
        let time = |window: &Value, end: &str| window[end].as_f64().unwrap();
        let extents: Vec<_> = windows
            .iter()
            .map(|window| (time(window, "onset_s"), time(window, "offset_s")))
            .collect();
        assert_eq!(extents, expected, "{seconds} s");
    }
}

#[test]
fn csv_and_json_hold_the_same_scores() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a, \"b\".wav"));
    wav(&clip, 1.0);
    let document: Value = serde_json::from_str(&stdout(
        classify(&model).arg(&clip).args(["-f", "json", "-k", "4"]),
    ))
    .unwrap();
    let text = stdout(classify(&model).arg(&clip).args(["-f", "csv", "-k", "4"]));
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        rows.headers().unwrap(),
        vec!["path", "onset_s", "offset_s", "label", "score", "error"]
    );
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    let classes = document["files"][0]["classes"].as_array().unwrap();
    assert_eq!((rows.len(), classes.len()), (4, 4));
    for (row, class) in rows.iter().zip(classes) {
        assert_eq!(&row[0], clip.to_str().unwrap());
        assert_eq!(row[3], *class["label"].as_str().unwrap());
        let score: f64 = row[4].parse().unwrap();
        assert!((score - class["score"].as_f64().unwrap()).abs() < 1e-9);
    }
}

#[test]
fn standard_input_scores_as_the_file_does() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 3.0);
    let from_file = json_lines(&stdout(classify(&model).arg(&clip).args(["-f", "jsonl"])));
    let piped = stdout(
        classify(&model)
            .args(["-", "-f", "jsonl"])
            .write_stdin(fs::read(&clip).unwrap()),
    );
    let piped = json_lines(&piped);
    assert_eq!(piped[0]["path"], "-");
    assert_eq!(piped[0]["classes"], from_file[0]["classes"]);
}

/// The program with `-` among its arguments, all of whose streams are pipes.
fn listening(model: &Path, format: &str) -> std::process::Child {
    std::process::Command::new(assert_cmd::cargo::cargo_bin!("woofer"))
        .args(["classify", "--timeline", "--format", format, "--model"])
        .arg(model)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn the_windows_of_what_still_goes_on_are_told_as_they_come() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 13.0);
    let mut sound = fs::read(&clip).unwrap();
    let seven_seconds = sound.len() * 7 / 13;
    // As a recorder that writes to a pipe has it, the length is not known.
    sound[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    // A header and ten classes in CSV.
    for (format, lines) in [("text", 1), ("jsonl", 1), ("csv", 11)] {
        let mut of_file = classify(&model);
        of_file.args(["--timeline", "--format", format]).arg(&clip);
        let expected = stdout(&mut of_file).replace(clip.to_str().unwrap(), "-");
        let expected: Vec<&str> = expected.lines().collect();

        let mut program = listening(&model, format);
        let mut sent = program.stdin.take().unwrap();
        let mut told = BufReader::new(program.stdout.take().unwrap()).lines();
        sent.write_all(&sound[..seven_seconds]).unwrap();
        sent.flush().unwrap();
        // The first window is told while the recorder still runs: were it not, this would wait for ever.
        let early: Vec<String> = told.by_ref().take(lines).map(Result::unwrap).collect();
        sent.write_all(&sound[seven_seconds..]).unwrap();
        drop(sent);
        let all: Vec<String> = early.into_iter().chain(told.map(Result::unwrap)).collect();
        assert_eq!(all, expected, "{format}");
        assert!(program.wait().unwrap().success());
    }
}

#[test]
fn nobody_who_reads_ends_the_listening() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 60.0);
    let sound = fs::read(&clip).unwrap();
    let mut program = listening(&model, "jsonl");
    let mut sent = program.stdin.take().unwrap();
    sent.write_all(&sound[..sound.len() / 4]).unwrap();
    let mut told = BufReader::new(program.stdout.take().unwrap());
    told.read_line(&mut String::new()).unwrap();
    drop(told);
    // It goes on being sent, as long as anybody takes it.
    let samples = &sound[sound.len() / 4..];
    let ended = (0..100).any(|_| sent.write_all(samples).is_err());
    assert!(ended);
    program.wait().unwrap();
}

#[test]
fn a_bad_file_among_good_ones_is_named_and_the_exit_code_is_1() {
    let dir = tempfile::tempdir().unwrap();
    let (model, good, bad) = (
        model(dir.path()),
        dir.path().join("a.wav"),
        dir.path().join("b.wav"),
    );
    wav(&good, 1.0);
    fs::write(&bad, "dear diary").unwrap();
    let mut command = classify(&model);
    command.args([&bad, &good]).args(["-f", "jsonl"]);
    command.assert().code(1);
    let lines = json_lines(&stdout(&mut command));
    let error = lines[0]["error"].as_str().unwrap();
    assert!(error.contains("b.wav") && error.contains("dear diary"), "{error}");
    assert_eq!(
        (&lines[0]["duration_s"], &lines[1]["error"]),
        (&Value::Null, &Value::Null)
    );
    assert!(stderr(&mut command).contains("1 of 2 recordings failed"));
}

#[test]
fn when_nothing_can_be_done_the_exit_code_is_3() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let missing = dir.path().join("missing.wav");
    classify(&model).arg(&missing).assert().code(3);
    let clip = dir.path().join("a.wav");
    wav(&clip, 1.0);
    for no_model in [dir.path().join("nowhere"), dir.path().to_owned(), clip.clone()] {
        let mut command = classify(&no_model);
        command.arg(&clip).assert().code(3);
        let said = stderr(&mut command);
        assert!(
            said.starts_with("error: ") && said.contains(no_model.to_str().unwrap()),
            "{said}"
        );
    }
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fs::write(empty.join("notes.txt"), "nothing to hear").unwrap();
    let mut command = classify(&model);
    command.arg(&empty).assert().code(3);
    assert!(stderr(&mut command).contains("none of the 1 files found is audio"));
}

#[test]
fn wrong_usage_is_exit_code_2_and_names_what_is_missing() {
    let mut command = woofer();
    command.args(["classify"]).assert().code(2);
    assert!(stderr(&mut command).contains("<FILE|FOLDER|->"));
    woofer()
        .args(["classify", "--model", "m", "--format", "xml", "a.wav"])
        .assert()
        .code(2);
    woofer()
        .args(["classify", "--model", "m", "--top-k", "0", "a.wav"])
        .assert()
        .code(2);
}

#[test]
fn an_output_file_is_whole_and_leaves_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 1.0);
    let results = dir.path().join("results");
    fs::create_dir(&results).unwrap();
    let file = results.join("scores.csv");
    classify(&model)
        .arg(&clip)
        .args(["-f", "csv", "-o"])
        .arg(&file)
        .assert()
        .success()
        .stdout("");
    let printed = stdout(classify(&model).arg(&clip).args(["-f", "csv"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), printed);
    assert_eq!(fs::read_dir(&results).unwrap().count(), 1);
}

#[test]
fn a_truncated_recording_is_scored_with_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let (model, clip) = (model(dir.path()), dir.path().join("a.wav"));
    wav(&clip, 4.0);
    let bytes = fs::read(&clip).unwrap();
    fs::write(&clip, &bytes[..bytes.len() / 2]).unwrap();
    let mut command = classify(&model);
    command.arg(&clip).assert().success();
    let said = stderr(&mut command);
    assert!(said.starts_with("warning: ") && said.contains("a.wav"), "{said}");
    assert_eq!(stderr(command.arg("--quiet")), "");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;

    let dir = tempfile::tempdir().unwrap();
    let (sound, pipe) = (dir.path().join("a.wav"), dir.path().join("pipe"));
    wav(&sound, 1.0);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::read_to_string(pipe).unwrap())
    };
    woofer()
        .arg("classify")
        .arg(&sound)
        .arg("-o")
        .arg(&pipe)
        .assert()
        .success();
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().contains("a.wav"));
    // What stands in for nothing stays what it is, even for somebody who may replace it.
    woofer()
        .arg("classify")
        .arg(&sound)
        .args(["-o", "/dev/null"])
        .assert()
        .success();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_read_is_named_and_the_others_are_heard() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let clips = dir.path().join("clips");
    // A path of more than 4,096 bytes cannot be read by anybody, whatever the permissions.
    let mut deep = clips.clone();
    while deep.as_os_str().len() < 3_900 {
        deep.push("d".repeat(100));
    }
    fs::create_dir_all(&deep).unwrap();
    let mut command = std::process::Command::new("mkdir");
    let made = command.arg("e".repeat(250)).current_dir(&deep).status();
    assert!(made.unwrap().success());
    wav(&clips.join("z.wav"), 1.0);
    let mut command = classify(&model);
    command.arg("-r").arg(&clips);
    let said = stderr(&mut command);
    assert!(said.contains(&"e".repeat(250)), "{said}");
    let output = command.assert().code(1);
    let text = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    assert!(text.contains("z.wav"), "{text}");
}
