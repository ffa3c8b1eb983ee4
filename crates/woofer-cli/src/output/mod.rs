//! Results in the format asked for, to standard output or a file.

mod audacity;
mod csv;
mod evaluation;
mod file_result;
mod format;
mod json;
mod parquet;
mod place;
mod printable;
mod ranking;
mod raven;
mod recording_words;
mod rows;
mod sink;
mod table;
mod text;

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, bail};
use woofer::features::FrontEnd;

use audacity::AudacityResults;
use csv::CsvResults;
pub use evaluation::{evaluation_table, markdown_table};
pub use file_result::{CutEvent, FileOutcome, FileResult, RankedWindow, ScoredFile};
pub use format::Format;
use json::JsonResults;
use parquet::ParquetResults;
pub use place::{refuse_to_replace, replaced_by};
pub use printable::printable;
pub use ranking::Selection;
use raven::RavenResults;
pub use recording_words::{channels, clock, counted, format_words, length};
pub use sink::Sink;
pub use table::{TextTable, table};
use text::TextResults;

/// The results of `woofer classify` on their way out, file by file.
pub enum Results<'a> {
    Text(TextResults<'a>),
    Json(JsonResults<'a>),
    Csv(Box<CsvResults<'a>>),
    Parquet(Box<ParquetResults<'a>>),
    Raven(RavenResults<'a>),
    Audacity(AudacityResults<'a>),
}

/// What results are of, and where they go.
pub struct ResultsOf<'a, 'p> {
    /// The names of the scores, in their order.
    pub classes: &'a [String],
    pub selection: &'a Selection,
    /// What the network heard.
    pub front_end: FrontEnd,
    /// Paths of all files to come.
    pub paths: Vec<&'p Path>,
    /// A file, or for several label tracks a folder; standard output if none.
    pub output: Option<&'p Path>,
}

impl<'a> Results<'a> {
    pub fn new(format: Format, of: &ResultsOf<'a, '_>) -> anyhow::Result<Self> {
        let (classes, selection) = (of.classes, of.selection);
        if format == Format::Audacity && of.paths.len() > 1 {
            return Ok(Self::Audacity(AudacityResults::folder(
                label_folder(of)?.to_owned(),
                classes,
            )));
        }
        if format == Format::Parquet && of.output.is_none() && std::io::stdout().is_terminal() {
            bail!("parquet is not for a terminal; write it to a file by --output FILE");
        }
        let sink = Sink::open(of.output)?;
        Ok(match format {
            Format::Text => Self::Text(TextResults::new(
                sink,
                classes,
                selection,
                of.paths.iter().copied(),
            )),
            Format::Json => Self::Json(JsonResults::document(sink, classes, selection)?),
            Format::Jsonl => Self::Json(JsonResults::lines(sink, classes, selection)),
            Format::Csv => Self::Csv(Box::new(CsvResults::new(sink, classes, selection)?)),
            Format::Parquet => Self::Parquet(Box::new(ParquetResults::new(sink, classes, selection)?)),
            Format::Raven => Self::Raven(RavenResults::new(sink, classes, of.front_end)?),
            Format::Audacity => Self::Audacity(AudacityResults::one(sink, classes)),
        })
    }

    /// Writes the results of one file.
    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        match self {
            Self::Text(results) => results.write(result),
            Self::Json(results) => results.write(result),
            Self::Csv(results) => results.write(result),
            Self::Parquet(results) => results.write(result),
            Self::Raven(results) => results.write(result),
            Self::Audacity(results) => results.write(result),
        }
    }

    /// Writes windows of a file that is still heard; only for a [format that can](Format::tells_windows).
    pub fn write_windows(&mut self, path: &Path, windows: &[RankedWindow]) -> anyhow::Result<()> {
        match self {
            Self::Text(results) => results.write_windows(path, windows),
            Self::Json(results) => results.write_windows(path, windows),
            Self::Csv(results) => results.write_windows(path, windows),
            Self::Parquet(_) | Self::Raven(_) | Self::Audacity(_) => Ok(()),
        }
    }

    /// Ends the output; a file is in its place only after this.
    pub fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Text(results) => results.finish(),
            Self::Json(results) => results.finish(),
            Self::Csv(results) => results.finish(),
            Self::Parquet(results) => results.finish(),
            Self::Raven(results) => results.finish(),
            Self::Audacity(results) => results.finish(),
        }
    }
}

/// The folder for label tracks of several recordings, which is made if it is not there.
fn label_folder<'p>(of: &ResultsOf<'_, 'p>) -> anyhow::Result<&'p Path> {
    let Some(folder) = of.output else {
        bail!(
            "a label track of Audacity belongs to one recording; for {} recordings give a folder by --output FOLDER",
            of.paths.len()
        );
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot be made a folder for label tracks", folder.display()))?;
    Ok(folder)
}
