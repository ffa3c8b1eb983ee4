use std::path::Path;

use super::file_result::{FileResult, RankedWindow};
use super::ranking::Selection;
use super::rows::{Row, each_row, each_row_of_windows};
use super::sink::Sink;

/// A row a class: `path,onset_s,offset_s,label,score,error`; the whole of a file, or each of its windows.
pub struct CsvResults<'a> {
    writer: csv::Writer<Sink>,
    classes: &'a [String],
    selection: &'a Selection,
}

impl<'a> CsvResults<'a> {
    pub fn new(sink: Sink, classes: &'a [String], selection: &'a Selection) -> anyhow::Result<Self> {
        let mut writer = csv::Writer::from_writer(sink);
        writer.write_record(["path", "onset_s", "offset_s", "label", "score", "error"])?;
        Ok(Self {
            writer,
            classes,
            selection,
        })
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let (classes, selection, writer) = (self.classes, self.selection, &mut self.writer);
        each_row(result, classes, selection, |row| write_row(writer, &row))?;
        writer.flush()?;
        Ok(())
    }

    pub fn write_windows(&mut self, path: &Path, windows: &[RankedWindow]) -> anyhow::Result<()> {
        let writer = &mut self.writer;
        each_row_of_windows(path, windows, self.classes, |row| write_row(writer, &row))?;
        writer.flush()?;
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        match self.writer.into_inner() {
            Ok(sink) => sink.finish(),
            Err(error) => Err(error.into_error().into()),
        }
    }
}

fn write_row(writer: &mut csv::Writer<Sink>, row: &Row<'_>) -> anyhow::Result<()> {
    let (onset, offset, score) = match row.times_s {
        Some((onset_s, offset_s)) => (
            format!("{onset_s:.3}"),
            format!("{offset_s:.3}"),
            row.score.to_string(),
        ),
        None => Default::default(),
    };
    let error = row.error.unwrap_or_default();
    writer.write_record([row.path, &onset, &offset, row.label, &score, error])?;
    Ok(())
}
