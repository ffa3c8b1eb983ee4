//! Folds: every row in one, no group in two, each class in all.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use proptest::prelude::*;
use woofer::dataset::{
    FoldChoice, FoldError, FoldProblem, Folds, GroupBy, InnerSplit, Manifest, Row, Severity,
};
use woofer::taxonomy::Taxonomy;

fn row(i: usize, class: usize, recording: &str, source: &str) -> Row {
    let fine = [0, 1, 2, 3, 4, 9, 11, 12, 13, 14][class];
    Row {
        path: PathBuf::from(format!("{i}.wav")),
        class,
        fine,
        recording: recording.to_owned(),
        source: source.to_owned(),
        weak: false,
        onset_s: None,
        offset_s: None,
        columns: BTreeMap::new(),
        line: 2 + i as u64,
    }
}

fn manifest(rows: impl IntoIterator<Item = Row>) -> Manifest {
    Manifest {
        rows: rows.into_iter().collect(),
        path: PathBuf::from("m.csv"),
    }
}

fn with_column(mut manifest: Manifest, values: &[&str]) -> Manifest {
    for (row, value) in manifest.rows.iter_mut().zip(values) {
        row.columns.insert("fold".to_owned(), (*value).to_owned());
    }
    manifest
}

/// Rows of each class in each fold.
fn table(manifest: &Manifest, folds: &Folds) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; folds.count]; 10];
    for (row, fold) in manifest.rows.iter().zip(&folds.of_row) {
        table[row.class][*fold] += 1;
    }
    table
}

/// How unevenly the classes lie: the sum over classes and folds of the squared share.
fn imbalance(manifest: &Manifest, folds: &Folds) -> f64 {
    let of_class = |of_fold: &Vec<usize>| {
        let total = of_fold.iter().sum::<usize>().max(1) as f64;
        of_fold.iter().map(|n| (*n as f64 / total).powi(2)).sum::<f64>()
    };
    table(manifest, folds).iter().map(of_class).sum()
}

#[test]
fn values_of_a_column_are_sorted_by_number() {
    let rows = (0..4).map(|i| row(i, i % 2, &format!("r{i}"), ""));
    let manifest = with_column(manifest(rows), &["10", "9", "b", "9"]);
    let folds = Folds::from_column(&manifest, "fold").unwrap();
    assert_eq!(
        (folds.count, &folds.names[..]),
        (3, &["9", "10", "b"].map(String::from)[..])
    );
    assert_eq!(folds.of_row, [1, 0, 2, 0]);
    assert_eq!(
        (folds.train_rows(0), folds.test_rows(0)),
        (vec![0, 2], vec![1, 3])
    );
    assert!(!folds.optimistic);
}

#[test]
fn a_column_that_gives_no_folds_is_refused() {
    let rows = || (0..2).map(|i| row(i, i, &format!("r{i}"), ""));
    let error = |values: &[&str], column: &str| {
        let manifest = with_column(manifest(rows()), values);
        Folds::from_column(&manifest, column).unwrap_err().to_string()
    };
    assert!(error(&["1", "2"], "part").contains("\"part\""));
    assert!(error(&["1", "2"], "part").contains("the columns fold"));
    assert!(error(&["1", ""], "fold").contains("line 3, 1.wav"));
    assert!(error(&["1", "1"], "fold").contains("1 folds; allowed are 2 to 100"));
}

#[test]
fn too_few_groups_and_wrong_numbers_are_refused() {
    let manifest = manifest((0..6).map(|i| row(i, i % 2, &format!("r{}", i / 2), "s")));
    let grouped = |by, count| Folds::grouped(&manifest, by, count, 0);
    assert!(grouped(GroupBy::Recording, 3).is_ok());
    let error = grouped(GroupBy::Recording, 4).unwrap_err().to_string();
    assert!(
        error.contains("4 folds need at least 4 different recordings; here are 3"),
        "{error}"
    );
    assert!(matches!(
        grouped(GroupBy::Source, 2),
        Err(FoldError::TooFewGroups { groups: 1, .. })
    ));
    let unknown = crate::manifest((0..6).map(|i| row(i, i % 2, &format!("r{i}"), "")));
    assert!(Folds::grouped(&unknown, GroupBy::Recording, 3, 0).is_ok());
    let error = Folds::grouped(&unknown, GroupBy::Source, 3, 0).unwrap_err();
    assert!(error.to_string().contains("column source"), "{error}");
    for count in [0, 1, 101] {
        assert!(matches!(
            grouped(GroupBy::Recording, count),
            Err(FoldError::Count { .. })
        ));
        assert!(matches!(
            Folds::original(1000, count, 0),
            Err(FoldError::Count { .. })
        ));
    }
    assert!(matches!(
        Folds::original(4, 5, 0),
        Err(FoldError::TooFewItems { .. })
    ));
    for share in [0.0, 1.0, -0.5, f64::NAN] {
        let split = InnerSplit::new(&manifest, &[0, 2], GroupBy::Recording, share, 0);
        assert!(matches!(split, Err(FoldError::Share { .. })));
    }
    assert!(InnerSplit::new(&manifest, &[0, 1], GroupBy::Recording, 0.2, 0).is_err());
    assert!(InnerSplit::new(&manifest, &[], GroupBy::Recording, 0.2, 0).is_err());
}

