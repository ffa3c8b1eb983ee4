//! Results in the format asked for, to standard output or a file.

mod csv;
mod evaluation;
mod file_result;
mod json;
mod printable;
mod ranking;
mod sink;
mod table;
mod text;

use std::path::Path;

use crate::args::Format;
use csv::CsvResults;
pub use evaluation::{evaluation_table, markdown_table};
pub use file_result::{FileOutcome, FileResult, RankedWindow, ScoredFile};
use json::JsonResults;
pub use printable::printable;
pub use ranking::ranking;
pub use sink::Sink;
pub use table::table;
use text::TextResults;

/// The results of `woofer classify` on their way out, file by file.
pub enum Results<'a> {
    Text(TextResults<'a>),
    Json(JsonResults<'a>),
    Csv(Box<CsvResults<'a>>),
}

impl<'a> Results<'a> {
    /// `paths` are those of all files to come, for the width of the text's first column.
    pub fn new<'p>(
        format: Format,
        sink: Sink,
        classes: &'a [String],
        top_k: usize,
        paths: impl Iterator<Item = &'p Path>,
    ) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Text => Self::Text(TextResults::new(sink, classes, top_k, paths)),
            Format::Json => Self::Json(JsonResults::document(sink, classes, top_k)?),
            Format::Jsonl => Self::Json(JsonResults::lines(sink, classes, top_k)),
            Format::Csv => Self::Csv(Box::new(CsvResults::new(sink, classes, top_k)?)),
        })
    }

    /// Writes the results of one file.
    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        match self {
            Self::Text(results) => results.write(result),
            Self::Json(results) => results.write(result),
            Self::Csv(results) => results.write(result),
        }
    }

    /// Ends the output; a file is in its place only after this.
    pub fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Text(results) => results.finish(),
            Self::Json(results) => results.finish(),
            Self::Csv(results) => results.finish(),
        }
    }
}
