use super::file_result::{FileOutcome, FileResult};
use super::ranking::ranking;
use super::sink::Sink;

/// A row a class: `path,onset_s,offset_s,label,score,error`; the whole of a file, or each of its windows.
pub struct CsvResults<'a> {
    writer: csv::Writer<Sink>,
    classes: &'a [String],
    top_k: usize,
}

impl<'a> CsvResults<'a> {
    pub fn new(sink: Sink, classes: &'a [String], top_k: usize) -> anyhow::Result<Self> {
        let mut writer = csv::Writer::from_writer(sink);
        writer.write_record(["path", "onset_s", "offset_s", "label", "score", "error"])?;
        Ok(Self {
            writer,
            classes,
            top_k,
        })
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let path = result.path.display().to_string();
        match &result.outcome {
            FileOutcome::Skipped => {}
            FileOutcome::Failed(reason) => self.writer.write_record([&path, "", "", "", "", reason])?,
            FileOutcome::Scored(scored) if scored.windows.is_empty() => {
                let best = ranking(&scored.clip.scores, self.top_k);
                self.rows(&path, 0.0, scored.clip.duration_s, &best)?;
            }
            FileOutcome::Scored(scored) => {
                for window in &scored.windows {
                    self.rows(&path, window.onset_s, window.offset_s, &window.best)?;
                }
            }
        }
        self.writer.flush()?;
        Ok(())
    }

    fn rows(&mut self, path: &str, onset_s: f64, offset_s: f64, best: &[(usize, f32)]) -> anyhow::Result<()> {
        let (onset, offset) = (format!("{onset_s:.3}"), format!("{offset_s:.3}"));
        for (class, score) in best {
            if let Some(label) = self.classes.get(*class) {
                self.writer
                    .write_record([path, &onset, &offset, label, &format!("{score:.6}"), ""])?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        match self.writer.into_inner() {
            Ok(sink) => sink.finish(),
            Err(error) => Err(error.into_error().into()),
        }
    }
}
