//! Trainings of a small network on made-up tones.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use woofer::audio::wav_bytes;
use woofer::dataset::{Folds, Manifest, Row};
use woofer::taxonomy::Taxonomy;
use woofer_nn::training::{
    DeviceChoice, ExtraClips, Interrupted, Job, Progress, Recipe, Trained, TrainingError, Watch, train,
};
use woofer_nn::{Architecture, Backbone, Head, Weights};

const BACKBONE: Backbone = Backbone::Mn { width_tenths: 1 };

struct Nobody;

impl Watch for Nobody {
    fn on(&self, _: &Progress<'_>) {}
}

/// Clips in a folder, and how they are trained on.
struct Sounds {
    dir: tempfile::TempDir,
    taxonomy: Taxonomy,
    manifest: Manifest,
    folds: Folds,
    extra: Vec<Row>,
    run: Option<PathBuf>,
}

impl Sounds {
    /// Tones of three pitches, each a class, four of each.
    fn new(folds: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (class, hz) in [("Barking", 200.0_f32), ("Bird", 4_000.0), ("Howling", 900.0)] {
            fs::create_dir_all(dir.path().join("clips").join(class)).unwrap();
            for i in 0..4_u8 {
                let step = hz * (1.0 + f32::from(i) * 0.05) * std::f32::consts::TAU / 16_000.0;
                let tone: Vec<f32> = (0..16_000).map(|t| (t as f32 * step).sin() * 0.5).collect();
                let path = dir.path().join(format!("clips/{class}/{i}.wav"));
                fs::write(path, wav_bytes(&tone, 16_000)).unwrap();
            }
        }
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let manifest = Manifest::open(&dir.path().join("clips"), &taxonomy).unwrap();
        Self {
            taxonomy,
            folds: Folds {
                of_row: (0..manifest.rows.len()).map(|row| row % folds.len()).collect(),
                count: folds.len(),
                names: folds.iter().map(|&name| name.to_owned()).collect(),
                description: "dealt out".to_owned(),
                optimistic: false,
            },
            manifest,
            extra: Vec::new(),
            run: None,
            dir,
        }
    }

    fn train(&self, recipe: &str, changes: &[&str], cache: &str) -> Result<Trained, TrainingError> {
        let changes: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
        let recipe = Recipe::open(recipe, &changes).unwrap();
        let job = Job {
            recipe: &recipe,
            backbone: BACKBONE,
            weights: weights(),
            taxonomy: &self.taxonomy,
            manifest: &self.manifest,
            folds: &self.folds,
            extra: &ExtraClips::new(&self.extra, &self.manifest, &self.folds, &[]),
            retests: &[],
            teacher: None,
            device: DeviceChoice::Cpu,
            cache: &self.dir.path().join(cache),
            run: self.run.as_deref(),
            interrupted: Interrupted::Kept,
        };
        train(&job, &Nobody)
    }

    fn first(&self) -> &Path {
        &self.manifest.rows.first().unwrap().path
    }
}

/// Made-up numbers around 0, scaled so that what goes in can still be told from what comes out.
fn weights() -> Weights {
    let mut weights = Weights::new("made up");
    let mut state = 1_u64;
    let architecture = Architecture {
        backbone: BACKBONE,
        head: Head::AudioSet,
    };
    for (name, shape) in architecture.tensors() {
        let inputs = shape.iter().skip(1).product::<usize>() as f32;
        let reach = if shape.len() == 1 {
            0.1
        } else {
            (6.0 / inputs).sqrt()
        };
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0) * reach
        };
        let values = (0..shape.iter().product()).map(|_| random()).collect();
        weights.insert(&name, &shape, values).unwrap();
    }
    weights
}

const SHORT: &str = "schedule.epochs=2";

#[test]
fn a_clip_that_is_gone_leaves_the_others_their_labels() {
    let sounds = Sounds::new(&["1", "2"]);
    fs::write(sounds.first(), "no sound").unwrap();
    let unreadable = sounds.train("frozen", &[SHORT], "a").unwrap();
    fs::remove_file(sounds.first()).unwrap();
    let gone = sounds.train("frozen", &[SHORT], "b").unwrap();
    fs::create_dir(sounds.first()).unwrap();
    let folder = sounds.train("frozen", &[SHORT], "c").unwrap();
    for trained in [&unreadable, &gone, &folder] {
        assert_eq!((trained.clips, trained.failures.len()), (11, 1));
        assert!(trained.failures.iter().all(|why| why.contains("0.wav")));
        assert!(trained.logits.first().unwrap().is_none());
    }
    assert!(unreadable.logits == gone.logits && unreadable.logits == folder.logits);
}

