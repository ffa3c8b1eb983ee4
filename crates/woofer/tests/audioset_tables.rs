//! AudioSet's tables, joined and planned, against what the plainest code makes of them (testdata/audioset/generate.py).

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use woofer::audioset::{
    AudioSetError, Budget, Events, Mapping, NameTable, Plan, PlanRules, PlannedCut, RowFault, Wanted,
    read_strong,
};
use woofer::dataset::Manifest;
use woofer::taxonomy::Taxonomy;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/audioset/golden")
        .join(name)
}

fn tomofun() -> Taxonomy {
    Taxonomy::open("tomofun").unwrap()
}

/// The events of the golden table.
fn gathered(mapping: Mapping) -> (Events, Wanted) {
    let names = NameTable::open(&golden("names.tsv")).unwrap();
    let wanted = Wanted::new(&tomofun(), mapping, &names).unwrap();
    let mut events = Events::default();
    events
        .add_strong(&golden("strong.tsv"), &names, &wanted, |_, _| Ok(()))
        .unwrap();
    (events, wanted)
}

fn plan(rules: &PlanRules) -> Plan {
    let (events, wanted) = gathered(Mapping::Plain);
    Plan::make(&events, &wanted, &tomofun(), rules).0
}

#[test]
fn the_joined_table_is_the_originals_merge_and_odd_rows_are_counted() {
    let names = NameTable::open(&golden("names.tsv")).unwrap();
    let mut joined = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\tdisplay_name\n".to_owned();
    let count = read_strong(&golden("strong.tsv"), &names, |row| {
        let text = std::str::from_utf8(row.text).unwrap();
        joined.extend([text, "\t", &names.labels()[usize::from(row.label)].1, "\n"]);
        Ok(())
    })
    .unwrap();
    assert_eq!(joined, fs::read_to_string(golden("joined.tsv")).unwrap());
    let faults = [
        (RowFault::UnknownLabel, 1),
        (RowFault::Duplicate, 1),
        (RowFault::Reversed, 1),
        (RowFault::Empty, 1),
        (RowFault::OutsideClip, 2),
        (RowFault::BadTime, 2),
        (RowFault::BadClip, 3),
        (RowFault::TooFewValues, 1),
    ];
    for (fault, n) in faults {
        assert_eq!(count.faults.of(fault), n, "{fault:?}");
    }
    assert_eq!((count.faults.count(), count.clips), (12, 63));
    // Each is named with its line.
    let sentences: Vec<_> = count.faults.sentences().collect();
    let lines: Vec<_> = fs::read_to_string(golden("strong.tsv"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let reversed = lines
        .iter()
        .position(|line| line.contains("\t3.000\t2.000\t"))
        .unwrap()
        + 1;
    assert!(
        sentences
            .iter()
            .any(|s| s.contains(&format!("line {reversed}: \"abcdefghijk_0"))),
        "{sentences:?}"
    );
}

/// What the generator expects: video, start, end, class, fine, mid; only those alone in their cut if wanted.
fn expected_cuts(only_alone: bool) -> Vec<String> {
    let text = fs::read_to_string(golden("cuts.csv")).unwrap();
    let rows = text.lines().skip(1).map(|line| line.rsplit_once(',').unwrap());
    let mut rows: Vec<String> = rows
        .filter(|(_, alone)| !only_alone || *alone == "1")
        .map(|(row, _)| row.to_owned())
        .collect();
    rows.sort();
    rows
}

fn as_rows(plan: &Plan) -> Vec<String> {
    let row = |c: &PlannedCut| {
        let seconds = |ms: u32| format!("{}.{:03}", ms / 1_000, ms % 1_000);
        format!(
            "{},{},{},{},{},{}",
            c.video,
            seconds(c.start_ms),
            seconds(c.end_ms),
            c.class,
            c.fine,
            c.mid
        )
    };
    let mut rows: Vec<String> = plan.cuts.iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn cuts_are_the_middle_of_events_at_the_time_of_the_video() {
    assert_eq!(as_rows(&plan(&PlanRules::default())), expected_cuts(false));
}

#[test]
fn cuts_with_another_class_in_them_can_be_left_out() {
    let alone = plan(&PlanRules {
        exclude_overlap: true,
        ..PlanRules::default()
    });
    let expected = expected_cuts(true);
    assert!(!expected.is_empty() && expected.len() < expected_cuts(false).len());
    assert_eq!(as_rows(&alone), expected);
}

#[test]
fn files_are_numbered_by_video_from_1() {
    let plan = plan(&PlanRules::default());
    for cuts in plan.by_video() {
        for (i, cut) in cuts.iter().enumerate() {
            assert_eq!(cut.file, format!("{}_{}.wav", cut.video, i + 1));
        }
    }
    assert!(plan.cuts.iter().any(|cut| cut.file.starts_with("-_-_-_-_-_-_")));
}

#[test]
fn a_budget_is_shared_by_the_classes_and_the_seed_decides() {
    let budget = |per_class, total, seed| PlanRules {
        budget: Budget { per_class, total },
        seed,
        ..PlanRules::default()
    };
    let counts = |plan: &Plan| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for cut in &plan.cuts {
            *counts.entry(cut.class.clone()).or_default() += 1;
        }
        counts
    };
    let all = counts(&plan(&PlanRules::default()));
    let some = plan(&budget(Some(4), None, 0));
    assert!(counts(&some).iter().all(|(class, n)| *n == all[class].min(4)));
    let total = counts(&plan(&budget(None, Some(20), 0)));
    assert_eq!(total.values().sum::<usize>(), 20);
    assert!(
        total.iter().all(|(class, n)| *n == all[class] || *n >= 2),
        "{total:?}"
    );
    assert_eq!(some, plan(&budget(Some(4), None, 0)));
    assert_ne!(some, plan(&budget(Some(4), None, 1)));
    // One event a video, as long as there are videos enough.
    let videos = plan(&budget(Some(4), None, 0));
    let barks: Vec<_> = videos
        .cuts
        .iter()
        .filter(|cut| cut.class == "Barking")
        .map(|cut| cut.video)
        .collect();
    let mut distinct = barks.clone();
    distinct.dedup();
    assert_eq!(barks.len(), distinct.len());
}

#[test]
fn weak_segments_fill_only_fine_labels_that_the_strong_table_lacks() {
    let (mut events, wanted) = gathered(Mapping::Extended);
    let file = tempfile::NamedTempFile::new().unwrap();
    // Music and vacuum cleaners are not in the strong table, barks are.
    let rows = "# x\n# y\n# YTID, start_seconds, end_seconds, positive_labels\n\
        --PJHxphWEs, 30.000, 40.000, \"/m/04rlf,/m/05tny_\"\n-0RWZT-miFs, 420.000, 426.000, \"/m/0d31p\"\n";
    fs::write(file.path(), rows).unwrap();
    events.add_weak(file.path(), &wanted).unwrap();
    let (plan, _) = Plan::make(&events, &wanted, &tomofun(), &PlanRules::default());
    let weak: Vec<_> = plan.cuts.iter().filter(|cut| cut.weak).collect();
    let told: Vec<_> = weak
        .iter()
        .map(|c| (c.video.as_str(), c.fine.as_str(), c.start_ms, c.end_ms))
        .collect();
    assert_eq!(
        told,
        [
            ("--PJHxphWEs", "Music_Instrument", 32_500, 37_500),
            ("-0RWZT-miFs", "Vacuum", 420_500, 425_500)
        ]
    );
}

#[test]
fn both_lists_are_read_as_training_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut plan = plan(&PlanRules::default());
    plan.cuts[0].weak = true;
    for cut in &plan.cuts {
        fs::write(dir.path().join(&cut.file), "sound").unwrap();
    }
    let (meta, manifest) = (dir.path().join("meta_train.csv"), dir.path().join("manifest.csv"));
    woofer::audioset::write_meta_train(&plan.cuts, &tomofun(), fs::File::create(&meta).unwrap()).unwrap();
    woofer::audioset::write_manifest(&plan.cuts, &tomofun(), fs::File::create(&manifest).unwrap()).unwrap();
    assert!(
        fs::read_to_string(&meta)
            .unwrap()
            .starts_with("Filename,Label,Remark\n")
    );
    let from_meta = Manifest::open(&meta, &tomofun()).unwrap().rows;
    let from_manifest = Manifest::open(&manifest, &tomofun()).unwrap().rows;
    assert_eq!(from_manifest.len(), plan.cuts.len());
    assert_eq!(from_meta.len(), plan.cuts.len() - 1);
    let labels = |rows: &[woofer::dataset::Row]| {
        let labels = rows.iter().map(|row| (row.path.clone(), row.class, row.fine));
        labels.collect::<std::collections::HashSet<_>>()
    };
    assert!(labels(&from_meta).is_subset(&labels(&from_manifest)));
    for (row, cut) in from_manifest.iter().zip(&plan.cuts) {
        assert_eq!(
            (row.recording.as_str(), row.source.as_str(), row.weak),
            (cut.video.as_str(), "AudioSet", cut.weak)
        );
        assert_eq!(
            (&row.columns["mid"], &row.columns["video"]),
            (&cut.mid, &cut.video.to_string())
        );
    }
}

fn read(text: &[u8]) -> Result<usize, AudioSetError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strong.tsv");
    fs::write(&path, text).unwrap();
    let names = NameTable::open(&golden("names.tsv")).unwrap();
    read_strong(&path, &names, |_| Ok(())).map(|count| count.rows)
}

