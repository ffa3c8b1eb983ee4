//! What the check of a list finds, on sounds that are made for it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use woofer::dataset::check::{Finding, Report, examine};
use woofer::dataset::{FoldChoice, Manifest, Severity};
use woofer::taxonomy::Taxonomy;

const TAXONOMY: &str = "schema_version = 1\nname = \"two\"\n\
    [[class]]\nname = \"A\"\ncolor = \"#000000\"\nfine = [{ name = \"A\" }, { name = \"a2\" }]\n\
    [[class]]\nname = \"B\"\ncolor = \"#000000\"\nfine = [{ name = \"B\" }]\n";

/// A mono WAV of a tone; `level` 0 is silence, and above 1 it clips.
fn wav(path: &Path, seconds: f64, hz: f64, level: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest limit"
    )]
    for t in 0..(seconds * 8_000.0).round() as u32 {
        let value = (f64::from(t) * hz / 8_000.0 * std::f64::consts::TAU).sin() * level * 32_768.0;
        writer.write_sample(value.round() as i16).unwrap();
    }
    writer.finalize().unwrap();
}

fn check(path: &Path, folds: &str, count: usize) -> Report {
    let taxonomy = Taxonomy::parse(TAXONOMY, "two").unwrap();
    let reading = Manifest::read(path, None, &taxonomy).unwrap();
    let files = AtomicUsize::new(0);
    let report = examine(&reading, &taxonomy, (&FoldChoice::from(folds), count, 0), &|| {
        files.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(files.into_inner(), reading.manifest.files());
    report
}

fn finding<'a>(report: &'a Report, kind: &str) -> &'a Finding {
    let kinds: Vec<&str> = report.findings.iter().map(|f| f.kind).collect();
    let found = report.findings.iter().find(|f| f.kind == kind);
    assert!(found.is_some(), "{kind} is none of {kinds:?}");
    found.unwrap()
}

fn kinds(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|f| f.kind).collect()
}

#[test]
fn good_clips_give_counts_and_nothing_to_mend() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..16 {
        let class = ["A", "B"][i % 2];
        wav(
            &dir.path().join(format!("{class}/{i}.wav")),
            1.0 + i as f64 * 0.1,
            200.0 + i as f64,
            0.5,
        );
    }
    let report = check(dir.path(), "recording", 4);
    assert!(!report.stops_training());
    assert_eq!(kinds(&report), ["fine_label_without_clips"]);
    let [a, b] = &report.classes[..] else {
        panic!("two classes")
    };
    assert_eq!((a.all.clips, a.all.recordings, b.scored.clips), (8, 8, 8));
    assert!((report.all.seconds - (16.0 + 12.0)).abs() < 1e-9);
    let durations = report.durations.unwrap();
    assert!((durations.min_s - 1.0).abs() < 1e-9 && (durations.max_s - 2.5).abs() < 1e-9);
    assert_eq!((report.rates[0].rate_hz, report.rates[0].clips), (8_000, 16));
    let folds = report.folds.unwrap();
    assert!(
        folds
            .folds
            .iter()
            .all(|f| f.scored_of_class == [2, 2] && f.clips == 4)
    );
}

