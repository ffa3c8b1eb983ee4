use std::path::Path;

use super::file_result::{FileOutcome, FileResult, RankedWindow};
use super::ranking::Selection;

/// A row of the formats with one row a class.
pub struct Row<'a> {
    pub path: &'a str,
    /// None in the row of a file that failed, as are all below.
    pub times_s: Option<(f64, f64)>,
    pub label: &'a str,
    pub score: f32,
    /// Why the file failed.
    pub error: Option<&'a str>,
}

/// Hands over the rows of a file: one a class, of the whole or of each window; or a single one that says why it failed.
pub fn each_row(
    result: &FileResult,
    classes: &[String],
    selection: &Selection,
    mut take: impl FnMut(Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match &result.outcome {
        FileOutcome::Skipped => Ok(()),
        FileOutcome::Failed(reason) => take(Row {
            path: &result.path.display().to_string(),
            times_s: None,
            label: "",
            score: 0.0,
            error: Some(reason),
        }),
        FileOutcome::Scored(scored) if scored.windows.is_empty() => {
            let whole = RankedWindow {
                onset_s: 0.0,
                offset_s: scored.clip.duration_s,
                best: selection.ranking(&scored.clip.scores),
            };
            each_row_of_windows(&result.path, &[whole], classes, take)
        }
        FileOutcome::Scored(scored) => each_row_of_windows(&result.path, &scored.windows, classes, take),
    }
}

/// Hands over the rows of windows of a file, one a class.
pub fn each_row_of_windows(
    path: &Path,
    windows: &[RankedWindow],
    classes: &[String],
    mut take: impl FnMut(Row<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = path.display().to_string();
    for window in windows {
        for &(class, score) in &window.best {
            if let Some(label) = classes.get(class) {
                take(Row {
                    path: &path,
                    times_s: Some((window.onset_s, window.offset_s)),
                    label,
                    score,
                    error: None,
                })?;
            }
        }
    }
    Ok(())
}
