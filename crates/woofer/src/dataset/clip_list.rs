//! A list of clips as a CSV file: the Tomofun challenge's, or the general form.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use csv::ByteRecord;

use super::error::DatasetError;
use super::labels::LabelNames;
use super::manifest::{Manifest, Row};
use super::reading::Reading;
use super::row_fault::{RowFault, RowFaults, RowProblem};
use super::table::{Table, quoted};

/// Sub-folders beside a Tomofun list in which its clips may lie.
const CLIP_FOLDERS: [&str; 3] = ["train", "raw", "audio"];

/// Where a list has what.
struct Columns {
    tomofun: bool,
    path: usize,
    label: usize,
    fine: Option<usize>,
    recording: Option<usize>,
    source: Option<usize>,
    weak: Option<usize>,
    onset_s: Option<usize>,
    offset_s: Option<usize>,
    others: Vec<usize>,
}

/// Reads a list; paths are relative to `clips`, or else to the list's folder.
pub(super) fn read(path: &Path, clips: Option<&Path>, labels: &LabelNames) -> Result<Reading, DatasetError> {
    let mut table = Table::open(path)?;
    let columns = Columns::find(&table)?;
    let header = table.header.clone();
    let mut rows = Vec::new();
    let mut faults = RowFaults::default();
    while let Some((line, record)) = table.next()? {
        match columns.row(line, record, &header, labels) {
            Ok(row) => rows.push(row),
            Err(problem) => faults.push(RowFault {
                line,
                path: record.get(columns.path).map_or_else(String::new, quotable),
                problem,
            }),
        }
    }
    if rows.is_empty() && faults.count() == 0 {
        return Err(DatasetError::NoRows {
            file: path.display().to_string(),
            reason: "has a header and no rows below it".to_owned(),
        });
    }
    let beside = path.parent().unwrap_or(Path::new(""));
    let folder = match clips {
        Some(clips) => clips.to_owned(),
        None if columns.tomofun => clip_folder(beside, &rows),
        None => beside.to_owned(),
    };
    for row in &mut rows {
        row.path = if columns.tomofun {
            named_clip(&folder, &row.path)
        } else {
            folder.join(&row.path)
        };
    }
    Ok(Reading {
        manifest: Manifest {
            rows,
            path: path.to_owned(),
        },
        faults,
        not_audio: 0,
    })
}

impl Columns {
    fn find(table: &Table) -> Result<Self, DatasetError> {
        let column = |name| table.column(name);
        let (path, tomofun) = match (column("path"), column("filename")) {
            (Some(path), _) => (path, false),
            (None, Some(filename)) => (filename, true),
            (None, None) => return Err(table.header_fault(missing(table, "path (or Filename)"))),
        };
        let Some(label) = column("label") else {
            return Err(table.header_fault(missing(table, "label")));
        };
        let fine = column("fine").or_else(|| column("remark").filter(|_| tomofun));
        let mut columns = Self {
            tomofun,
            path,
            label,
            fine,
            recording: column("recording"),
            source: column("source"),
            weak: column("weak"),
            onset_s: column("onset_s"),
            offset_s: column("offset_s"),
            others: Vec::new(),
        };
        let known = [
            Some(path),
            Some(label),
            columns.fine,
            columns.recording,
            columns.source,
            columns.weak,
            columns.onset_s,
            columns.offset_s,
        ];
        columns.others = (0..table.header.len())
            .filter(|i| !known.contains(&Some(*i)))
            .collect();
        Ok(columns)
    }

