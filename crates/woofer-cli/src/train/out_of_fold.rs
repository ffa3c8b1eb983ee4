//! What each clip was scored by the classifier that had not met it, kept beside the model.

use std::path::Path;

use woofer::dataset::{Folds, Manifest};
use woofer::evaluation::{ScoreColumns, ScoreRow, ScoreTable, write_history};
use woofer::render::LearningCurve;
use woofer::taxonomy::Taxonomy;

use crate::args::LabelledClipArgs;
use crate::evaluate::folders;
use crate::result_files::{HISTORY, RECIPE, SCORES, write, write_text};

/// The out-of-fold scores of some rows of a list: a score a fine label. `durations_s` are those of all rows, or of none.
pub fn score_table(
    (manifest, folds, taxonomy): (&Manifest, &Folds, &Taxonomy),
    labelled: &LabelledClipArgs,
    (rows, durations_s): (&[usize], &[Option<f64>]),
    fine_scores: Vec<Vec<f32>>,
) -> anyhow::Result<ScoreTable> {
    let folders = folders(&manifest.path, labelled.clips.as_deref());
    let fine = taxonomy.fine_labels();
    let row = |(&place, scores): (&usize, Vec<f32>)| {
        let row = manifest.rows.get(place)?;
        let fine = fine.get(row.fine).map_or("", |(_, fine)| fine.name.as_str());
        let fold = folds.of_row.get(place).map_or("", |&fold| folds.name(fold));
        Some(ScoreRow {
            fold: fold.to_owned(),
            duration_s: durations_s.get(place).copied().flatten(),
            ..ScoreRow::new(row, &folders, fine, scores)
        })
    };
    let rows = rows.iter().zip(fine_scores).filter_map(row).collect();
    Ok(ScoreTable::new(ScoreColumns::of_fine_labels(taxonomy), rows)?)
}

/// Writes `scores.csv`, `recipe.toml` and, where there is one, `history.csv` into a model's folder.
pub fn write_beside(
    model: &Path,
    scores: &ScoreTable,
    recipe: &impl serde::Serialize,
    history: &[LearningCurve],
) -> anyhow::Result<()> {
    write(model, SCORES, |to| scores.write(to))?;
    write_text(model, RECIPE, &toml::to_string(recipe)?)?;
    if !history.is_empty() {
        write(model, HISTORY, |to| write_history(history, to))?;
    }
    Ok(())
}
