use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::file_result::{FileOutcome, FileResult, RankedWindow};
use super::ranking::Selection;
use super::sink::Sink;

/// The version of the objects below.
const SCHEMA_VERSION: u32 = 1;

/// JSON: one document with all files, or an object a line.
pub struct JsonResults<'a> {
    sink: Sink,
    classes: &'a [String],
    selection: &'a Selection,
    /// In a document: whether an object stands there already, after which a comma is due.
    document: Option<bool>,
}

/// A file.
#[derive(Serialize)]
struct File<'a> {
    schema_version: u32,
    path: String,
    duration_s: Option<f64>,
    classes: Vec<Score<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    windows: Option<Vec<Window<'a>>>,
    error: Option<&'a str>,
}

/// A window, as a line of its own.
#[derive(Serialize)]
struct WindowLine<'a> {
    schema_version: u32,
    path: &'a str,
    #[serde(flatten)]
    window: Window<'a>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Window<'a> {
    onset_s: f64,
    offset_s: f64,
    classes: Vec<Score<'a>>,
}

#[derive(Serialize)]
struct Score<'a> {
    label: &'a str,
    score: f32,
}

impl<'a> JsonResults<'a> {
    pub fn document(mut sink: Sink, classes: &'a [String], selection: &'a Selection) -> anyhow::Result<Self> {
        write!(sink, "{{\"schema_version\":{SCHEMA_VERSION},\"files\":[")?;
        Ok(Self {
            sink,
            classes,
            selection,
            document: Some(false),
        })
    }

    pub const fn lines(sink: Sink, classes: &'a [String], selection: &'a Selection) -> Self {
        Self {
            sink,
            classes,
            selection,
            document: None,
        }
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        if let (None, FileOutcome::Scored(scored)) = (&self.document, &result.outcome)
            && !scored.windows.is_empty()
        {
            return self.write_windows(&result.path, &scored.windows);
        }
        let mut file = File {
            schema_version: SCHEMA_VERSION,
            path: result.path.display().to_string(),
            duration_s: None,
            classes: Vec::new(),
            windows: None,
            error: None,
        };
        match &result.outcome {
            FileOutcome::Skipped => return Ok(()),
            FileOutcome::Failed(reason) => file.error = Some(reason),
            FileOutcome::Scored(scored) => {
                file.duration_s = Some(rounded(scored.clip.duration_s, 1e3));
                file.classes = self.scores(&self.selection.ranking(&scored.clip.scores));
                if !scored.windows.is_empty() {
                    file.windows = Some(scored.windows.iter().map(|w| self.window(w)).collect());
                }
            }
        }
        self.object(&file)?;
        self.sink.flush()?;
        Ok(())
    }

    /// Writes windows as lines of their own.
    pub fn write_windows(&mut self, path: &Path, windows: &[RankedWindow]) -> anyhow::Result<()> {
        let path = path.display().to_string();
        for window in windows {
            self.object(&WindowLine {
                schema_version: SCHEMA_VERSION,
                path: &path,
                window: self.window(window),
                error: None,
            })?;
        }
        self.sink.flush()?;
        Ok(())
    }

    fn window(&self, window: &RankedWindow) -> Window<'a> {
        Window {
            onset_s: rounded(window.onset_s, 1e3),
            offset_s: rounded(window.offset_s, 1e3),
            classes: self.scores(&window.best),
        }
    }

    fn object(&mut self, object: &impl Serialize) -> anyhow::Result<()> {
        match &mut self.document {
            Some(begun) => {
                let comma = if std::mem::replace(begun, true) { "," } else { "" };
                write!(self.sink, "{comma}\n{}", serde_json::to_string(object)?)?;
            }
            None => writeln!(self.sink, "{}", serde_json::to_string(object)?)?,
        }
        Ok(())
    }

    fn scores(&self, best: &[(usize, f32)]) -> Vec<Score<'a>> {
        let score = |(class, score): &(usize, f32)| {
            Some(Score {
                label: self.classes.get(*class)?,
                score: *score,
            })
        };
        best.iter().filter_map(score).collect()
    }

    pub fn finish(mut self) -> anyhow::Result<()> {
        if self.document.is_some() {
            writeln!(self.sink, "\n]}}")?;
        }
        self.sink.finish()
    }
}

/// Rounded to the parts of one given: 1e3 for thousandths.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
