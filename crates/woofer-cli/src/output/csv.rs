use super::file_result::FileResult;
use super::ranking::Selection;
use super::rows::each_row;
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
        each_row(result, self.classes, self.selection, |row| {
            let (onset, offset, score) = match row.times_s {
                Some((onset_s, offset_s)) => (
                    format!("{onset_s:.3}"),
                    format!("{offset_s:.3}"),
                    row.score.to_string(),
                ),
                None => Default::default(),
            };
            let error = row.error.unwrap_or_default();
            self.writer
                .write_record([row.path, &onset, &offset, row.label, &score, error])?;
            Ok(())
        })?;
        self.writer.flush()?;
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        match self.writer.into_inner() {
            Ok(sink) => sink.finish(),
            Err(error) => Err(error.into_error().into()),
        }
    }
}
