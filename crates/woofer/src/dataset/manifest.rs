//! A list of labelled recordings, whichever form it has.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::DatasetError;
use super::grouping::GroupBy;
use super::labels::LabelNames;
use super::row_fault::{RowFault, RowFaults, RowProblem};
use super::{class_folders, clip_list};
use crate::taxonomy::Taxonomy;

/// One labelled recording, or a stretch of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The file, with the list's folder in front.
    pub path: PathBuf,
    /// Index into [`Taxonomy::classes`].
    pub class: usize,
    /// Index into [`Taxonomy::fine_labels`].
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
    /// The name of the group that the row belongs to.
    ///
    /// A row without a source is a source of its own recording.
    #[must_use]
    pub fn group(&self, by: GroupBy) -> &str {
        match by {
            GroupBy::Source if !self.source.is_empty() => &self.source,
            _ => &self.recording,
        }
    }

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

/// A list with what is wrong in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The rows that can be used.
    pub manifest: Manifest,
    /// The rows that cannot.
    pub faults: RowFaults,
    /// Files in a folder of classes that were left out, since their names do not end like audio.
    pub not_audio: usize,
}

impl Manifest {
    /// Reads a list or a folder of classes, every row of which can be used.
    ///
    /// # Errors
    ///
    /// The list cannot be read, a column is missing, or a row has an unknown label, a bad value, another row's stretch
    /// with another label, or no file.
    pub fn open(path: &Path, taxonomy: &Taxonomy) -> Result<Self, DatasetError> {
        Self::read(path, None, taxonomy)?.into_manifest()
    }

    /// Reads a list whose clips lie in a folder elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Manifest::open`]; and `path` is a folder of classes, which needs no other.
    pub fn open_with_clips(path: &Path, clips: &Path, taxonomy: &Taxonomy) -> Result<Self, DatasetError> {
        Self::read(path, Some(clips), taxonomy)?.into_manifest()
    }

    /// Reads a list or a folder of classes, as far as its rows can be used, and says what is wrong with the others.
    ///
    /// # Errors
    ///
    /// The list as a whole cannot be read, has no rows, lacks a column, or has more rows or longer lines than is allowed.
    pub fn read(path: &Path, clips: Option<&Path>, taxonomy: &Taxonomy) -> Result<Reading, DatasetError> {
        let labels = LabelNames::new(taxonomy);
        let metadata = std::fs::metadata(path).map_err(|e| DatasetError::unreadable(path, e))?;
        let file = || path.display().to_string();
        let mut reading = if metadata.is_file() {
            clip_list::read(path, clips, &labels)?
        } else if !metadata.is_dir() {
            return Err(DatasetError::NotAList { file: file() });
        } else if let Some(list) = class_folders::list_inside(path, &labels)? {
            clip_list::read(&list, clips, &labels)?
        } else if clips.is_some() {
            return Err(DatasetError::ClipsWithFolder { file: file() });
        } else {
            class_folders::read(path, &labels)?
        };
        reading.leave_out_relabelled(&labels);
        reading.leave_out_missing();
        Ok(reading)
    }

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

impl Reading {
    /// The manifest, if every row of it can be used.
    ///
    /// # Errors
    ///
    /// Rows cannot be used; the first are named.
    pub fn into_manifest(self) -> Result<Manifest, DatasetError> {
        if self.faults.count() == 0 {
            return Ok(self.manifest);
        }
        let Manifest { rows, path } = &self.manifest;
        Err(DatasetError::rows(path, self.faults, rows.len()))
    }

    /// The manifest and the rows whose files are not there, for whoever can do without them.
    ///
    /// # Errors
    ///
    /// Rows cannot be used for another reason, or no row has its file; the first are named.
    pub fn into_manifest_and_missing(mut self) -> Result<(Manifest, RowFaults), DatasetError> {
        // Files are looked for last, so that where all kept faults are of that kind the others are too.
        let is_missing = |fault: &RowFault| matches!(fault.problem, RowProblem::MissingFile { .. });
        if self.manifest.rows.is_empty() || !self.faults.kept().iter().all(is_missing) {
            return Ok((self.into_manifest()?, RowFaults::default()));
        }
        let missing = std::mem::take(&mut self.faults);
        Ok((self.manifest, missing))
    }

    fn leave_out_relabelled(&mut self, labels: &LabelNames) {
        let rows = &self.manifest.rows;
        let mut first_of_stretch = HashMap::with_capacity(rows.len());
        let mut bad = vec![None; rows.len()];
        for (i, row) in rows.iter().enumerate() {
            let first: &Row = first_of_stretch.entry(row.stretch()).or_insert(row);
            if (first.class, first.fine) != (row.class, row.fine) {
                bad[i] = Some(RowProblem::Relabelled {
                    label: labels.describe(row.class, row.fine),
                    first_label: labels.describe(first.class, first.fine),
                    first_line: first.line,
                });
            }
        }
        self.leave_out(bad);
    }

    fn leave_out_missing(&mut self) {
        let rows = self.manifest.rows.par_iter();
        let bad = rows.map(|row| {
            let missing = !row.path.is_file();
            missing.then(|| RowProblem::MissingFile {
                file: row.path.display().to_string(),
            })
        });
        let bad = bad.collect();
        self.leave_out(bad);
    }

    fn leave_out(&mut self, bad: Vec<Option<RowProblem>>) {
        let mut bad = bad.into_iter();
        let faults = &mut self.faults;
        self.manifest.rows.retain(|row| {
            let Some(problem) = bad.next().flatten() else {
                return true;
            };
            let path = match (&problem, row.line) {
                // The problem names the file.
                (RowProblem::MissingFile { .. }, 1..) => String::new(),
                _ => row.path.display().to_string(),
            };
            faults.push(RowFault {
                line: row.line,
                path,
                problem,
            });
            false
        });
    }
}