#[test]
fn folds_whose_names_are_alike_have_networks_of_their_own() {
    let mut sounds = Sounds::new(&["1", "2", "3"]);
    // With layers to learn, the folds are trained one after another.
    let changes = ["schedule.epochs=1", "network.freeze=16"];
    let plain = sounds.train("frozen", &changes, "a").unwrap();
    let long = "x".repeat(300);
    for (run, names) in [
        ("alike", ["room_1", "room-1", "room 1"]),
        ("long", ["1", "2", &long]),
    ] {
        sounds.run = Some(sounds.dir.path().join(run));
        sounds.folds.names = names.map(str::to_owned).to_vec();
        let alike = sounds.train("frozen", &changes, "a").unwrap();
        assert!(plain.logits == alike.logits, "{run}");
    }
}

#[test]
fn a_cache_holds_what_each_kind_of_head_reads_apart() {
    let sounds = Sounds::new(&["1", "2"]);
    let attention = [SHORT, "network.head=attention", "network.standardise=false"];
    let alone = sounds.train("frozen", &attention, "a").unwrap();
    sounds.train("frozen", &[SHORT], "b").unwrap();
    let after = sounds.train("frozen", &attention, "b").unwrap();
    assert!(alone.logits == after.logits);
    let alone = sounds.train("frozen", &[SHORT], "c").unwrap();
    let after = sounds.train("frozen", &[SHORT], "a").unwrap();
    assert!(alone.logits == after.logits);
}

#[test]
fn no_fold_is_trained_on_what_it_tests_by_way_of_another_list() {
    let mut sounds = Sounds::new(&["1", "2"]);
    let without = sounds.train("frozen", &[SHORT], "a").unwrap();
    let rows = sounds.manifest.rows.iter().zip(&sounds.folds.of_row);
    let tested_first = rows.filter(|(_, fold)| **fold == 0);
    sounds.extra = tested_first.map(|(row, _)| row.clone()).collect();
    let with = sounds.train("frozen", &[SHORT], "a").unwrap();
    assert_eq!(with.extra_clips, 6);
    for (row, fold) in sounds.folds.of_row.iter().enumerate() {
        // The second fold's network may learn of them twice.
        assert_eq!(with.logits[row] == without.logits[row], *fold == 0, "{row}");
    }
}

#[test]
fn where_folds_train_no_epoch_the_network_of_all_clips_trains_none() {
    let sounds = Sounds::new(&["1", "2"]);
    for epoch in ["last", "held_out", "tested"] {
        let changes = [SHORT, "schedule.epochs=0", &format!("validation.epoch={epoch}")];
        let trained = sounds.train("mapped", &changes, "a").unwrap();
        assert_eq!(trained.curves.len(), 3);
        assert!(
            trained.curves.iter().all(|curve| curve.epochs.is_empty()),
            "{epoch}"
        );
    }
    let trained = sounds
        .train("frozen", &[SHORT, "validation.epoch=tested"], "a")
        .unwrap();
    let of_all = trained.curves.last().unwrap();
    assert!((1..=2).contains(&of_all.epochs.len()), "{of_all:?}");
}

#[test]
fn what_nothing_of_can_be_tested_is_refused_before_it_is_trained_on() {
    let mut sounds = Sounds::new(&["1", "2"]);
    sounds.run = Some(sounds.dir.path().join("model.run"));
    for row in &mut sounds.manifest.rows {
        row.weak = true;
    }
    let refused = |sounds: &Sounds, part: &str| {
        let error = sounds.train("frozen", &[SHORT], "a").err().unwrap().to_string();
        assert!(error.contains("none of its 12 rows can be tested"), "{error}");
        assert!(error.contains("clips") && error.contains(part), "{error}");
        assert!(!sounds.run.as_ref().unwrap().exists());
    };
    refused(&sounds, "each has weak = 1");
    sounds.manifest.rows[0].weak = false;
    fs::write(sounds.first(), "no sound").unwrap();
    refused(&sounds, "0.wav");
}
