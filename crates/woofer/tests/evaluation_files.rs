//! Scores and histories as files: what is written is read back bit by bit, and what is wrong is refused by line.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use woofer::evaluation::{
    MIN_COMMON_CLIPS, Pairing, ScoreColumns, ScoreRow, ScoreTable, read_history, write_history,
};
use woofer::metrics::{Bootstrap, ScoredClips, log_loss};
use woofer::render::{EpochRecord, LearningCurve};
use woofer::taxonomy::Taxonomy;

const BOOTSTRAP: Bootstrap = Bootstrap { draws: 50, seed: 0 };

fn file(folder: &Path, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join("scores.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn read(text: impl AsRef<[u8]>) -> Result<ScoreTable, String> {
    let dir = tempfile::tempdir().unwrap();
    ScoreTable::read(&file(dir.path(), text)).map_err(|e| e.to_string())
}

fn written(table: &ScoreTable) -> String {
    let mut bytes = Vec::new();
    table.write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn tomofun() -> Taxonomy {
    Taxonomy::open("tomofun").unwrap()
}

fn clip(path: String, recording: String, class: usize, scores: Vec<f32>) -> ScoreRow {
    ScoreRow {
        path,
        onset_s: None,
        offset_s: None,
        duration_s: Some(5.0),
        recording,
        source: String::new(),
        fold: String::new(),
        weak: false,
        class,
        fine: String::new(),
        scores,
    }
}

/// Two classes of which the first clip of each three is taken for the other.
fn two_classes(clips: usize, sure: f32) -> ScoreTable {
    let columns = "score:cat,score:dog";
    let mut text = format!("path,label,recording,{columns}\n");
    for i in 0..clips {
        let right = if i % 3 == 0 { 1.0 - sure } else { sure };
        let (cat, dog) = if i % 2 == 0 {
            (right, 1.0 - right)
        } else {
            (1.0 - right, right)
        };
        let label = ["cat", "dog"][i % 2];
        writeln!(text, "{i}.wav,{label},r{},{cat},{dog}", i / 2).unwrap();
    }
    read(text).unwrap()
}

fn any_row() -> impl Strategy<Value = ScoreRow> {
    let text = "[^\u{0}]{0,12}";
    let seconds = || proptest::option::of(0.0..1e6f64);
    let about = (text, text, text, text, any::<bool>(), 0usize..10);
    let scores = proptest::collection::vec(0.0..=1.0f32, 15);
    (about, seconds(), seconds(), seconds(), scores).prop_map(
        |((path, recording, source, fold, weak, class), onset_s, offset_s, duration_s, scores)| ScoreRow {
            path: format!("p{path}"),
            onset_s,
            offset_s,
            duration_s,
            recording: format!("{recording}r"),
            source,
            fine: fold.clone(),
            fold,
            weak,
            class,
            scores,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_table_is_read_back_bit_by_bit(rows in proptest::collection::vec(any_row(), 1..6)) {
        let table = ScoreTable::new(ScoreColumns::of_fine_labels(&tomofun()), rows).unwrap();
        let again = read(written(&table)).unwrap();
        prop_assert_eq!(&again, &table);
        prop_assert_eq!(again.columns().misfit(&tomofun()), None);
    }

    #[test]
    fn no_bytes_break_the_readers(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..300) {
        let mut text = written(&two_classes(6, 0.8)).into_bytes();
        text.truncate(cut);
        text.extend(&bytes);
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), &text);
        if let Ok(table) = ScoreTable::read(&path) {
            prop_assert!(table.rows().iter().all(|r| r.scores.iter().all(|s| (0.0..=1.0).contains(s))));
        }
        let _ = read_history(&path);
    }
}

#[test]
fn every_bad_value_is_named_with_its_line() {
    let good = "path,label,weak,onset_s,score:a,score:b\n1.wav,a,0,,0.5,0.5\n";
    assert!(read(good).is_ok());
    let long = "x".repeat(5000);
    for (row, part) in [
        ("2.wav,c,0,,0.5,0.5", "label is \"c\"; the classes are a, b"),
        ("2.wav,2,0,,0.5,0.5", "label is \"2\""),
        ("2.wav,a,maybe,,0.5,0.5", "weak is \"maybe\""),
        ("2.wav,a,0,soon,0.5,0.5", "onset_s is \"soon\""),
        ("2.wav,a,0,-1,0.5,0.5", "onset_s is -1"),
        ("2.wav,a,0,inf,0.5,0.5", "onset_s is inf"),
        ("2.wav,a,0,,1.5,0.5", "score:a is 1.5"),
        ("2.wav,a,0,,0.5,nan", "score:b is NaN"),
        ("2.wav,a,0,,0.5,-0.1", "score:b is -0.1"),
        ("2.wav,a,0,,0.5", "a score is \"\""),
        ("2.wav,a,0,,0.5,half", "a score is \"half\""),
        (",a,0,,0.5,0.5", "path is empty"),
        (&format!("{long},a,0,,0.5,0.5"), "path has 5000 bytes"),
    ] {
        let error = read(format!("{good}{row}\n")).unwrap_err();
        assert!(
            error.contains("scores.csv, line 3") && error.contains(part),
            "{row}: {error}"
        );
    }
}

#[test]
fn a_file_that_is_no_score_table_is_refused_as_a_whole() {
    let many: String = (0..1100).fold(String::new(), |text, i| format!("{text},score:c{i}"));
    for (text, part) in [
        ("", "is empty"),
        ("path,label\n1.wav,a\n", "at least two"),
        ("path,label,score:a\n1.wav,a,1\n", "at least two"),
        ("label,score:a,score:b\na,1,0\n", "no column \"path\""),
        ("path,score:a,score:b\n1.wav,1,0\n", "no column \"label\""),
        ("path,label,score:a,score:b\n", "has no rows"),
        ("path,label,score:a,score:a,score:b\n", "twice"),
        (&format!("path,label{many}\n"), "1100 columns"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(
        read(b"path,label,score:a,score:b\n\xff.wav,a,1,0\n")
            .unwrap_err()
            .contains("UTF-8")
    );
    assert!(
        ScoreTable::read(Path::new("no/such.csv"))
            .unwrap_err()
            .to_string()
            .contains("no/such.csv")
    );
}

#[test]
fn figures_of_fine_labels_are_those_of_their_classes() {
    let text = "path,label,recording,weak,score:dog,score:rest/cat,score:rest/tv\n\
                1,dog,a,0,0.5,0.3,0.2\n2,rest,b,0,0.4,0.35,0.25\n3,rest,c,1,1,0,0\n4,1,d,,0.1,0.2,0.7\n";
    let table = read(text).unwrap();
    let classes = [vec![0.5, 0.5], vec![0.4, 0.6], vec![0.1, 0.9]];
    let expected = ScoredClips::new(&[0, 1, 1], &classes, &["a", "b", "d"], &["dog", "rest"]).unwrap();
    let found = table.scored_clips().unwrap();
    assert_eq!(found.labels(), expected.labels());
    assert_eq!(found.predicted(), expected.predicted());
    for (found, expected) in found
        .scores()
        .iter()
        .flatten()
        .zip(expected.scores().iter().flatten())
    {
        assert!((found - expected).abs() < 1e-6);
    }
    let evaluation = table.evaluate(BOOTSTRAP).unwrap();
    assert_eq!((evaluation.clips, evaluation.recordings), (3, 3));
    assert_eq!(evaluation.auc_subsets[0].classes, [""; 0]);
}

#[test]
fn a_class_is_well_measured_from_eight_recordings_on() {
    // Cats have a clip in each of 8 recordings, dogs in 7.
    let table = two_classes(15, 0.8);
    let subset = table.well_measured();
    assert_eq!(
        (subset.name.as_str(), subset.classes),
        ("at_least_8_recordings", vec![0])
    );
}

#[test]
fn hours_are_told_only_if_every_counted_clip_has_a_length() {
    let head = "path,label,weak,duration_s,score:a,score:b\n1,a,0,1800,1,0\n2,b,0,1800,0,1\n";
    assert_eq!(read(head).unwrap().hours(), Some(1.0));
    assert_eq!(read(format!("{head}3,b,1,,0,1\n")).unwrap().hours(), Some(1.0));
    assert_eq!(read(format!("{head}3,b,0,,0,1\n")).unwrap().hours(), None);
}

#[test]
fn a_temperature_mends_scores_that_are_too_sure() {
    // Two of three are right, whatever is said: at the best temperature a score is 2/3 (or 1/3).
    let (fitted, rescaled) = two_classes(30, 0.99).rescaled().unwrap();
    let expected = (0.99f64 / 0.01).ln() / 2.0f64.ln();
    assert!((fitted.temperature / expected - 1.0).abs() < 1e-3, "{fitted:?}");
    for row in rescaled.rows() {
        assert!(row.scores.iter().any(|s| (s - 2.0 / 3.0).abs() < 1e-4), "{row:?}");
    }
    let clips = rescaled.scored_clips().unwrap();
    let loss = log_loss(clips.labels(), clips.scores()).unwrap();
    assert!((loss - fitted.log_loss).abs() < 1e-6 && loss < fitted.log_loss_at_one);
}

#[test]
fn scores_that_are_no_softmax_have_no_temperature() {
    let table = read("path,label,score:a,score:b\n1.wav,a,0.9,0.9\n2.wav,b,0,0\n").unwrap();
    let error = table.rescaled().unwrap_err().to_string();
    assert!(error.contains("1.wav") && error.contains("softmax"), "{error}");
}

#[test]
fn clips_are_paired_by_name_in_any_order() {
    let first = two_classes(30, 0.8);
    let lines = written(&two_classes(24, 0.6));
    let (header, rows) = lines.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    let second = read(format!(
        "{header}\n{}\nnew.wav,,,,x,,,0,cat,,1,0\n",
        reversed.join("\n")
    ))
    .unwrap();
    let pairing = Pairing::new(&first, &second).unwrap();
    assert_eq!(
        pairing.only_first,
        (24..30).map(|i| format!("{i}.wav")).collect::<Vec<_>>()
    );
    assert_eq!(pairing.only_second, ["new.wav"]);
    let comparison = pairing.compare(BOOTSTRAP).unwrap();
    assert_eq!((comparison.clips, comparison.recordings), (24, 12));
    let accuracy = comparison
        .differences
        .iter()
        .find(|d| d.figure == "accuracy")
        .unwrap();
    assert_eq!(
        accuracy.difference.value,
        Some(0.0),
        "the same clips are right in both"
    );
    let same = Pairing::new(&first, &first).unwrap().compare(BOOTSTRAP).unwrap();
    assert!(
        same.differences
            .iter()
            .all(|d| d.difference.value.is_none_or(|v| v == 0.0))
    );
}

#[test]
fn what_does_not_belong_together_is_not_compared() {
    let first = two_classes(30, 0.8);
    let text = written(&first);
    let few: Vec<&str> = text.lines().take(MIN_COMMON_CLIPS).collect();
    for (other, part) in [
        (
            text.replace("score:cat", "score:cow").replace(",cat,", ",cow,"),
            "cow",
        ),
        (few.join("\n"), "9 clips are in both"),
        (
            text.replacen(",cat,", ",dog,", 1),
            "0.wav is labelled cat in the first and dog",
        ),
        (text.replacen(",r0,", ",r7,", 1), "0.wav is of recording \"r0\""),
        (format!("{text}3.wav,,,,r1,,,0,dog,,0,1\n"), "3.wav stands twice"),
    ] {
        let error = Pairing::new(&first, &read(other).unwrap())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("cannot be compared") && error.contains(part),
            "{error}"
        );
    }
}

#[test]
fn a_row_that_does_not_fit_is_refused() {
    let columns = || ScoreColumns::of_classes(&tomofun());
    let row = |class, scores| vec![clip("a.wav".to_owned(), "a".to_owned(), class, scores)];
    assert!(ScoreTable::new(columns(), row(9, vec![0.1; 10])).is_ok());
    for (class, scores) in [(10, vec![0.1; 10]), (0, vec![0.1; 9]), (0, vec![f32::NAN; 10])] {
        let error = ScoreTable::new(columns(), row(class, scores))
            .unwrap_err()
            .to_string();
        assert!(error.contains("a.wav"), "{error}");
    }
}

#[test]
fn a_history_is_read_back() {
    let record = |epoch, loss, auc| EpochRecord { epoch, loss, auc };
    let curves = [
        LearningCurve {
            name: "fold \"1\", first".to_owned(),
            epochs: vec![record(1, Some(0.1 + 0.2), None), record(2, None, Some(0.9))],
            kept: Some(2),
        },
        LearningCurve {
            name: String::new(),
            epochs: vec![record(7, Some(1e-30), None)],
            kept: None,
        },
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.csv");
    write_history(&curves, std::fs::File::create(&path).unwrap()).unwrap();
    assert_eq!(read_history(&path).unwrap(), curves);

    std::fs::write(&path, "epoch,loss\n1,2.5\n2,inf\n").unwrap();
    let read = read_history(&path).unwrap();
    assert_eq!(
        read[0].epochs,
        [record(1, Some(2.5), None), record(2, None, None)]
    );
    for (text, part) in [
        ("loss\n1\n", "no column \"epoch\""),
        ("epoch,loss\none,1\n", "line 2: epoch is \"one\""),
        ("epoch,loss\n1,low\n", "line 2: loss is \"low\""),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = read_history(&path).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
