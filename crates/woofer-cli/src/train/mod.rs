//! `woofer train` and `woofer model distill`: options -> `training` -> model, figures.
//!
//! `args` are the options, `clips` the lists, `retests` those that are only tested, `calibration` the softmax temperature, `training` one training,
//! `experiments` the four of the original, `out_of_fold` what is kept of the scores, `degraded` those of clips made worse, `meter` the progress.

mod args;
mod calibration;
mod clips;
mod degraded;
mod experiments;
mod meter;
mod out_of_fold;
mod retests;
mod training;

use std::io::Write;

use args::HowArgs;
pub use args::{DistillArgs, TrainArgs};
use degraded::degraded_table;
use training::Training;
use woofer::evaluation::ModeFigures;
use woofer_nn::Bundle;

use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, TextTable, evaluation_table, table};
use crate::threads;

/// Runs `woofer train`.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    threads::set(args.how.threads)?;
    check_output(&args.how, args.experiments)?;
    let mut training = Training::open(
        &args.labelled,
        &args.how,
        (&args.recipe, &args.how.changes()),
        &args.backbone,
        args.teacher.as_deref(),
    )?;
    training.retest(&args.retest)?;
    let extra = match &args.extra {
        Some(list) => Some(clips::open(
            list,
            args.extra_clips.as_deref(),
            &training.taxonomy,
        )?),
        None => None,
    };
    if let (Some(extra), true) = (&extra, args.experiments) {
        let failures = experiments::run(&training, extra)?;
        return Ok(outcome(&training, failures));
    }
    let rows = match &extra {
        Some(extra) => clips::of_classes(extra, &args.extra_classes, &training.taxonomy)?,
        None => Vec::new(),
    };
    train_and_tell(&training, &rows)
}

/// Runs `woofer model distill`.
pub fn distill(args: &DistillArgs) -> anyhow::Result<Outcome> {
    threads::set(args.how.threads)?;
    check_output(&args.how, false)?;
    let mut changes = vec!["loss.teacher=1.0".to_owned()];
    changes.extend(args.how.changes());
    let training = Training::open(
        &args.labelled,
        &args.how,
        (&args.recipe, &changes),
        &args.backbone,
        Some(&args.teacher),
    )?;
    train_and_tell(&training, &[])
}

/// Ends here, before anything is heard, where the model could not be written; experiments write several, which they check themselves.
fn check_output(how: &HowArgs, experiments: bool) -> anyhow::Result<()> {
    if !experiments {
        Bundle::check_place(&how.output, how.force)?;
    }
    Ok(())
}

fn train_and_tell(training: &Training<'_>, extra: &[woofer::dataset::Row]) -> anyhow::Result<Outcome> {
    let found = training.run(&training.how.output, extra)?;
    let mut out = Sink::open(None)?;
    writeln!(out, "{}", evaluation_table(&found.evaluation))?;
    if !found.temperatures.is_empty() {
        let mut rows = table(["softmax temperature", "AUC, weighted"]);
        for (temperature, auc) in &found.temperatures {
            let auc = auc.map_or_else(|| "n/a".to_owned(), |auc| format!("{auc:.4}"));
            rows.add_row([temperature.to_string(), auc]);
        }
        writeln!(out, "\n{rows}")?;
    }
    if !found.degraded.is_empty() {
        writeln!(out, "\n{}", degraded_table(&found.scores, &found.degraded)?)?;
    }
    if let Some(figures) = &found.modes {
        writeln!(out, "\n{}", modes_table(figures))?;
    }
    writeln!(out, "\nfolds: {}", training.folds.description)?;
    for reason in training.optimistic() {
        writeln!(out, "optimistic: {reason}")?;
    }
    writeln!(out, "written to {}", training.how.output.display())?;
    out.finish()?;
    Ok(outcome(training, found.failures))
}

/// What each mode finds of each class, and what it takes for it.
fn modes_table(figures: &[ModeFigures]) -> TextTable {
    let mut rows = table(["class", "clips", "others", "sensitive", "balanced", "quiet"]);
    for of_class in figures.chunk_by(|a, b| a.class == b.class) {
        let Some(first) = of_class.first() else { continue };
        let mut row = vec![
            first.class.clone(),
            first.clips.to_string(),
            first.others.to_string(),
        ];
        row.extend(
            of_class
                .iter()
                .map(|f| format!("{} found, {} false", f.found, f.false_alarms)),
        );
        rows.add_row(row);
    }
    rows
}

fn outcome(training: &Training<'_>, failures: usize) -> Outcome {
    if failures == 0 {
        return Outcome::Done;
    }
    logging::warning(&format!(
        "clips that could not be read and were left out: {failures}; the list has {}",
        training.manifest.rows.len()
    ));
    Outcome::SomeFailed
}
