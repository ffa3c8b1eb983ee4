//! Events and pictures of recordings, as a person asks for them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use support::{model, stderr, stdout, tone, wav, woofer};

/// A folder with a model and two recordings, 12.5 and 3 seconds long.
struct Bench {
    folder: tempfile::TempDir,
    model: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = model(folder.path());
        fs::create_dir(folder.path().join("clips")).unwrap();
        // Five seconds in the middle sound other than what is around them.
        tone(
            &folder.path().join("clips/long.wav"),
            12.5,
            |second| match second {
                5..10 => 150.0,
                _ => 3_000.0 + 500.0 * f64::from(second % 5),
            },
        );
        wav(&folder.path().join("clips/short.wav"), 3.0);
        Self { folder, model }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `woofer classify` on both recordings.
    fn classify(&self, more: &[&str]) -> Command {
        let mut command = woofer();
        command.arg("classify").arg("--model").arg(&self.model);
        command.arg(self.path("clips")).args(more);
        command
    }

    /// The scores of each window of the long recording, by class.
    fn windows(&self) -> Vec<(f64, f64, Value)> {
        let mut command = woofer();
        command.arg("classify").arg("--model").arg(&self.model);
        command
            .arg(self.path("clips/long.wav"))
            .args(["--timeline", "-f", "jsonl"]);
        let text = stdout(&mut command);
        let line = |line: &str| {
            let window: Value = serde_json::from_str(line).unwrap();
            let at = |key: &str| window[key].as_f64().unwrap();
            (at("onset_s"), at("offset_s"), window["classes"].clone())
        };
        text.lines().map(line).collect()
    }

    /// A class and a score that the first and the last window of the long recording reach, and the one between them does not.
    fn dip(&self) -> (String, f64) {
        self.split(1.0)
    }

    /// A class and a score that only the window in the middle of the long recording reaches.
    fn peak(&self) -> (String, f64) {
        self.split(-1.0)
    }

    fn split(&self, sign: f64) -> (String, f64) {
        let windows = self.windows();
        assert_eq!(windows.len(), 3);
        for class in windows[0].2.as_array().unwrap() {
            let label = class["label"].as_str().unwrap();
            let score = |w: &(f64, f64, Value)| {
                let classes = w.2.as_array().unwrap();
                classes.iter().find(|c| c["label"] == label).unwrap()["score"]
                    .as_f64()
                    .unwrap()
                    * sign
            };
            let scores: Vec<f64> = windows.iter().map(score).collect();
            if scores[0] > scores[1] + 1e-4 && scores[2] > scores[1] + 1e-4 {
                return (
                    label.to_owned(),
                    sign * f64::midpoint(scores[1], scores[0].min(scores[2])),
                );
            }
        }
        panic!("no class is apart in the middle: {windows:?}")
    }
}

fn lines(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_raven_table_has_a_row_an_event_with_times_in_the_row_of_files() {
    let bench = Bench::new();
    let table = stdout(&mut bench.classify(&["-f", "raven", "--min-score", "0", "-c", "barking"]));
    let rows = lines(&table);
    assert_eq!(
        rows[0].join("|"),
        "Selection|View|Channel|Begin Time (s)|End Time (s)|Low Freq (Hz)|High Freq (Hz)|Begin Path|File Offset (s)|Class|Score"
    );
    assert_eq!(rows.len(), 3);
    // 12.5 s of 16 kHz, then 3 s.
    assert_eq!(
        rows[1][..7],
        ["1", "Spectrogram 1", "1", "0.000", "12.500", "0.0", "8000.0"]
    );
    assert_eq!(rows[2][..5], ["2", "Spectrogram 1", "1", "12.500", "15.500"]);
    assert!(rows[2][7].ends_with("short.wav") && rows[2][8] == "0.000" && rows[2][9] == "Barking");
}

#[test]
fn windows_over_the_score_are_events_and_those_below_part_them() {
    let bench = Bench::new();
    let (class, score) = bench.dip();
    let track = |gap: &str| {
        let mut command = woofer();
        command.arg("classify").arg("--model").arg(&bench.model);
        command.arg(bench.path("clips/long.wav"));
        command.args(["-f", "audacity", "-c", &class, "--max-gap", gap]);
        command.args(["--min-score", &score.to_string()]);
        let text = stdout(&mut command);
        let times = |row: &Vec<String>| (row[0].clone(), row[1].clone());
        assert!(
            lines(&text).iter().all(|row| row[2].starts_with(&class)),
            "{text}"
        );
        lines(&text).iter().map(times).collect::<Vec<_>>()
    };
    let times = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    };
    assert_eq!(
        track("0"),
        times(&[("0.000000", "5.000000"), ("10.000000", "12.500000")])
    );
    assert_eq!(track("5"), times(&[("0.000000", "12.500000")]));
}

