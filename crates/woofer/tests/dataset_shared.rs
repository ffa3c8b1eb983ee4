//! The lists of ../shared are read, and hold what its README says.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::{Path, PathBuf};

use woofer::dataset::check::examine;
use woofer::dataset::{FoldChoice, Folds, GroupBy, Manifest};
use woofer::taxonomy::Taxonomy;

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(path)
}

fn esc10() -> Taxonomy {
    let names = [
        "baby_cry",
        "chainsaw",
        "clock_tick",
        "dog_bark",
        "fire_crackling",
        "helicopter",
        "person_sneeze",
        "rain",
        "rooster",
        "sea_waves",
    ];
    let class = |name| {
        format!("[[class]]\nname = \"{name}\"\ncolor = \"#000000\"\nfine = [{{ name = \"{name}\" }}]\n")
    };
    let classes: String = names.map(class).concat();
    Taxonomy::parse(
        &format!("schema_version = 1\nname = \"esc10\"\n{classes}"),
        "esc10",
    )
    .unwrap()
}

#[test]
#[ignore = "needs ../shared"]
fn shared_audio_holds_what_its_readme_counts() {
    let taxonomy = Taxonomy::open("tomofun").unwrap();
    let reading = Manifest::read(&shared("audio/manifest.csv"), None, &taxonomy).unwrap();
    assert_eq!((reading.faults.count(), reading.manifest.rows.len()), (0, 1491));
    for (column, rows) in [("fold_recording", 299), ("fold_source", 439)] {
        let folds = Folds::from_column(&reading.manifest, column).unwrap();
        assert_eq!((folds.count, folds.optimistic), (5, false));
        assert_eq!(folds.test_rows(0).len(), rows);
    }
    let choice = FoldChoice::Column("fold_source".to_owned());
    let report = examine(&reading, &taxonomy, (&choice, 5, 0), &|| ());
    let counts: Vec<_> = report
        .classes
        .iter()
        .map(|c| (c.scored.clips, c.scored.recordings, c.scored.sources))
        .collect();
    let readme = [
        (74, 48, 6),
        (8, 7, 4),
        (2, 1, 1),
        (12, 4, 3),
        (17, 15, 3),
        (761, 472, 18),
        (19, 7, 3),
        (85, 58, 9),
        (324, 320, 6),
        (22, 15, 5),
    ];
    assert_eq!(counts, readme);
    assert!(!report.stops_training(), "{:#?}", report.findings);
}

#[test]
#[ignore = "needs ../shared"]
fn esc10_is_the_same_as_a_list_and_as_folders() {
    let taxonomy = esc10();
    let list = Manifest::open(&shared("esc10/manifest.csv"), &taxonomy).unwrap();
    let folders = Manifest::open(&shared("esc10"), &taxonomy).unwrap();
    let key = |m: &Manifest| {
        let mut rows: Vec<_> = m
            .rows
            .iter()
            .map(|row| (row.path.clone(), row.class, row.fine))
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(list.rows.len(), 400);
    assert_eq!(key(&list), key(&folders));
    let folds = Folds::from_column(&list, "fold").unwrap();
    assert_eq!((folds.count, folds.optimistic), (5, false));
    assert!((0..5).all(|fold| folds.test_rows(fold).len() == 80));
}

#[test]
#[ignore = "needs ../shared"]
fn grouped_folds_of_shared_audio_train_every_class() {
    let taxonomy = Taxonomy::open("tomofun").unwrap();
    let manifest = Manifest::open(&shared("audio/manifest.csv"), &taxonomy).unwrap();
    for by in [GroupBy::Recording, GroupBy::Source] {
        for seed in 0..3 {
            let folds = Folds::grouped(&manifest, by, 5, seed).unwrap();
            let problems = folds.check(&manifest, &taxonomy);
            let bad = problems
                .iter()
                .find(|p| p.severity() != woofer::dataset::Severity::Note);
            assert!(bad.is_none(), "{bad:?}");
        }
    }
}
