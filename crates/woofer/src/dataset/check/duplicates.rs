//! Clips whose decoded samples are the same.

use std::collections::HashMap;

use super::counts::Heard;
use crate::dataset::{Folds, Manifest};

/// Clips that sound the same, by what follows from it.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// The same clip under several labels.
    pub relabelled: Vec<Vec<usize>>,
    /// The same clip in several folds, under one label.
    pub across_folds: Vec<Vec<usize>>,
    /// The same clip in several recordings, which would not be kept together.
    pub across_recordings: Vec<Vec<usize>>,
    /// Other copies.
    pub harmless: Vec<Vec<usize>>,
}

/// Finds clips with the same rate and samples, in the order of the list.
///
/// Silent clips are not copies of each other, and an empty stretch is none of anything.
pub(super) fn find(manifest: &Manifest, sounds: &Heard, folds: Option<&Folds>) -> Duplicates {
    let mut places_of_hash: HashMap<&[u8; 32], Vec<usize>> = HashMap::new();
    for (place, sound) in sounds.iter().enumerate() {
        if let Ok(sound) = sound
            && sound.peak > 0.0
        {
            places_of_hash.entry(&sound.sha256).or_default().push(place);
        }
    }
    let mut same: Vec<Vec<usize>> = places_of_hash.into_values().filter(|s| s.len() > 1).collect();
    same.sort_unstable();
    let mut duplicates = Duplicates::default();
    for places in same {
        let rows = || places.iter().filter_map(|place| manifest.rows.get(*place));
        let fold = |place: &usize| folds.and_then(|folds| folds.of_row.get(*place));
        let kind = if differ(rows().map(|row| row.fine)) {
            &mut duplicates.relabelled
        } else if differ(places.iter().map(fold)) {
            &mut duplicates.across_folds
        } else if differ(rows().map(|row| &row.recording)) {
            &mut duplicates.across_recordings
        } else {
            &mut duplicates.harmless
        };
        kind.push(places);
    }
    duplicates
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}
