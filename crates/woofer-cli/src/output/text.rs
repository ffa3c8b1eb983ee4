use std::io::Write;
use std::path::Path;

use super::file_result::{FileOutcome, FileResult, RankedWindow};
use super::printable::printable;
use super::ranking::Selection;
use super::recording_words::clock;
use super::sink::Sink;

/// Longest path to which the first column is widened, in characters.
const MAX_PATH_WIDTH: usize = 64;

/// Longest class name to which columns are widened, in characters; AudioSet's own names are longer.
const MAX_NAME_WIDTH: usize = 20;

/// A line a file (or a window), for people.
pub struct TextResults<'a> {
    sink: Sink,
    classes: &'a [String],
    selection: &'a Selection,
    path_width: usize,
    name_width: usize,
}

impl<'a> TextResults<'a> {
    pub fn new<'p>(
        sink: Sink,
        classes: &'a [String],
        selection: &'a Selection,
        paths: impl Iterator<Item = &'p Path>,
    ) -> Self {
        let widest = |widths: &mut dyn Iterator<Item = usize>, limit| {
            widths.filter(|w| *w <= limit).max().unwrap_or_default()
        };
        let longest_name = classes
            .iter()
            .map(|c| c.chars().count())
            .max()
            .unwrap_or_default();
        Self {
            sink,
            classes,
            selection,
            path_width: widest(
                &mut paths.map(|p| printable(&p.display().to_string()).chars().count()),
                MAX_PATH_WIDTH,
            ),
            name_width: if longest_name <= MAX_NAME_WIDTH {
                longest_name
            } else {
                0
            },
        }
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let FileOutcome::Scored(scored) = &result.outcome else {
            return Ok(()); // Failures go to stderr.
        };
        if scored.windows.is_empty() {
            let path = result.path.display().to_string();
            let (path, width) = (printable(&path), self.path_width);
            let best = self.line(&self.selection.ranking(&scored.clip.scores));
            writeln!(self.sink, "{path:width$}  {best}")?;
        }
        self.write_windows(&result.path, &scored.windows)
    }

    pub fn write_windows(&mut self, path: &Path, windows: &[RankedWindow]) -> anyhow::Result<()> {
        let path = path.display().to_string();
        let (path, width) = (printable(&path), self.path_width);
        for window in windows {
            let best = self.line(&window.best);
            let (onset, offset) = (clock(window.onset_s), clock(window.offset_s));
            writeln!(self.sink, "{path:width$}  {onset} - {offset}  {best}")?;
        }
        // A person at a terminal sees each line when it is there.
        self.sink.flush()?;
        Ok(())
    }

    fn line(&self, best: &[(usize, f32)]) -> String {
        if best.is_empty() {
            return "nothing".to_owned();
        }
        let width = self.name_width;
        let cells: Vec<String> = best
            .iter()
            .filter_map(|(class, score)| Some(format!("{score:.3} {:width$}", self.classes.get(*class)?)))
            .collect();
        cells.join("  ").trim_end().to_owned()
    }

    pub fn finish(self) -> anyhow::Result<()> {
        self.sink.finish()
    }
}