#[test]
fn what_lasts_too_short_is_no_event_where_the_recording_goes_on() {
    let bench = Bench::new();
    let track = |(class, score): &(String, f64), more: &[&str]| {
        let mut command = woofer();
        command.arg("classify").arg("--model").arg(&bench.model);
        command.arg(bench.path("clips/long.wav"));
        command.args(["-f", "audacity", "-c", class, "--min-score", &score.to_string()]);
        let text = stdout(command.args(more));
        let times = |row: &Vec<String>| format!("{} {}", row[0], row[1]);
        lines(&text).iter().map(times).collect::<Vec<_>>()
    };
    let peak = bench.peak();
    let middle = "5.000000 10.000000";
    assert_eq!(track(&peak, &["--min-event", "0"]), [middle]);
    assert_eq!(track(&peak, &["--min-event", "5"]), [middle]);
    assert!(track(&peak, &["--min-event", "5.5"]).is_empty());
    // Nobody knows how long what is cut by the recording's ends has lasted.
    assert_eq!(track(&bench.dip(), &["--min-event", "60"]).len(), 2);

    // What a class of the model's taxonomy asks for holds where nothing else is said.
    let description = bench.model.join("model.toml");
    let text = fs::read_to_string(&description).unwrap();
    let class = format!("name = \"{}\"\ncolor", peak.0);
    let (before, after) = text.split_once(&class).unwrap();
    let after = after.replacen("min_event_s = 10.0\n", "", usize::from(peak.0 == "CO_Smoke"));
    let lasting = format!("name = \"{}\"\nmin_event_s = 7.5\ncolor", peak.0);
    fs::write(&description, format!("{before}{lasting}{after}")).unwrap();
    assert!(track(&peak, &[]).is_empty());
    assert_eq!(track(&peak, &["--min-event", "0"]), [middle]);
}

#[test]
fn label_tracks_of_several_recordings_go_into_a_folder() {
    let bench = Bench::new();
    let said = stderr(&mut bench.classify(&["-f", "audacity"]));
    assert!(said.contains("--output FOLDER"), "{said}");
    let folder = bench.path("labels");
    let mut command = bench.classify(&["-f", "audacity", "--min-score", "0", "-c", "Bird", "-o"]);
    command.arg(&folder).assert().success();
    let text = fs::read_to_string(folder.join("short.txt")).unwrap();
    assert!(text.starts_with("0.000000\t3.000000\tBird "), "{text}");
    assert!(folder.join("long.txt").is_file());
}

