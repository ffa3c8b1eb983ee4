//! What is left of the figures when the tested clips are made worse.

use std::fs;
use std::path::Path;

use anyhow::Context;
use woofer::evaluation::ScoreTable;
use woofer::metrics::Figures;

use crate::output::{TextTable, table};
use crate::result_files::{DEGRADED, write};

/// What the tested clips were scored when they were made worse, or in another take.
pub struct Degraded {
    pub name: String,
    /// What each draw of the same way was scored; of another take there is one.
    pub draws: Vec<ScoreTable>,
}

/// A line a way, beside the clips as they are; where a way was drawn several times, the mean over the draws.
pub fn degraded_table(clean: &ScoreTable, ways: &[Degraded]) -> anyhow::Result<TextTable> {
    let figures = clean.scored_clips()?.figures();
    let ids = clean.well_measured().classes;
    let classes = clean.columns().classes();
    let mut rows = table([
        "tested clips",
        "AUC, weighted",
        "AUC, macro",
        &format!("AUC, mean of {}", ids.len()),
        "accuracy",
        "balanced",
        "falls most",
    ]);
    let mut add = |name: &str, draws: &[Figures], most: String| {
        let mean = |of: &dyn Fn(&Figures) -> Option<f64>| {
            mean(draws, of).map_or_else(|| "n/a".to_owned(), |value| format!("{value:.3}"))
        };
        rows.add_row([
            name.to_owned(),
            mean(&Figures::auc_weighted),
            mean(&Figures::auc_macro),
            mean(&|figures| figures.auc_over(&ids)),
            mean(&|figures| figures.accuracy),
            mean(&Figures::balanced_accuracy),
            most,
        ]);
    };
    let clean = std::slice::from_ref(&figures);
    add("as they are", clean, String::new());
    for way in ways {
        let draws = way
            .draws
            .iter()
            .map(|scores| Ok(scores.scored_clips()?.figures()));
        let draws = draws.collect::<anyhow::Result<Vec<Figures>>>()?;
        let falls = ids.iter().filter_map(|&id| {
            let auc = |figures: &Figures| figures.auc.get(id).copied().flatten();
            Some((mean(clean, &auc)? - mean(&draws, &auc)?, classes.get(id)?))
        });
        let most = falls.max_by(|a, b| a.0.total_cmp(&b.0));
        let most = most.filter(|(fall, _)| *fall > 0.0);
        let most = most.map_or_else(String::new, |(fall, class)| format!("{class} by {fall:.3}"));
        let name = match draws.len() {
            1 => way.name.clone(),
            count => format!("{}, {count} draws", way.name),
        };
        add(&name, &draws, most);
    }
    Ok(rows)
}

/// The mean of a figure over some draws; none where one lacks it.
fn mean(draws: &[Figures], of: &dyn Fn(&Figures) -> Option<f64>) -> Option<f64> {
    let sum: Option<f64> = draws.iter().map(of).sum();
    sum.filter(|_| !draws.is_empty())
        .map(|sum| sum / draws.len() as f64)
}

/// Writes the scores into the folder `degraded` of a model's, a file a draw: `noise.csv`, `noise-2.csv`.
pub fn write_degraded(model: &Path, ways: &[Degraded]) -> anyhow::Result<()> {
    if ways.is_empty() {
        return Ok(());
    }
    let folder = model.join(DEGRADED);
    fs::create_dir_all(&folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    let mut names: Vec<String> = Vec::new();
    let draws = ways
        .iter()
        .flat_map(|way| way.draws.iter().map(|scores| (&way.name, scores)));
    for (name, scores) in draws {
        let plain = file_name(name);
        let others = (2..).map(|number| format!("{plain}-{number}"));
        let mut free = std::iter::once(plain.clone()).chain(others);
        let name = free.find(|name| !names.contains(name)).unwrap_or(plain);
        write(&folder, &format!("{name}.csv"), |to| scores.write(to))?;
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
