//! A score table from a CSV file, which may have been written by another program.

use std::path::Path;

use csv::ByteRecord;

use super::columns::{PREFIX, ScoreColumns};
use super::error::EvaluationError;
use super::score_table::{ScoreRow, ScoreTable};
use super::write_scores::ABOUT;
use crate::dataset::Table;

/// Most columns of scores: AudioSet's 527 and some to spare.
const MAX_COLUMNS: usize = 1024;

/// Most scores of a file, that of all its rows: 400 MB of them.
const MAX_SCORES: usize = 100_000_000;

/// Longest text about a clip in bytes.
const MAX_TEXT: usize = 4096;

impl ScoreTable {
    /// Reads a `scores.csv`.
    ///
    /// `path`, `label` (a class's name or id) and a column `score:...` for each of at least two classes must be there;
    /// of the rest what is missing is taken as empty, and a clip without a recording as one of its own. Other columns
    /// are passed over.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is too large, lacks a column, has no rows, or a row has a value that is not allowed.
    pub fn read(path: &Path) -> Result<Self, EvaluationError> {
        let mut table = Table::open(path)?;
        let names = table.header.iter().map(String::as_str);
        let places: Vec<usize> = names
            .enumerate()
            .filter_map(|(place, name)| name.starts_with(PREFIX).then_some(place))
            .collect();
        if places.len() > MAX_COLUMNS {
            let reason = format!(
                "has {} columns of scores; allowed are {MAX_COLUMNS}",
                places.len()
            );
            return Err(table.header_fault(reason).into());
        }
        let columns = ScoreColumns::parse(places.iter().filter_map(|&p| Some(table.header.get(p)?.as_str())));
        let columns = columns.map_err(|reason| table.header_fault(reason))?;
        let about = ABOUT.map(|name| table.column(name));
        for required in ["path", "label"] {
            if table.column(required).is_none() {
                let reason = format!("has no column \"{required}\"; is it a scores.csv?");
                return Err(table.header_fault(reason).into());
            }
        }
        let mut rows = Vec::new();
        while let Some((line, record)) = table.next()? {
            let read = row(record, &about, &places, &columns);
            let read = read.and_then(|row| match row.fault(&columns) {
                None => Ok(row),
                Some(reason) => Err(reason),
            });
            let fits = rows.len() * columns.width() < MAX_SCORES;
            let read = read.and_then(|row| {
                fits.then_some(row)
                    .ok_or_else(|| format!("more than {MAX_SCORES} scores in one file"))
            });
            rows.push(read.map_err(|reason| EvaluationError::Row {
                file: path.display().to_string(),
                line,
                reason,
            })?);
        }
        if rows.is_empty() {
            return Err(table.header_fault("has no rows".to_owned()).into());
        }
        Ok(Self::of(columns, rows))
    }
}

fn row(
    record: &ByteRecord,
    about: &[Option<usize>; ABOUT.len()],
    places: &[usize],
    columns: &ScoreColumns,
) -> Result<ScoreRow, String> {
    let text = |name: &str| -> Result<String, String> {
        let place = ABOUT
            .iter()
            .position(|n| *n == name)
            .and_then(|i| about.get(i)?.as_ref());
        let field = place.and_then(|&place| record.get(place)).unwrap_or_default();
        if field.len() > MAX_TEXT {
            return Err(format!(
                "{name} has {} bytes; allowed are {MAX_TEXT}",
                field.len()
            ));
        }
        match std::str::from_utf8(field) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(format!("{name} is not UTF-8 text")),
        }
    };
    let seconds = |name: &str| -> Result<Option<f64>, String> {
        let text = text(name)?;
        match text.trim() {
            "" => Ok(None),
            number => number
                .parse()
                .map(Some)
                .map_err(|_| format!("{name} is {number:?}; seconds are a number or nothing")),
        }
    };
    let path = text("path")?;
    if path.is_empty() {
        return Err("path is empty".to_owned());
    }
    let recording = Some(text("recording")?).filter(|name| !name.is_empty());
    let weak = match text("weak")?.trim() {
        "" | "0" | "false" => false,
        "1" | "true" => true,
        other => return Err(format!("weak is {other:?}; allowed are 0 and 1")),
    };
    let label = text("label")?;
    let by_name = columns.classes().iter().position(|name| *name == label);
    let by_id = || {
        label
            .trim()
            .parse()
            .ok()
            .filter(|id| *id < columns.classes().len())
    };
    let class = by_name.or_else(by_id).ok_or_else(|| {
        let known = columns.classes().iter().take(30).cloned().collect::<Vec<_>>();
        format!("label is {label:?}; the classes are {}", known.join(", "))
    })?;
    let score = |&place: &usize| -> Result<f32, String> {
        let field = record.get(place).unwrap_or_default();
        let text = String::from_utf8_lossy(field);
        text.trim().parse().map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            format!("a score is {shown:?}; it must be a number between 0 and 1")
        })
    };
    Ok(ScoreRow {
        onset_s: seconds("onset_s")?,
        offset_s: seconds("offset_s")?,
        duration_s: seconds("duration_s")?,
        recording: recording.unwrap_or_else(|| path.clone()),
        source: text("source")?,
        fold: text("fold")?,
        fine: text("fine")?,
        scores: places.iter().map(score).collect::<Result<_, _>>()?,
        path,
        weak,
        class,
    })
}