#[test]
fn parquet_holds_the_rows_of_csv() {
    let bench = Bench::new();
    fs::write(bench.path("clips/broken.wav"), b"").unwrap();
    let (table, columns) = (bench.path("scores.parquet"), bench.path("scores.csv"));
    for (format, path) in [("parquet", &table), ("csv", &columns)] {
        bench.classify(&["-f", format, "-o"]).arg(path).assert().code(1);
    }
    let mut csv = csv::Reader::from_path(&columns).unwrap();
    let expected: Vec<Vec<String>> = csv
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(expected.len(), 21);
    let reader = SerializedFileReader::new(File::open(&table).unwrap()).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 21);
    for (row, expected) in reader.get_row_iter(None).unwrap().zip(&expected) {
        let row = row.unwrap();
        for (i, (_, field)) in row.get_column_iter().enumerate() {
            match field {
                Field::Null => assert_eq!(expected[i], ""),
                Field::Str(text) => assert_eq!(*text, expected[i]),
                Field::Double(time) => {
                    assert!((time - expected[i].parse::<f64>().unwrap()).abs() < 1e-3);
                }
                Field::Float(score) => assert_eq!(score.to_string(), expected[i]),
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn segments_are_the_events_as_clips_and_can_be_trained_on() {
    let bench = Bench::new();
    let found = bench.path("found");
    let (class, score) = bench.dip();
    let score = score.to_string();
    let mut command = bench.classify(&["-c", &class, "--min-score", &score, "--segments"]);
    command.arg(&found).assert().success();
    let clip = hound::WavReader::open(found.join(format!("{class}/long_10.00-12.50.wav"))).unwrap();
    assert_eq!((clip.spec().sample_rate, clip.duration()), (16_000, 40_000));
    let whole = hound::WavReader::open(bench.path("clips/long.wav")).unwrap();
    let whole: Vec<i16> = whole.into_samples().map(Result::unwrap).collect();
    let clip: Vec<i16> = clip.into_samples().map(Result::unwrap).collect();
    assert_eq!(clip, whole[160_000..]);
    let list = fs::read_to_string(found.join("segments.csv")).unwrap();
    assert!(list.starts_with("path,label,recording,found_in,found_onset_s,found_offset_s,score\n"));
    assert!(
        list.contains(&format!("{class}/long_10.00-12.50.wav,{class},long,")),
        "{list}"
    );
    // No half clip is left, and a second run mixes nothing up.
    let names: BTreeSet<String> = fs::read_dir(found.join(&class))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().all(|name| name.ends_with("0.wav")), "{names:?}");
    let again = stderr(bench.classify(&["--segments"]).arg(&found));
    assert!(again.contains("not empty"), "{again}");
    let checked = stdout(
        woofer()
            .args(["dataset", "check", "-f", "json"])
            .arg(found.join("segments.csv")),
    );
    let report: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(
        report["all"]["clips"].as_u64(),
        Some(list.lines().count() as u64 - 1),
        "{checked}"
    );
}

#[test]
fn a_summary_counts_what_the_label_tracks_list() {
    let bench = Bench::new();
    let text = stdout(&mut bench.classify(&["--summary", "-f", "json", "--min-score", "0"]));
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["recordings"], 2);
    assert_eq!(summary["heard_s"], 15.5);
    let classes = summary["classes"].as_array().unwrap();
    // Other takes what is left: nobody looks for it.
    assert_eq!(classes.len(), 9);
    assert!(
        classes
            .iter()
            .all(|c| c["events"] == 2 && c["event_s"] == 15.5 && c["longest_s"] == 12.5)
    );
    let text = stdout(&mut bench.classify(&["--summary", "--min-score", "1"]));
    assert!(
        text.starts_with("15.5 s heard in 2 recordings\n") && text.contains("n/a"),
        "{text}"
    );
}

#[test]
fn a_class_that_is_not_there_is_refused_with_a_suggestion() {
    let bench = Bench::new();
    let said = stderr(&mut bench.classify(&["-c", "Barkin"]));
    assert!(
        said.contains("did you mean \"Barking\"?") && said.contains("Howling"),
        "{said}"
    );
}

#[test]
fn lists_leave_out_other_classes_and_lower_scores() {
    let bench = Bench::new();
    let text = stdout(&mut bench.classify(&["-f", "csv", "-c", "Bird", "-c", "Crying"]));
    let labels: BTreeSet<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap())
        .collect();
    assert_eq!(labels, BTreeSet::from(["Bird", "Crying"]));
    let scores = |text: &str| -> Vec<f64> {
        let score = |line: &str| line.split(',').nth(4).unwrap().parse().unwrap();
        text.lines().skip(1).map(score).collect()
    };
    let all = scores(&stdout(&mut bench.classify(&["-f", "csv"])));
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let lowest = f64::midpoint(sorted[0], sorted[1]).to_string();
    let some = scores(&stdout(&mut bench.classify(&[
        "-f",
        "csv",
        "--min-score",
        &lowest,
    ])));
    let left_out = all.iter().filter(|score| **score <= sorted[0]).count();
    assert_eq!(some.len(), all.len() - left_out);
    assert!(some.iter().all(|score| *score > sorted[0]));
    bench.classify(&["--min-score", "1.5"]).assert().code(2);
}