#[test]
fn a_table_that_is_none_is_refused_with_what_is_wrong() {
    let header = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n";
    let mut endless = format!("{header}abcdefghijk_0\t0\t1\t/m/05tny_\n").into_bytes();
    endless.resize(3 << 20, b'x');
    for (text, part) in [
        (&b""[..], "is empty"),
        (
            b"segment_id\tstart_time_seconds\tlabel\n",
            "no column end_time_seconds",
        ),
        (
            b"segment_id,start_time_seconds,end_time_seconds,label\n",
            "with tabs between",
        ),
        (header.as_bytes(), "not one row can be used: it has a header only"),
        (&endless, "line 3: longer than 65536 bytes"),
        (
            &[header.as_bytes(), b"abcdefghijk_0\t0\t1\t/m/none\n"].concat(),
            "line 2: \"abcdefghijk_0",
        ),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(
            error.contains(part) && error.contains("strong.tsv"),
            "{part}: {error}"
        );
    }
}

#[test]
fn columns_in_another_order_and_further_ones_are_understood() {
    let text = "label\tnote\tend_time_seconds\tsegment_id\tstart_time_seconds\n/m/05tny_\tx\t2.5\tabcdefghijk_0\t1\n";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strong.tsv");
    fs::write(&path, text).unwrap();
    let names = NameTable::open(&golden("names.tsv")).unwrap();
    let mut rows = Vec::new();
    read_strong(&path, &names, |row| {
        rows.push((row.onset_ms, row.offset_ms, row.text.to_vec()));
        Ok(())
    })
    .unwrap();
    assert_eq!(
        rows,
        [(1_000, 2_500, b"abcdefghijk_0\t1\t2.5\t/m/05tny_".to_vec())]
    );
}

