use std::collections::HashSet;
use std::path::Path;

use super::columns::ScoreColumns;
use super::error::EvaluationError;
use crate::dataset::Row;
use crate::metrics::{Bootstrap, ClassSubset, Evaluation, MetricsError, ScoredClips};

/// A class with fewer recordings has no part in the mean of the well-measured classes.
pub const WELL_MEASURED_RECORDINGS: usize = 8;

/// What a classifier said of each clip of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    columns: ScoreColumns,
    rows: Vec<ScoreRow>,
}

/// A labelled clip and what a classifier said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// Where it lies, relative to the list's folder.
    pub path: String,
    /// Start of the stretch in seconds; the file's start if none.
    pub onset_s: Option<f64>,
    /// End of the stretch in seconds; the file's end if none.
    pub offset_s: Option<f64>,
    /// Length of what was scored in seconds, if it is known.
    pub duration_s: Option<f64>,
    /// The recording that it was cut from.
    pub recording: String,
    /// Where the recording comes from; empty when the list does not tell.
    pub source: String,
    /// Name of the fold in which it was tested; empty when there was none.
    pub fold: String,
    /// Whether its label is only suggested: such clips are never counted.
    pub weak: bool,
    /// Id of its class.
    pub class: usize,
    /// Name of its fine label; empty when it is not known.
    pub fine: String,
    /// A score a column, 0 to 1.
    pub scores: Vec<f32>,
}

impl ScoreRow {
    /// The row of a clip whose file lies in one of `folders`, the first that fits; `fine` is its fine label's name.
    #[must_use]
    pub fn new(row: &Row, folders: &[&Path], fine: &str, scores: Vec<f32>) -> Self {
        let inside = folders
            .iter()
            .find_map(|folder| row.path.strip_prefix(folder).ok());
        let path = inside.unwrap_or(&row.path).to_string_lossy().into_owned();
        Self {
            recording: if row.recording.is_empty() {
                path.clone()
            } else {
                row.recording.clone()
            },
            path,
            onset_s: row.onset_s,
            offset_s: row.offset_s,
            duration_s: None,
            source: row.source.clone(),
            fold: String::new(),
            weak: row.weak,
            class: row.class,
            fine: fine.to_owned(),
            scores,
        }
    }

    /// What tells two clips apart.
    pub(super) fn key(&self) -> (&str, Option<u64>, Option<u64>) {
        (
            &self.path,
            self.onset_s.map(f64::to_bits),
            self.offset_s.map(f64::to_bits),
        )
    }

    /// For messages: the path, and the stretch where it is not the whole file.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.onset_s, self.offset_s) {
            (None, None) => self.path.clone(),
            (from, to) => format!(
                "{}, {} s to {}",
                self.path,
                from.unwrap_or_default(),
                to.map_or_else(|| "its end".to_owned(), |to| format!("{to} s"))
            ),
        }
    }

    /// What does not fit the columns, if anything does not.
    pub(super) fn fault(&self, columns: &ScoreColumns) -> Option<String> {
        if self.scores.len() != columns.width() {
            return Some(format!(
                "{} scores for {} columns",
                self.scores.len(),
                columns.width()
            ));
        }
        if self.class >= columns.classes().len() {
            return Some(format!("class {} of {}", self.class, columns.classes().len()));
        }
        let bad = self.scores.iter().position(|score| !(0.0..=1.0).contains(score));
        if let Some(place) = bad {
            let column = columns.names().nth(place).unwrap_or_default();
            return Some(format!(
                "{column} is {}; a score is between 0 and 1",
                self.scores[place]
            ));
        }
        let seconds = [
            ("onset_s", self.onset_s),
            ("offset_s", self.offset_s),
            ("duration_s", self.duration_s),
        ];
        seconds.into_iter().find_map(|(name, value)| {
            let value = value.filter(|s| !(s.is_finite() && *s >= 0.0))?;
            Some(format!("{name} is {value}; seconds are a number of 0 or more"))
        })
    }
}

impl ScoreTable {
    /// A table of these rows.
    ///
    /// # Errors
    ///
    /// A row has too many or too few scores, one that is not between 0 and 1, or a class that is none.
    pub fn new(columns: ScoreColumns, rows: Vec<ScoreRow>) -> Result<Self, EvaluationError> {
        let fault = rows.iter().find_map(|row| Some((row, row.fault(&columns)?)));
        match fault {
            Some((row, reason)) => Err(EvaluationError::Clip {
                path: row.name(),
                reason,
            }),
            None => Ok(Self { columns, rows }),
        }
    }

    /// A table of rows that have been checked.
    pub(super) const fn of(columns: ScoreColumns, rows: Vec<ScoreRow>) -> Self {
        Self { columns, rows }
    }

    /// What the columns are of.
    #[must_use]
    pub const fn columns(&self) -> &ScoreColumns {
        &self.columns
    }

    /// All rows, also those that are not counted.
    #[must_use]
    pub fn rows(&self) -> &[ScoreRow] {
        &self.rows
    }

    /// The rows whose label is sure: those that are counted, in the order of [`ScoreTable::scored_clips`].
    pub fn counted(&self) -> impl Iterator<Item = &ScoreRow> {
        self.rows.iter().filter(|row| !row.weak)
    }

    /// Labels and class scores of the counted rows, for all that is measured of them.
    ///
    /// # Errors
    ///
    /// No row is counted.
    pub fn scored_clips(&self) -> Result<ScoredClips, MetricsError> {
        self.scored(self.counted())
    }

    /// The same of other rows of the table.
    pub(super) fn scored<'a>(
        &self,
        rows: impl Iterator<Item = &'a ScoreRow>,
    ) -> Result<ScoredClips, MetricsError> {
        let merge = self.columns.merge();
        let (mut labels, mut scores, mut recordings) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            labels.push(row.class);
            scores.push(merge.apply(&row.scores).into_iter().map(f64::from).collect());
            recordings.push(row.recording.as_str());
        }
        ScoredClips::new(&labels, &scores, &recordings, self.columns.classes())
    }

    /// The classes with enough recordings for a figure of their own, as a subset for [`Evaluation::measure`].
    #[must_use]
    pub fn well_measured(&self) -> ClassSubset {
        let recordings_of = |id: usize| {
            let of_class = self.counted().filter(move |row| row.class == id);
            of_class
                .map(|row| row.recording.as_str())
                .collect::<HashSet<_>>()
                .len()
        };
        ClassSubset {
            name: format!("at_least_{WELL_MEASURED_RECORDINGS}_recordings"),
            classes: (0..self.columns.classes().len())
                .filter(|&id| recordings_of(id) >= WELL_MEASURED_RECORDINGS)
                .collect(),
        }
    }

    /// All figures of the counted rows.
    ///
    /// # Errors
    ///
    /// No row is counted.
    pub fn evaluate(&self, bootstrap: Bootstrap) -> Result<Evaluation, MetricsError> {
        Evaluation::measure(&self.scored_clips()?, &[self.well_measured()], bootstrap)
    }

    /// How long the counted clips last together, in hours; none where a length is not known.
    #[must_use]
    pub fn hours(&self) -> Option<f64> {
        let seconds: Option<f64> = self.counted().map(|row| row.duration_s).sum();
        seconds.map(|s| s / 3600.0).filter(|hours| *hours > 0.0)
    }
}