#[test]
fn the_originals_folds_are_fifths_of_single_clips() {
    let folds = Folds::original(1650, 5, 0).unwrap();
    for fold in 0..5 {
        assert_eq!(folds.test_rows(fold).len(), 330);
        assert_eq!(folds.train_rows(fold).len(), 1320);
    }
    assert!(folds.optimistic && folds.description.contains("optimistic"));
    assert_eq!(folds, Folds::original(1650, 5, 0).unwrap());
    assert_ne!(folds.of_row, Folds::original(1650, 5, 1).unwrap().of_row);
}

#[test]
fn equal_recordings_of_a_class_are_dealt_evenly() {
    let sizes = [40, 25, 10, 5, 100, 35, 20, 15, 30, 50];
    let classes = sizes.iter().enumerate().flat_map(|(class, n)| vec![class; *n]);
    let manifest = manifest(
        classes
            .enumerate()
            .map(|(i, class)| row(i, class, &format!("r{i}"), "")),
    );
    for seed in 0..5 {
        let folds = Folds::grouped(&manifest, GroupBy::Recording, 5, seed).unwrap();
        for (of_fold, n) in table(&manifest, &folds).iter().zip(sizes) {
            assert_eq!(*of_fold, [n / 5; 5]);
        }
    }
}

#[test]
fn a_class_of_two_sources_is_never_whole_in_one_fold() {
    // Nine sources hold all classes but the last; two others hold that one, and much of everything.
    let mut rows = Vec::new();
    for source in 0..11 {
        for clip in 0..if source < 9 { 20 } else { 200 } {
            let class = if source >= 9 && clip < 2 { 9 } else { clip % 9 };
            let i = rows.len();
            rows.push(row(i, class, &format!("r{i}"), &format!("s{source}")));
        }
    }
    let manifest = manifest(rows);
    for seed in 0..20 {
        let folds = Folds::grouped(&manifest, GroupBy::Source, 5, seed).unwrap();
        let worst = folds.check(&manifest, &Taxonomy::open("tomofun").unwrap());
        assert!(worst.iter().all(|p| p.severity() == Severity::Note), "{worst:?}");
    }
}

#[test]
fn check_names_class_fold_and_recording() {
    let taxonomy = Taxonomy::open("tomofun").unwrap();
    let mut rows: Vec<Row> = (0..20)
        .map(|i| row(i, i % 10, &format!("r{i}"), &format!("s{}", i % 3)))
        .collect();
    rows[12].class = 3;
    rows[12].fine = 3;
    rows[2].class = 3;
    rows[2].fine = 3;
    rows[13].recording = "r4".to_owned();
    rows[14].weak = true;
    let values: Vec<&str> = (0..20).map(|i| if i < 10 { "x" } else { "y" }).collect();
    let mut manifest = with_column(manifest(rows), &values);
    manifest.rows[17].class = 6;
    manifest.rows[17].fine = 11;
    let folds = Folds::from_column(&manifest, "fold").unwrap();
    assert!(folds.optimistic);
    let problems = folds.check(&manifest, &taxonomy);
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_sorted_by_key(FoldProblem::severity));
    for text in [
        "class Crying has no clips",
        "class Bird is only in fold x, so that training without that fold misses it",
        "recording \"r4\" is in folds x and y",
        "class GlassBreaking is not tested in fold y",
        "source \"s0\" is in folds x and y",
    ] {
        assert!(texts.iter().any(|t| t == text), "{text}: {texts:#?}");
    }
    assert_eq!(
        problems
            .iter()
            .filter(|p| p.severity() == Severity::Error)
            .count(),
        2
    );
}

#[test]
fn a_choice_reads_as_it_is_written() {
    for (text, choice) in [
        ("recording", FoldChoice::Grouped(GroupBy::Recording)),
        ("source", FoldChoice::Grouped(GroupBy::Source)),
        ("original", FoldChoice::Original),
        ("fold_source", FoldChoice::Column("fold_source".to_owned())),
    ] {
        assert_eq!(FoldChoice::from(text), choice);
        assert_eq!(choice.to_string(), text);
    }
}

#[test]
fn of_few_recordings_the_only_one_of_a_class_is_not_held_out() {
    // A tenth of so few clips is less than any recording has, so the smallest would be taken: the only one of class 4.
    let recordings = [(4, 1), (1, 2), (1, 2), (0, 5), (2, 3), (2, 3), (0, 4)];
    let mut rows = Vec::new();
    for (r, (class, clips)) in recordings.into_iter().enumerate() {
        for _ in 0..clips {
            rows.push(row(rows.len(), class, &format!("r{r}"), "s"));
        }
    }
    let manifest = manifest(rows);
    let all: Vec<usize> = (0..manifest.rows.len()).collect();
    for seed in 0..20 {
        let split = InnerSplit::new(&manifest, &all, GroupBy::Recording, 0.01, seed).unwrap();
        assert!(!split.held.is_empty() && !split.held.contains(&0), "{split:?}");
    }
}