#[test]
fn each_oddity_is_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    for (i, name) in ["good0", "good1", "good2", "good3"].iter().enumerate() {
        wav(&path(&format!("{name}.wav")), 2.0, 300.0 + i as f64, 0.5);
    }
    wav(&path("silent.wav"), 2.0, 300.0, 0.0);
    wav(&path("quiet.wav"), 2.0, 300.0, 0.0005);
    wav(&path("loud.wav"), 2.0, 300.0, 2.0);
    wav(&path("short.wav"), 0.5, 310.0, 0.5);
    wav(&path("long.wav"), 31.0, 310.0, 0.5);
    for (copy, of) in [
        ("copy0", "good0"),
        ("copy1", "good1"),
        ("copy2", "good2"),
        ("copy3", "good3"),
    ] {
        fs::copy(path(&format!("{of}.wav")), path(&format!("{copy}.wav"))).unwrap();
    }
    fs::write(path("text.wav"), "this is no sound").unwrap();
    let whole = fs::read(path("good0.wav")).unwrap();
    fs::write(path("cut.wav"), &whole[..whole.len() / 2]).unwrap();
    fs::write(
        path("m.csv"),
        "path,label,recording,onset_s,offset_s,fold\n\
         good0.wav,A,r0,,,1\ncopy0.wav,B,s0,,,2\n\
         good1.wav,A,r1,,,1\ncopy1.wav,A,s1,,,2\n\
         good2.wav,B,r2,,,1\ncopy2.wav,B,s2,,,1\n\
         good3.wav,B,r3,,,2\ncopy3.wav,B,r3,,,2\n\
         silent.wav,A,r4,,,1\nquiet.wav,A,r5,,,1\nloud.wav,B,r6,,,1\nshort.wav,A,r7,,,2\nlong.wav,B,r8,,,2\n\
         text.wav,A,r9,,,1\ngood0.wav,A,r0,5,6,1\ngood0.wav,A,r0,1,3,1\ncut.wav,A,r0,,,2\n\
         missing.wav,A,r10,,,2\nlong.wav,C,r8,0,1,2\n",
    )
    .unwrap();
    let report = check(&path("m.csv"), "fold", 5);
    assert!(report.stops_training());
    assert_eq!((report.unusable_rows, report.all.clips), (2, 17));
    for (kind, severity, part) in [
        (
            "unknown_label",
            Severity::Error,
            "line 20, long.wav: label \"C\" is no class; allowed are 0 to 1, or A, B",
        ),
        ("missing_file", Severity::Error, "line 19: there is no file"),
        ("unreadable", Severity::Error, "line 15, "),
        (
            "stretch_outside_file",
            Severity::Error,
            "line 16, good0.wav: onset_s 5, the file lasts 2.000 s",
        ),
        (
            "recordings_in_several_folds",
            Severity::Warning,
            "\"r0\" is in folds 1 and 2",
        ),
        (
            "duplicates_with_different_labels",
            Severity::Warning,
            "line 2, good0.wav: 0A = line 3, copy0.wav: 1B",
        ),
        (
            "duplicates_across_folds",
            Severity::Warning,
            "line 4, good1.wav = line 5, copy1.wav",
        ),
        (
            "duplicates_across_recordings",
            Severity::Warning,
            "line 6, good2.wav = line 7, copy2.wav",
        ),
        (
            "duplicates",
            Severity::Note,
            "line 8, good3.wav = line 9, copy3.wav",
        ),
        ("silent", Severity::Warning, "silent.wav: all zero"),
        ("silent", Severity::Warning, "quiet.wav: peak -66 dB"),
        ("mended", Severity::Warning, "cut.wav: the data broke off early"),
        (
            "stretch_past_end",
            Severity::Warning,
            "line 17, good0.wav: offset_s 3, the file lasts 2.000 s",
        ),
        ("clipped", Severity::Note, "loud.wav: 67.5 %"),
        ("short", Severity::Note, "short.wav: 0.500 s"),
        ("long", Severity::Note, "long.wav: 31.000 s"),
        (
            "class_too_small_for_figures",
            Severity::Note,
            "A: 7 scored recordings",
        ),
    ] {
        let finding = finding(&report, kind);
        assert_eq!(finding.severity, severity, "{kind}");
        assert!(
            finding.examples.iter().any(|e| e.contains(part)),
            "{part}: {finding:?}"
        );
        assert!(!finding.advice.is_empty());
    }
    assert!(report.findings.is_sorted_by_key(|f| f.severity));
}

#[test]
fn classes_that_cannot_be_trained_or_tested_are_named() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..4 {
        wav(
            &dir.path().join(format!("A/{i}.wav")),
            1.0,
            200.0 + f64::from(i),
            0.5,
        );
    }
    let report = check(dir.path(), "recording", 2);
    assert!(report.stops_training());
    assert_eq!(finding(&report, "class_without_clips").examples, ["B"]);
    wav(&dir.path().join("B/0.wav"), 1.0, 100.0, 0.5);
    let report = check(dir.path(), "recording", 2);
    assert_eq!(
        finding(&report, "class_not_testable").examples,
        ["B: 1 scored recording"]
    );
    assert!(finding(&report, "class_not_in_training").examples[0].contains("class B is only in fold"));
    let report = check(dir.path(), "no_such_column", 2);
    assert!(finding(&report, "no_folds").examples[0].contains("no_such_column"));
    assert!(report.folds.is_none() && report.stops_training());
}
