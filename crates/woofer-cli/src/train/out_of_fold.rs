//! What each clip was scored by the classifier that had not met it, kept beside the model.

use std::fs;
use std::path::Path;

use anyhow::Context;
use woofer::dataset::{Folds, Manifest};
use woofer::evaluation::{ScoreColumns, ScoreRow, ScoreTable, write_history};
use woofer::render::LearningCurve;
use woofer::taxonomy::Taxonomy;

use crate::args::LabelledClipArgs;
use crate::evaluate::folders;
use crate::result_files::{DEGRADED, HISTORY, RECIPE, SCORES, write, write_text};

/// What the tested clips were scored when they were made worse, or in another take.
pub struct Degraded {
    pub name: String,
    pub scores: ScoreTable,
}

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

/// Writes what clips were scored when they were made worse into the folder `degraded` of a model's, a file a way.
pub fn write_degraded(model: &Path, ways: &[Degraded]) -> anyhow::Result<()> {
    if ways.is_empty() {
        return Ok(());
    }
    let folder = model.join(DEGRADED);
    fs::create_dir_all(&folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    let mut names: Vec<String> = Vec::new();
    for way in ways {
        let plain = file_name(&way.name);
        let others = (2..).map(|number| format!("{plain}-{number}"));
        let mut free = std::iter::once(plain.clone()).chain(others);
        let name = free.find(|name| !names.contains(name)).unwrap_or(plain);
        write(&folder, &format!("{name}.csv"), |to| way.scores.write(to))?;
        names.push(name);
    }
    Ok(())
}

/// A name for people as that of a file: `MP3, 24 kbps` is `mp3-24-kbps`.
fn file_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words.filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    if words.is_empty() {
        return "unnamed".to_owned();
    }
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_people_become_names_of_files() {
        for (name, file) in [
            ("MP3, 24 kbps", "mp3-24-kbps"),
            ("far in a room", "far-in-a-room"),
            ("../../etc/passwd", "etc-passwd"),
            ("--", "unnamed"),
        ] {
            assert_eq!(file_name(name), file);
        }
    }
}
