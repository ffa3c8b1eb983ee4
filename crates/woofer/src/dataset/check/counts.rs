//! How much there is of each class and fine label, and how long it lasts.

use std::collections::HashSet;

use serde::Serialize;

use super::sound::Sound;
use crate::dataset::{GroupBy, Manifest};
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

/// How much there is of some rows, given by their places.
pub(super) fn count(manifest: &Manifest, sounds: &Heard, places: impl Iterator<Item = usize>) -> Count {
    let mut count = Count::default();
    let (mut recordings, mut sources) = (HashSet::new(), HashSet::new());
    for (row, sound) in places.filter_map(|place| manifest.rows.get(place).zip(sounds.get(place))) {
        count.clips += 1;
        recordings.insert(row.group(GroupBy::Recording));
        sources.insert(row.group(GroupBy::Source));
        count.seconds += sound.as_ref().map_or(0.0, Sound::duration_s);
    }
    count.recordings = recordings.len();
    count.sources = sources.len();
    count
}

/// Whether a row is not weak.
pub(super) fn is_scored(manifest: &Manifest, place: usize) -> bool {
    manifest.rows.get(place).is_some_and(|row| !row.weak)
}

pub(super) fn count_classes(manifest: &Manifest, sounds: &Heard, taxonomy: &Taxonomy) -> Vec<ClassCount> {
    let fine_labels = taxonomy.fine_labels();
    let mut places_of_fine = vec![Vec::new(); fine_labels.len()];
    for (place, row) in manifest.rows.iter().enumerate() {
        if let Some(places) = places_of_fine.get_mut(row.fine) {
            places.push(place);
        }
    }
    let both = |places: &[usize]| {
        let scored = places.iter().filter(|place| is_scored(manifest, **place));
        (
            count(manifest, sounds, places.iter().copied()),
            count(manifest, sounds, scored.copied()),
        )
    };
    let classes = taxonomy.classes.iter().enumerate();
    let counted = classes.map(|(id, class)| {
        let (mut of_class, mut fine) = (Vec::new(), Vec::new());
        for ((_, label), places) in fine_labels
            .iter()
            .zip(&places_of_fine)
            .filter(|((c, _), _)| *c == id)
        {
            let (all, scored) = both(places);
            let name = label.name.clone();
            fine.push(FineCount { name, all, scored });
            of_class.extend_from_slice(places);
        }
        let (all, scored) = both(&of_class);
        let name = class.name.clone();
        ClassCount {
            id,
            name,
            all,
            scored,
            fine,
        }
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
