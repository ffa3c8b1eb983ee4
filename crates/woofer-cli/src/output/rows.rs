use super::file_result::{FileOutcome, FileResult};
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
    let path = result.path.display().to_string();
    let mut take_all = |times_s: (f64, f64), best: &[(usize, f32)]| {
        best.iter()
            .try_for_each(|&(class, score)| match classes.get(class) {
                None => Ok(()),
                Some(label) => take(Row {
                    path: &path,
                    times_s: Some(times_s),
                    label,
                    score,
                    error: None,
                }),
            })
    };
    match &result.outcome {
        FileOutcome::Skipped => Ok(()),
        FileOutcome::Failed(reason) => take(Row {
            path: &path,
            times_s: None,
            label: "",
            score: 0.0,
            error: Some(reason),
        }),
        FileOutcome::Scored(scored) if scored.windows.is_empty() => {
            let best = selection.ranking(&scored.clip.scores);
            take_all((0.0, scored.clip.duration_s), &best)
        }
        FileOutcome::Scored(scored) => scored
            .windows
            .iter()
            .try_for_each(|window| take_all((window.onset_s, window.offset_s), &window.best)),
    }
}
