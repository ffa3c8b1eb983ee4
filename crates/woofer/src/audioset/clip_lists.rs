//! The lists that training reads, of the clips that there are.

use std::collections::HashMap;
use std::io::{self, Write};

use super::plan::PlannedCut;
use super::time::{format_seconds, seconds};
use crate::dataset::LIST_COLUMNS;
use crate::taxonomy::Taxonomy;

/// The terms under which AudioSet's labels are given out.
const LABEL_LICENCE: &str = "labels: AudioSet, Google, CC BY 4.0; audio: its makers'";

/// Cuts whose class or fine label the taxonomy does not have: for each, what is missing.
#[must_use]
pub fn unknown_labels(cuts: &[PlannedCut], taxonomy: &Taxonomy) -> Vec<String> {
    let known = class_ids(taxonomy);
    let mut unknown: Vec<String> = cuts
        .iter()
        .filter(|cut| !known.contains_key(&(cut.class.as_str(), cut.fine.as_str())))
        .map(|cut| format!("{}, {}", cut.class, cut.fine))
        .collect();
    unknown.sort();
    unknown.dedup();
    unknown
}

fn class_ids(taxonomy: &Taxonomy) -> HashMap<(&str, &str), usize> {
    let pairs = taxonomy.classes.iter().enumerate().flat_map(|(id, class)| {
        class
            .fine
            .iter()
            .map(move |fine| ((class.name.as_str(), fine.name.as_str()), id))
    });
    pairs.collect()
}

/// Writes `meta_train.csv` in the Tomofun challenge's shape: `Filename` without `.wav`, `Label` (the class's id), `Remark`
/// (the fine label). Weak cuts are left out: the shape cannot say that they are weak.
///
/// # Errors
/// Writing fails, or the taxonomy lacks a class: see [`unknown_labels`].
pub fn write_meta_train(cuts: &[PlannedCut], taxonomy: &Taxonomy, to: impl Write) -> io::Result<()> {
    let ids = class_ids(taxonomy);
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(["Filename", "Label", "Remark"])?;
    for cut in cuts.iter().filter(|cut| !cut.weak) {
        let id = class_id(&ids, cut)?;
        let stem = cut.file.strip_suffix(".wav").unwrap_or(&cut.file);
        csv.write_record([stem, &id.to_string(), &cut.fine])?;
    }
    csv.flush()
}

/// Writes `manifest.csv`, the general form of a list, with where each clip comes from.
///
/// A recording is a video: clips of one never lie on both sides of a split.
///
/// # Errors
/// Writing fails, or the taxonomy lacks a class: see [`unknown_labels`].
pub fn write_manifest(cuts: &[PlannedCut], taxonomy: &Taxonomy, to: impl Write) -> io::Result<()> {
    let ids = class_ids(taxonomy);
    let mut csv = csv::Writer::from_writer(to);
    let provenance = ["video", "start_s", "end_s", "mid", "name", "url", "licence"];
    csv.write_record(LIST_COLUMNS.iter().chain(&provenance))?;
    for cut in cuts {
        class_id(&ids, cut)?;
        let url = format!(
            "https://www.youtube.com/watch?v={}&t={}s",
            cut.video,
            seconds(cut.start_ms).floor()
        );
        csv.write_record([
            cut.file.as_str(),
            &cut.class,
            &cut.fine,
            cut.video.as_str(),
            "AudioSet",
            if cut.weak { "1" } else { "0" },
            cut.video.as_str(),
            &format_seconds(cut.start_ms),
            &format_seconds(cut.end_ms),
            &cut.mid,
            &cut.name,
            &url,
            LABEL_LICENCE,
        ])?;
    }
    csv.flush()
}

fn class_id(ids: &HashMap<(&str, &str), usize>, cut: &PlannedCut) -> io::Result<usize> {
    ids.get(&(cut.class.as_str(), cut.fine.as_str()))
        .copied()
        .ok_or_else(|| {
            let reason = format!(
                "{}: the taxonomy has no fine label {} of class {}",
                cut.file, cut.fine, cut.class
            );
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })
}