#[test]
fn info_tells_what_a_recording_is() {
    let bench = Bench::new();
    let info = |path: &Path| {
        let text = stdout(woofer().args(["info", "-f", "json"]).arg(path));
        serde_json::from_str::<Value>(&text).unwrap()["files"][0].clone()
    };
    let facts = info(&bench.path("clips/short.wav"));
    assert_eq!(facts["container"], "WAV");
    assert_eq!(facts["codec"], "pcm_s16le");
    assert_eq!(
        (facts["rate_hz"].as_u64(), facts["channels"].as_u64()),
        (Some(16_000), Some(1))
    );
    assert_eq!(
        (facts["samples"].as_u64(), facts["duration_s"].as_f64()),
        (Some(48_000), Some(3.0))
    );
    // A sine of 12,000 of 32,768.
    assert!(
        (facts["peak_db"].as_f64().unwrap() + 8.73).abs() < 0.05,
        "{facts}"
    );
    assert!(
        (facts["rms_db"].as_f64().unwrap() + 11.74).abs() < 0.05,
        "{facts}"
    );
    let text = stdout(woofer().arg("info").arg(bench.path("clips/short.wav")));
    assert!(
        text.contains("16000 Hz, mono") && text.contains("3.0 s"),
        "{text}"
    );
    let said = stderr(woofer().arg("info").arg(&bench.model));
    assert!(said.contains("woofer model info"), "{said}");
}

#[test]
fn a_spectrogram_is_a_picture_with_the_classes_in_their_colours() {
    let bench = Bench::new();
    let draw = |name: &str, more: &[&str]| {
        let path = bench.path(name);
        let mut command = woofer();
        command
            .arg("spectrogram")
            .arg(bench.path("clips/long.wav"))
            .args(more);
        command.arg("-o").arg(&path).assert().success();
        fs::read(path).unwrap()
    };
    let model = bench.model.to_str().unwrap();
    let svg = String::from_utf8(draw("a.svg", &["-m", model])).unwrap();
    for part in [
        "long.wav",
        "Barking",
        "Laugh_Shout_Scream",
        "#D95F02",
        "data:image/png;base64,",
        "12.5 s",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    let scored = draw("a.png", &["-m", model, "--from", "2", "--to", "9.5"]);
    let plain = draw("b.png", &["--no-scores"]);
    for png in [&scored, &plain] {
        assert!(png.starts_with(b"\x89PNG"));
        let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!(width, 1920);
    }
    let height = |png: &[u8]| u32::from_be_bytes(png[20..24].try_into().unwrap());
    assert!(height(&scored) > height(&plain));
    let mut command = woofer();
    command
        .arg("spectrogram")
        .arg(bench.path("clips/long.wav"))
        .args(["-o", "a.gif"]);
    let said = stderr(&mut command);
    assert!(said.contains(".png or .svg"), "{said}");
    let mut command = woofer();
    command.arg("spectrogram").arg(bench.path("clips/long.wav"));
    let said = stderr(command.args(["--from", "99", "-o"]).arg(bench.path("c.png")));
    assert!(said.contains("99 s to its end"), "{said}");
}
