//! The original's three experiments: does another data set help, all of it, without its dog sounds, or they alone?

use std::io::Write;

use anyhow::{Context, bail};
use woofer::dataset::{Manifest, Row};
use woofer::evaluation::Pairing;
use woofer::metrics::{Difference, Estimate};
use woofer_nn::Bundle;

use super::clips;
use super::training::{Outcome, Training};
use crate::logging;
use crate::output::{Sink, table};
use crate::result_files::BOOTSTRAP;

/// The experiment that the others are compared with.
const WITHOUT: &str = "none";

/// Folder of each experiment, and the classes of the other list that join it.
const EXPERIMENTS: [(&str, Option<&str>); 4] = [
    (WITHOUT, None),
    ("all", Some("all")),
    ("non-dog", Some("non-dog")),
    ("dog", Some("dog")),
];

/// One of the experiments.
struct Experiment {
    /// Its folder.
    name: &'static str,
    /// The clips of the other list that join it.
    rows: Vec<Row>,
    /// What came of it; none where it was left out.
    outcome: Option<Outcome>,
}

/// Trains without the other list and with three parts of it; prints what each part changes.
///
/// All that can be known beforehand is looked at before the first training: which clips join each, and whether each model can be written. A part
/// of which the other list has no clip is left out. When an interrupted run is taken up, what was done is not done again.
pub fn run(training: &Training<'_>, extra: &Manifest) -> anyhow::Result<usize> {
    let mut experiments = experiments(training, extra)?;
    let folder = &training.how.output;
    for experiment in &mut experiments {
        let output = folder.join(experiment.name);
        if experiment.is_left_out() {
            continue;
        }
        if training.how.resume {
            experiment.outcome = training.finished(&output, &experiment.rows)?;
        }
        if experiment.outcome.is_none() {
            Bundle::check_place(&output, training.how.force).context(
                "--resume takes up experiments that were interrupted, --force replaces their models",
            )?;
        }
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot be made a folder", folder.display()))?;
    for experiment in &mut experiments {
        let (name, clips) = (experiment.name, experiment.rows.len());
        if experiment.is_left_out() {
            logging::warning(&format!(
                "experiment {name}: left out, as {} has no clip of these classes",
                extra.path.display()
            ));
        } else if experiment.outcome.is_some() {
            logging::detail(&format!("experiment {name}: is done already"));
        } else {
            logging::detail(&format!("experiment {name}: {clips} clips more"));
            experiment.outcome = Some(training.run(&folder.join(name), &experiment.rows)?);
        }
    }
    print(training, &experiments)?;
    let outcomes = experiments.iter().filter_map(|e| e.outcome.as_ref());
    Ok(outcomes.map(|outcome| outcome.failures).max().unwrap_or(0))
}

/// The experiments and the clips that join each, none of them done.
fn experiments(training: &Training<'_>, extra: &Manifest) -> anyhow::Result<Vec<Experiment>> {
    let taxonomy = &training.taxonomy;
    if !taxonomy.classes.iter().any(|c| c.group.as_deref() == Some("dog")) {
        bail!(
            "--experiments: the taxonomy \"{}\" has no class with group = \"dog\"; use --extra-classes",
            taxonomy.name
        );
    }
    let experiments = EXPERIMENTS.iter().map(|&(name, classes)| {
        let rows = classes.map(|classes| clips::any_of_classes(extra, classes, taxonomy));
        Ok(Experiment {
            name,
            rows: rows.transpose()?.unwrap_or_default(),
            outcome: None,
        })
    });
    experiments.collect()
}

impl Experiment {
    /// Whether it would be no other than the one without the other list.
    fn is_left_out(&self) -> bool {
        self.rows.is_empty() && self.name != WITHOUT
    }
}

fn print(training: &Training<'_>, experiments: &[Experiment]) -> anyhow::Result<()> {
    let mut rows = table([
        "clips added",
        "",
        "AUC, weighted",
        "AUC, macro",
        "accuracy",
        "weighted AUC less that of none (95 % interval)",
    ]);
    let without = experiments.iter().find(|e| e.name == WITHOUT);
    let without = without.and_then(|e| e.outcome.as_ref());
    for experiment in experiments {
        let (name, count) = (experiment.name.to_owned(), experiment.rows.len().to_string());
        let Some(outcome) = &experiment.outcome else {
            rows.add_row([name, count, "left out".to_owned()]);
            continue;
        };
        let figures = &outcome.evaluation;
        let difference = match without {
            Some(without) if experiment.name != WITHOUT => difference(without, outcome)?,
            _ => String::new(),
        };
        let value = |estimate: &Estimate| estimate.to_string();
        rows.add_row([
            name,
            count,
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
    let done = experiments.iter().filter(|e| e.outcome.is_some());
    let names: Vec<&str> = done.map(|e| e.name).collect();
    let folder = training.how.output.display();
    writeln!(out, "written to {folder}: {}", names.join(", "))?;
    out.finish()
}

/// What an experiment changes of the weighted AUC, measured on the same draws of recordings.
fn difference(without: &Outcome, with: &Outcome) -> anyhow::Result<String> {
    let comparison = Pairing::new(&without.scores, &with.scores)?.compare(BOOTSTRAP)?;
    let is_weighted = |d: &&Difference| d.figure == "auc_weighted" && d.class.is_none();
    let found = comparison.differences.iter().find(is_weighted);
    Ok(found.map_or_else(|| "n/a".to_owned(), crate::compare::signed))
}
