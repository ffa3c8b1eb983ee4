//! The original's three experiments: does another data set help, all of it, without its dog sounds, or they alone?

use std::io::Write;

use anyhow::bail;
use woofer::dataset::Manifest;
use woofer::evaluation::Pairing;
use woofer::metrics::{Difference, Estimate};

use super::clips;
use super::training::{Outcome, Training};
use crate::output::{Sink, table};
use crate::result_files::BOOTSTRAP;

/// Folder of each experiment, and the classes of the other list that join it.
const EXPERIMENTS: [(&str, Option<&str>); 4] = [
    ("none", None),
    ("all", Some("all")),
    ("non-dog", Some("non-dog")),
    ("dog", Some("dog")),
];

/// Trains without the other list and with three parts of it; prints what each part changes.
pub fn run(training: &Training<'_>, extra: &Manifest) -> anyhow::Result<usize> {
    if !training
        .taxonomy
        .classes
        .iter()
        .any(|c| c.group.as_deref() == Some("dog"))
    {
        bail!(
            "--experiments: the taxonomy \"{}\" has no class with group = \"dog\"; use --extra-classes",
            training.taxonomy.name
        );
    }
    let folder = &training.how.output;
    std::fs::create_dir_all(folder)?;
    let mut outcomes: Vec<(&str, usize, Outcome)> = Vec::new();
    for (name, classes) in EXPERIMENTS {
        let rows = match classes {
            Some(classes) => clips::of_classes(extra, classes, &training.taxonomy)?,
            None => Vec::new(),
        };
        crate::logging::detail(&format!("experiment {name}: {} clips more", rows.len()));
        outcomes.push((name, rows.len(), training.run(&folder.join(name), &rows)?));
    }
    let mut rows = table([
        "clips added",
        "",
        "AUC, weighted",
        "AUC, macro",
        "accuracy",
        "weighted AUC less that of none (95 % interval)",
    ]);
    let without = outcomes.first().map(|(_, _, outcome)| outcome);
    for (name, count, outcome) in &outcomes {
        let figures = &outcome.evaluation;
        let difference = match without {
            Some(without) if *name != "none" => difference(without, outcome)?,
            _ => String::new(),
        };
        let value = |estimate: &Estimate| estimate.to_string();
        rows.add_row([
            (*name).to_owned(),
            count.to_string(),
            value(&figures.auc_weighted),
            value(&figures.auc_macro),
            value(&figures.accuracy),
            difference,
        ]);
    }
    let mut out = Sink::open(None)?;
    writeln!(out, "{rows}\n\nfolds: {}", training.folds.description)?;
    for reason in training.optimistic() {
        writeln!(out, "optimistic: {reason}")?;
    }
    writeln!(out, "written to {}: none, all, non-dog, dog", folder.display())?;
    out.finish()?;
    Ok(outcomes
        .iter()
        .map(|(_, _, outcome)| outcome.failures)
        .max()
        .unwrap_or(0))
}

/// What an experiment changes of the weighted AUC, measured on the same draws of recordings.
fn difference(without: &Outcome, with: &Outcome) -> anyhow::Result<String> {
    let comparison = Pairing::new(&without.scores, &with.scores)?.compare(BOOTSTRAP)?;
    let is_weighted = |d: &&Difference| d.figure == "auc_weighted" && d.class.is_none();
    let found = comparison.differences.iter().find(is_weighted);
    Ok(found.map_or_else(|| "n/a".to_owned(), crate::compare::signed))
}