    /// The row of a record, its path not yet with a folder in front.
    fn row(
        &self,
        line: u64,
        record: &ByteRecord,
        header: &[String],
        labels: &LabelNames,
    ) -> Result<Row, RowProblem> {
        if record.len() != header.len() {
            return Err(RowProblem::ValueCount {
                found: record.len(),
                expected: header.len(),
            });
        }
        let mut values = Vec::with_capacity(header.len());
        for (value, column) in record.iter().zip(header) {
            values.push(std::str::from_utf8(value).map_err(|_| RowProblem::NotUtf8 {
                column: column.clone(),
                value: quotable(value),
            })?);
        }
        let value = |column: usize| values.get(column).copied().unwrap_or_default();
        let optional = |column: Option<usize>| column.map_or("", |column| value(column).trim());
        let path = tidy(value(self.path));
        for (empty, column) in [
            (path.as_os_str().is_empty(), "path"),
            (value(self.label).trim().is_empty(), "label"),
        ] {
            if empty {
                return Err(RowProblem::EmptyValue { column });
            }
        }
        let class = labels.class(value(self.label).trim())?;
        let (onset_s, offset_s) = stretch(optional(self.onset_s), optional(self.offset_s))?;
        let others = self
            .others
            .iter()
            .map(|i| (header[*i].clone(), value(*i).trim().to_owned()));
        Ok(Row {
            class,
            fine: labels.fine(class, optional(self.fine))?,
            recording: match optional(self.recording) {
                "" => path.to_string_lossy().into_owned(),
                recording => recording.to_owned(),
            },
            source: optional(self.source).to_owned(),
            weak: flag("weak", optional(self.weak))?,
            onset_s,
            offset_s,
            columns: others.collect::<BTreeMap<_, _>>(),
            path,
            line,
        })
    }
}

fn missing(table: &Table, name: &str) -> String {
    let header = table.header.join(", ");
    let separated = match &table.header[..] {
        [only] if only.contains([';', '\t', '|']) => "; values are separated by commas",
        _ => "",
    };
    format!(
        "there is no column {name}; the header is {}{separated}",
        quoted(&header)
    )
}

fn flag(column: &'static str, text: &str) -> Result<bool, RowProblem> {
    match text.to_ascii_lowercase().as_str() {
        "" | "0" | "false" | "no" => Ok(false),
        "1" | "true" | "yes" => Ok(true),
        _ => Err(RowProblem::BadValue {
            column,
            value: text.to_owned(),
            allowed: "0 or 1",
        }),
    }
}

fn stretch(onset: &str, offset: &str) -> Result<(Option<f64>, Option<f64>), RowProblem> {
    let onset_s = seconds("onset_s", onset)?;
    let offset_s = seconds("offset_s", offset)?;
    // Without an onset the stretch begins at 0.
    if offset_s.is_some_and(|end| end <= onset_s.unwrap_or(0.0)) {
        return Err(RowProblem::Reversed {
            onset_s: onset.to_owned(),
            offset_s: offset.to_owned(),
        });
    }
    Ok((onset_s, offset_s))
}

fn seconds(column: &'static str, text: &str) -> Result<Option<f64>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = text.parse().ok().filter(|s| (0.0..1e9).contains(s));
    match value {
        // -0 and 0 are one stretch.
        Some(value) => Ok(Some(value + 0.0)),
        None => Err(RowProblem::BadValue {
            column,
            value: text.to_owned(),
            allowed: "a number of seconds from 0 on",
        }),
    }
}

/// The path without `.` in it, so that a file has one name.
fn tidy(path: &str) -> PathBuf {
    let parts = Path::new(path).components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

fn quotable(bytes: &[u8]) -> String {
    const SHOWN: usize = 100;
    String::from_utf8_lossy(bytes).chars().take(SHOWN).collect()
}

/// The folder beside a Tomofun list that holds any of its clips.
///
/// All clips come from one folder: `raw` and `train` may hold different sounds of the same name.
fn clip_folder(beside: &Path, rows: &[Row]) -> PathBuf {
    let folders = CLIP_FOLDERS.iter().map(|name| beside.join(name));
    std::iter::once(beside.to_owned())
        .chain(folders.filter(|folder| folder.is_dir()))
        .find(|folder| rows.iter().any(|row| named_clip(folder, &row.path).is_file()))
        .unwrap_or_else(|| beside.to_owned())
}

/// The clip of a name that may lack its `.wav`; where it would be when there is none.
fn named_clip(folder: &Path, name: &Path) -> PathBuf {
    let as_named = folder.join(name);
    let has_ending = name.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"));
    if has_ending {
        return as_named;
    }
    let mut with_ending = as_named.clone().into_os_string();
    with_ending.push(".wav");
    let with_ending = PathBuf::from(with_ending);
    if !with_ending.is_file() && as_named.is_file() {
        return as_named;
    }
    with_ending
}
