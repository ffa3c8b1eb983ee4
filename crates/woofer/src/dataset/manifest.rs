//! A list of labelled recordings, whichever form it has.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// One labelled recording, or a stretch of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The file, with the list's folder in front.
    pub path: PathBuf,
    /// Index into [`Taxonomy::classes`](crate::taxonomy::Taxonomy::classes).
    pub class: usize,
    /// Index into [`Taxonomy::fine_labels`](crate::taxonomy::Taxonomy::fine_labels).
    pub fine: usize,
    /// The recording that the clip was cut from; the clip's own path in the list when the list does not tell.
    pub recording: String,
    /// Where the recording comes from; empty when the list does not tell.
    pub source: String,
    /// Whether the label is only suggested: such rows may be trained on and are never scored.
    pub weak: bool,
    /// Start of the stretch in seconds; the file's start if none.
    pub onset_s: Option<f64>,
    /// End of the stretch in seconds; the file's end if none.
    pub offset_s: Option<f64>,
    /// All other columns of the list, by name.
    pub columns: BTreeMap<String, String>,
    /// Line of the list, counted from 1 with the header; 0 in a folder of classes.
    pub line: u64,
}

impl Row {
    /// What tells two stretches apart: the file, and the bits of its onset and offset in seconds.
    #[must_use]
    pub fn stretch(&self) -> (&Path, Option<u64>, Option<u64>) {
        (
            &self.path,
            self.onset_s.map(f64::to_bits),
            self.offset_s.map(f64::to_bits),
        )
    }
}

/// A list of labelled recordings.
///
/// Three forms are read, told apart by what is there:
///
/// - `meta_train.csv` of the Tomofun challenge: `Filename,Label,Remark`, the file name with or without `.wav`. The clips
///   lie beside it or in its sub-folder `train`, `raw` or `audio`, and are paired with it by name.
/// - a CSV table with `path` (relative to the table's folder) and `label` (a class's id or name), and if wanted `fine`
///   (with or without the class's id in front), `recording`, `source`, `weak`, `onset_s`, `offset_s` and others, such as
///   columns of folds.
/// - a folder with one sub-folder a class, named after the class, its id, or a fine label.
///
/// The optional columns may stand in the first form too. Columns come in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The rows in the order of the list; of folders, sorted by path.
    pub rows: Vec<Row>,
    /// The list or folder as given.
    pub path: PathBuf,
}

impl Manifest {
    /// The names of the columns beside those that every list may have.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let columns = self.rows.first().map(|row| &row.columns);
        columns.into_iter().flat_map(|c| c.keys().map(String::as_str))
    }

    /// How many files the rows name, each counted once.
    #[must_use]
    pub fn files(&self) -> usize {
        let paths: HashSet<&Path> = self.rows.iter().map(|row| row.path.as_path()).collect();
        paths.len()
    }

    /// For messages: the line of a row, and its path within the list's folder.
    #[must_use]
    pub fn place(&self, row: usize) -> String {
        let Some(row) = self.rows.get(row) else {
            return format!("row {row}");
        };
        let folder = match row.line {
            0 => Some(self.path.as_path()),
            _ => self.path.parent(),
        };
        let path = folder.and_then(|folder| row.path.strip_prefix(folder).ok());
        let path = path.unwrap_or(&row.path).display();
        match row.line {
            0 => path.to_string(),
            line => format!("line {line}, {path}"),
        }
    }
}
