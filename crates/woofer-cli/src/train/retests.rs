//! Further lists of the recordings that are trained on, and in which fold each of their clips is tested.

use std::collections::HashMap;
use std::path::Path;

use anyhow::bail;
use woofer::dataset::{Folds, Manifest};
use woofer::taxonomy::Taxonomy;
use woofer_nn::training::Retest;

/// Reads a list of other takes of a list's recordings; it is named by its file or, where that is `manifest.csv`, by its folder.
pub fn open(
    list: &Path,
    taxonomy: &Taxonomy,
    (manifest, folds): (&Manifest, &Folds),
) -> anyhow::Result<Retest> {
    let retest = Manifest::open(list, taxonomy)?;
    let mut of_recording: HashMap<&str, usize> = HashMap::new();
    for (row, &fold) in manifest.rows.iter().zip(&folds.of_row) {
        let before = of_recording.insert(&row.recording, fold);
        if before.is_some_and(|before| before != fold) {
            bail!(
                "--retest: recording {:?} lies in several folds; choose folds that keep recordings together (--folds recording)",
                row.recording
            );
        }
    }
    let mut fold_of_row = Vec::with_capacity(retest.rows.len());
    for row in &retest.rows {
        match of_recording.get(row.recording.as_str()) {
            Some(&fold) => fold_of_row.push(fold),
            None => bail!(
                "{}: is of recording {:?}, which {} does not have; a list to retest names the same recordings",
                row.path.display(),
                row.recording,
                manifest.path.display()
            ),
        }
    }
    let named_by = match list.file_stem() {
        Some(stem) if stem == "manifest" && list.is_file() => list.parent().and_then(Path::file_name),
        _ => list.file_name(),
    };
    Ok(Retest {
        name: named_by
            .unwrap_or(list.as_os_str())
            .to_string_lossy()
            .into_owned(),
        manifest: retest,
        fold_of_row,
    })
}
