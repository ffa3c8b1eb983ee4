//! All that was found, for people and programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::counts::{ClassCount, Count, Durations, Heard, count, count_classes, durations, is_scored};
use super::duplicates;
use super::findings::{Finding, Findings};
use super::sound::{Sound, listen};
use crate::dataset::{FoldChoice, Folds, Manifest, Reading, Severity};
use crate::taxonomy::Taxonomy;

/// The version of the report as JSON.
const SCHEMA_VERSION: u32 = 1;

/// What there is in a list, and what a person should know before training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    schema_version: u32,
    /// The list or folder.
    pub manifest: String,
    /// The taxonomy's name.
    pub taxonomy: String,
    /// Rows that cannot be used; they are in no count.
    pub unusable_rows: usize,
    /// All rows.
    pub all: Count,
    /// Those that are not weak.
    pub scored: Count,
    /// How much there is of each class.
    pub classes: Vec<ClassCount>,
    /// How long the clips last; none when nothing could be decoded.
    pub durations: Option<Durations>,
    /// Clips of each sample rate, most first.
    pub rates: Vec<RateCount>,
    /// Clips of each number of channels, most first.
    pub channels: Vec<ChannelCount>,
    /// The folds; none when the clips cannot be split.
    pub folds: Option<FoldCounts>,
    /// What a person should know, what matters most first.
    pub findings: Vec<Finding>,
}

/// Clips of a sample rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RateCount {
    /// Samples a second.
    pub rate_hz: u32,
    /// Clips.
    pub clips: usize,
}

/// Clips of a number of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChannelCount {
    /// Channels.
    pub channels: usize,
    /// Clips.
    pub clips: usize,
}

/// How the clips are split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoldCounts {
    /// How the folds came about.
    pub description: String,
    /// Whether recordings are torn apart.
    pub optimistic: bool,
    /// What is in each fold.
    pub folds: Vec<FoldCount>,
}

/// What is in a fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoldCount {
    /// What it is called.
    pub name: String,
    /// All rows.
    pub clips: usize,
    /// Rows that are not weak.
    pub scored: usize,
    /// Rows of each class that are not weak.
    pub scored_of_class: Vec<usize>,
}

impl Report {
    /// Whether something was found that stops training.
    #[must_use]
    pub fn stops_training(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}

/// Decodes all files of a list, on all threads of the pool, and reports what there is and what is wrong.
///
/// `folds` are those that training would use, `fold_count` and `seed` included. `on_file` is called for each file,
/// of which there are [`Manifest::files`], when it is done.
pub fn examine(
    reading: &Reading,
    taxonomy: &Taxonomy,
    (folds, fold_count, seed): (&FoldChoice, usize, u64),
    on_file: &(dyn Fn() + Sync),
) -> Report {
    let manifest = &reading.manifest;
    let sounds = listen(manifest, on_file);
    let classes = count_classes(manifest, &sounds, taxonomy);
    let folds = Folds::choose(manifest, folds, fold_count, seed);

    let mut findings = Findings::default();
    findings.rows(&reading.faults);
    // Where no row can be used, all else follows from that.
    if !manifest.rows.is_empty() {
        findings.classes(&classes);
        match &folds {
            Ok(folds) => findings.folds(&folds.check(manifest, taxonomy)),
            Err(error) => findings.no_folds(error.to_string()),
        }
        let same = duplicates::find(manifest, &sounds, folds.as_ref().ok());
        findings.duplicates(manifest, taxonomy, &same);
        findings.clips(manifest, &sounds);
    }
    findings.left_out(reading.not_audio);

    let places = || 0..manifest.rows.len();
    Report {
        schema_version: SCHEMA_VERSION,
        manifest: manifest.path.display().to_string(),
        taxonomy: taxonomy.name.clone(),
        unusable_rows: reading.faults.count(),
        all: count(manifest, &sounds, places()),
        scored: count(
            manifest,
            &sounds,
            places().filter(|place| is_scored(manifest, *place)),
        ),
        classes,
        durations: durations(&sounds),
        rates: most_first(&sounds, |sound| sound.rate_hz)
            .into_iter()
            .map(|(rate_hz, clips)| RateCount { rate_hz, clips })
            .collect(),
        channels: most_first(&sounds, |sound| sound.channels)
            .into_iter()
            .map(|(channels, clips)| ChannelCount { channels, clips })
            .collect(),
        folds: folds.ok().map(|folds| count_folds(manifest, taxonomy, &folds)),
        findings: findings.sorted(),
    }
}

fn most_first<K: Ord>(sounds: &Heard, key: impl Fn(&Sound) -> K) -> Vec<(K, usize)> {
    let mut counts = BTreeMap::new();
    for sound in sounds.iter().flatten() {
        *counts.entry(key(sound)).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, clips)| std::cmp::Reverse(*clips));
    counts
}

fn count_folds(manifest: &Manifest, taxonomy: &Taxonomy, folds: &Folds) -> FoldCounts {
    let mut counts: Vec<FoldCount> = (0..folds.count)
        .map(|fold| FoldCount {
            name: folds.name(fold).to_owned(),
            clips: 0,
            scored: 0,
            scored_of_class: vec![0; taxonomy.classes.len()],
        })
        .collect();
    for (row, fold) in manifest.rows.iter().zip(&folds.of_row) {
        let Some(count) = counts.get_mut(*fold) else {
            continue;
        };
        count.clips += 1;
        if !row.weak {
            count.scored += 1;
            if let Some(of_class) = count.scored_of_class.get_mut(row.class) {
                *of_class += 1;
            }
        }
    }
    FoldCounts {
        description: folds.description.clone(),
        optimistic: folds.optimistic,
        folds: counts,
    }
}