/// Rows of up to six classes in recordings of a few clips, which come from a few sources.
fn drawn_rows() -> impl Strategy<Value = Manifest> {
    let recording = (0usize..6, 1usize..6, 0usize..12, any::<bool>());
    prop::collection::vec(recording, 10..80).prop_map(|recordings| {
        let mut rows = Vec::new();
        for (r, (class, clips, source, weak)) in recordings.into_iter().enumerate() {
            for clip in 0..clips {
                let class = if clip == 4 { (class + 1) % 6 } else { class };
                let mut row = row(rows.len(), class, &format!("r{r}"), &format!("s{source}"));
                row.weak = weak && source == 0;
                rows.push(row);
            }
        }
        manifest(rows)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_is_in_one_fold_and_no_group_in_two(
        manifest in drawn_rows(), count in 2usize..6, seed in any::<u64>(), by_source in any::<bool>(),
    ) {
        let by = if by_source { GroupBy::Source } else { GroupBy::Recording };
        let Ok(folds) = Folds::grouped(&manifest, by, count, seed) else {
            // There are fewer sources than folds.
            prop_assert!(by_source);
            return Ok(());
        };
        prop_assert_eq!(&folds, &Folds::grouped(&manifest, by, count, seed).unwrap());
        prop_assert_eq!(folds.of_row.len(), manifest.rows.len());
        let mut fold_of_group = HashMap::new();
        for (row, fold) in manifest.rows.iter().zip(&folds.of_row) {
            prop_assert!(*fold < count);
            for group in [format!("r {}", row.recording), format!("g {}", row.group(by))] {
                prop_assert_eq!(*fold_of_group.entry(group).or_insert(*fold), *fold);
            }
        }
        for fold in 0..count {
            let (train, test) = (folds.train_rows(fold), folds.test_rows(fold));
            prop_assert!(!test.is_empty());
            let all: BTreeSet<usize> = train.iter().chain(&test).copied().collect();
            prop_assert_eq!((all.len(), train.len() + test.len()), (manifest.rows.len(), manifest.rows.len()));
        }
    }

    #[test]
    fn folds_are_better_balanced_than_by_chance(manifest in drawn_rows(), seed in 0u64..1000) {
        let folds = Folds::grouped(&manifest, GroupBy::Recording, 3, seed).unwrap();
        // Whole recordings dealt out by chance, as the mean over some.
        let by_chance = |seed: u64| {
            let names: BTreeSet<&str> = manifest.rows.iter().map(|row| row.recording.as_str()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            let dealt = Folds::original(names.len(), 3, seed).unwrap();
            let fold = |row: &Row| dealt.of_row[names.iter().position(|n| *n == row.recording).unwrap()];
            let folds = Folds { of_row: manifest.rows.iter().map(fold).collect(), ..dealt.clone() };
            imbalance(&manifest, &folds)
        };
        let chance = (0..10).map(by_chance).sum::<f64>() / 10.0;
        prop_assert!(imbalance(&manifest, &folds) < chance);
        let mean = manifest.rows.len() / 3;
        for fold in 0..3 {
            let size = folds.test_rows(fold).len();
            prop_assert!(size.abs_diff(mean) <= 5 + mean / 4, "{size} of {mean}");
        }
    }

    #[test]
    fn what_is_held_out_is_about_the_share_and_takes_no_class_away(
        manifest in drawn_rows(), share in 0.1f64..0.5, seed in any::<u64>(),
    ) {
        let rows: Vec<usize> = (0..manifest.rows.len()).filter(|row| row % 7 != 3).collect();
        let split = InnerSplit::new(&manifest, &rows, GroupBy::Recording, share, seed).unwrap();
        prop_assert_eq!(&split, &InnerSplit::new(&manifest, &rows, GroupBy::Recording, share, seed).unwrap());
        let mut both: Vec<usize> = split.fit.iter().chain(&split.held).copied().collect();
        both.sort_unstable();
        prop_assert_eq!(&both, &rows);
        prop_assert!(!split.held.is_empty() && !split.fit.is_empty());
        let recordings = |rows: &[usize]| -> BTreeSet<String> {
            rows.iter().map(|row| manifest.rows[*row].recording.clone()).collect()
        };
        prop_assert!(recordings(&split.fit).is_disjoint(&recordings(&split.held)));
        let classes = |rows: &[usize]| -> BTreeSet<usize> { rows.iter().map(|row| manifest.rows[*row].class).collect() };
        prop_assert_eq!(classes(&split.fit), classes(&rows));
        let held = split.held.len() as f64 / rows.len() as f64;
        prop_assert!((held - share).abs() < 0.05 + 10.0 / rows.len() as f64, "{held} of {share}");
    }
}
