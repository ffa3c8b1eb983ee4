//! The files about a model's scores in a folder: `scores.csv`, `metrics.json`, `recipe.toml` and others.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use woofer::evaluation::ScoreTable;
use woofer::metrics::Bootstrap;

use crate::output::Sink;

/// Scores of the clips.
pub const SCORES: &str = "scores.csv";
/// Scores of the clips made worse: a folder with a file a way.
pub const DEGRADED: &str = "degraded";
/// Loss and AUC by epoch.
pub const HISTORY: &str = "history.csv";
/// How it was trained.
pub const RECIPE: &str = "recipe.toml";
/// The figures.
pub const METRICS: &str = "metrics.json";

/// The draws behind every interval that is printed: 1,000 with seed 0.
pub const BOOTSTRAP: Bootstrap = Bootstrap {
    draws: 1_000,
    seed: 0,
};

/// Writes a file of a folder, whole or not at all.
pub fn write(
    folder: &Path,
    name: &str,
    content: impl FnOnce(&mut Sink) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let path = folder.join(name);
    let mut sink = Sink::open(Some(&path))?;
    content(&mut sink).with_context(|| format!("{}: cannot be written", path.display()))?;
    sink.finish()
}

/// Writes a text file of a folder, whole or not at all.
pub fn write_text(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    write(folder, name, |sink| sink.write_all(text.as_bytes()))
}

/// Reads a `scores.csv`, given itself or the folder that it lies in.
pub fn read_scores(path: &Path) -> anyhow::Result<ScoreTable> {
    let file = scores_file(path)?;
    ScoreTable::read(&file).map_err(Into::into)
}

fn scores_file(path: &Path) -> anyhow::Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let file = path.join(SCORES);
    if file.is_file() {
        return Ok(file);
    }
    bail!(
        "{}: the folder has no {SCORES}; `woofer train` writes one, and `woofer evaluate -o FOLDER`",
        path.display()
    )
}

/// The text of a file of a folder, none if it is not there.
///
/// Such files are small; one of more than 4 MiB is refused.
pub fn text(folder: &Path, name: &str) -> anyhow::Result<Option<String>> {
    const MAX_BYTES: u64 = 4 << 20;
    let path = folder.join(name);
    let Ok(metadata) = fs::metadata(&path) else {
        return Ok(None);
    };
    if metadata.len() > MAX_BYTES {
        bail!(
            "{}: has {} bytes; allowed are {MAX_BYTES}",
            path.display(),
            metadata.len()
        );
    }
    fs::read_to_string(&path)
        .map(Some)
        .with_context(|| format!("{}: cannot be read", path.display()))
}
