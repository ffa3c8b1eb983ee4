//! What came of reading a list: the rows that can be used, and what is wrong with the others.

use std::collections::HashMap;

use rayon::prelude::*;

use super::error::DatasetError;
use super::labels::LabelNames;
use super::manifest::{Manifest, Row};
use super::row_fault::{RowFault, RowFaults, RowProblem};

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

    /// Leaves out rows of a stretch that has another label before.
    pub(super) fn leave_out_relabelled(&mut self, labels: &LabelNames) {
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

    /// Leaves out rows whose file is not there.
    pub(super) fn leave_out_missing(&mut self) {
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