proptest! {
    /// Whatever the events are: a cut lies in its event, in its clip, is at most so long, and is in the middle.
    #[test]
    fn a_cut_is_the_middle_of_its_event(onset in 0u32..10_000, length in 1u32..10_000, start in 0u32..100_000_000, longest in 1u32..10_000) {
        let offset = (onset + length).min(10_000);
        prop_assume!(offset > onset);
        let segment = woofer::audioset::SegmentId { video: "abcdefghijk".parse().unwrap(), start_ms: start };
        let event = woofer::audioset::Event { segment, onset_ms: onset, offset_ms: offset, label: 0, weak: false };
        let (from, to) = woofer::audioset::middle(&event, longest);
        prop_assert!(onset <= from && from < to && to <= offset);
        prop_assert_eq!(to - from, (offset - onset).min(longest));
        let (before, behind) = (from - onset, offset - to);
        prop_assert!(before <= behind && behind <= before + 1);
    }

    #[test]
    fn any_table_is_read_or_refused(rows in prop::collection::vec("[a-c_0-9\\t/m.,\\-\r\u{e9}]{0,40}", 0..20), tail in prop::collection::vec(any::<u8>(), 0..50)) {
        let text = format!("segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n{}\n", rows.join("\n"));
        let _ = read(&[text.as_bytes(), &tail].concat());
        let _ = read(&tail);
    }
}
