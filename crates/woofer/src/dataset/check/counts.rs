//! How much there is of each class and fine label, and how long it lasts.

use std::collections::HashSet;

use serde::Serialize;

use super::sound::Sound;
use crate::dataset::{GroupBy, Manifest, Row};
use crate::taxonomy::Taxonomy;

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Count {
    /// Rows.
    pub clips: usize,
    /// Different recordings.
    pub recordings: usize,
    /// Different sources; a recording without a source is one of its own.
    pub sources: usize,
    /// Seconds of sound that could be decoded.
    pub seconds: f64,
}

/// How much there is of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassCount {
    /// Its id.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// All rows of it.
    pub all: Count,
    /// Those that are not weak.
    pub scored: Count,
    /// All rows of each of its fine labels.
    pub fine: Vec<FineCount>,
}

/// How much there is of a fine label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FineCount {
    /// Its name.
    pub name: String,
    /// All rows of it.
    pub all: Count,
    /// Those that are not weak.
    pub scored: Count,
}

/// How long the clips last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Durations {
    /// The shortest clip.
    pub min_s: f64,
    /// The clip in the middle.
    pub median_s: f64,
    /// The longest clip.
    pub max_s: f64,
    /// All clips together.
    pub total_s: f64,
}

pub(super) type Heard = [Result<Sound, String>];

/// How much there is of the rows for which `wanted` holds.
pub(super) fn count(manifest: &Manifest, sounds: &Heard, wanted: impl Fn(&Row) -> bool) -> Count {
    let mut count = Count::default();
    let (mut recordings, mut sources) = (HashSet::new(), HashSet::new());
    for (row, sound) in manifest.rows.iter().zip(sounds) {
        if wanted(row) {
            count.clips += 1;
            recordings.insert(row.group(GroupBy::Recording));
            sources.insert(row.group(GroupBy::Source));
            count.seconds += sound.as_ref().map_or(0.0, Sound::duration_s);
        }
    }
    count.recordings = recordings.len();
    count.sources = sources.len();
    count
}

pub(super) fn count_classes(manifest: &Manifest, sounds: &Heard, taxonomy: &Taxonomy) -> Vec<ClassCount> {
    let fine_labels = taxonomy.fine_labels();
    let of_class = |id: usize| {
        let fine = fine_labels
            .iter()
            .enumerate()
            .filter(|(_, (class, _))| *class == id);
        let fine = fine.map(|(index, (_, label))| FineCount {
            name: label.name.clone(),
            all: count(manifest, sounds, |row| row.fine == index),
            scored: count(manifest, sounds, |row| row.fine == index && !row.weak),
        });
        fine.collect()
    };
    let classes = taxonomy.classes.iter().enumerate();
    let counted = classes.map(|(id, class)| ClassCount {
        id,
        name: class.name.clone(),
        all: count(manifest, sounds, |row| row.class == id),
        scored: count(manifest, sounds, |row| row.class == id && !row.weak),
        fine: of_class(id),
    });
    counted.collect()
}

/// None when nothing could be decoded.
pub(super) fn durations(sounds: &Heard) -> Option<Durations> {
    let mut lengths: Vec<f64> = sounds.iter().flatten().map(Sound::duration_s).collect();
    lengths.sort_by(f64::total_cmp);
    Some(Durations {
        min_s: *lengths.first()?,
        median_s: *lengths.get(lengths.len() / 2)?,
        max_s: *lengths.last()?,
        total_s: lengths.iter().sum(),
    })
}
