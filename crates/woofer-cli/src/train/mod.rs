//! `woofer train`: list of clips -> what the backbone says of each -> cross-validation -> model.

mod out_of_fold;
mod summaries;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{anyhow, bail};
use woofer::dataset::{FoldChoice, Folds, Manifest, Severity};
use woofer::render::{EpochRecord, LearningCurve};
use woofer::taxonomy::Taxonomy;
use woofer_nn::training::{LabelledClip, Recipe, TrainingRecord, cross_validate, train_head};
use woofer_nn::{Bundle, Contents, Measured, Model, SourceRecord, Weights};

use crate::args::TrainArgs;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, evaluation_table, markdown_table};
use crate::progress::Progress;
use crate::result_files::BOOTSTRAP;
use crate::threads;

/// Runs the command.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    if args.output.exists() && !args.force {
        bail!(
            "{}: is there already; give --force to replace it",
            args.output.display()
        );
    }
    let recipe = recipe(args)?;
    let taxonomy = Taxonomy::open(&args.labelled.taxonomy)?;
    let manifest = match &args.labelled.clips {
        Some(clips) => Manifest::open_with_clips(&args.labelled.list, clips, &taxonomy)?,
        None => Manifest::open(&args.labelled.list, &taxonomy)?,
    };
    let choice = FoldChoice::from(args.labelled.folds.as_str());
    let folds = Folds::choose(&manifest, &choice, args.labelled.fold_count, recipe.seed)?;
    check_folds(&folds, &manifest, &taxonomy)?;
    let (model, weights, source) = open_backbone(&args.backbone)?;

    let (rows, clips) = listen(&model, &manifest);
    let labels = taxonomy.fine_labels().len();
    let fold_of_clip: Vec<usize> = rows.iter().map(|&row| folds.of_row[row]).collect();
    logging::detail(&format!(
        "training {} classifiers on {} clips",
        folds.count + 1,
        clips.len()
    ));
    let scores = cross_validate(&clips, &fold_of_clip, folds.count, labels, &recipe, |fold| {
        logging::detail(&format!("fold {} done", folds.name(fold)));
    })?;
    let scores = out_of_fold::score_table((&manifest, &folds, &taxonomy), &args.labelled, &rows, scores)?;
    let evaluation = scores.evaluate(BOOTSTRAP)?;
    let mut epochs = Vec::new();
    let head = train_head(
        &clips.iter().collect::<Vec<_>>(),
        labels,
        &recipe,
        |epoch, loss| {
            logging::detail(&format!("epoch {epoch}: loss {loss:.4}"));
            epochs.push(EpochRecord {
                epoch: u32::try_from(epoch).unwrap_or(u32::MAX),
                loss: Some(f64::from(loss)),
                auc: None,
            });
        },
    )?;

    let (architecture, weights) = head.onto(model.architecture().backbone, weights)?;
    let recordings: HashSet<&str> = rows
        .iter()
        .map(|&row| manifest.rows[row].recording.as_str())
        .collect();
    let contents = Contents {
        architecture,
        members: vec![weights],
        temperature: 1.0,
        shifts_s: vec![0.0],
        source,
        taxonomy: Some(taxonomy),
        training: Some(TrainingRecord {
            data: args
                .labelled
                .list
                .file_name()
                .unwrap_or(args.labelled.list.as_os_str())
                .to_string_lossy()
                .into_owned(),
            clips: clips.len(),
            recordings: recordings.len(),
            folds: folds.description.clone(),
            recipe,
        }),
        measured: Some(Measured {
            metrics_json: evaluation.to_json()?,
            summary: markdown_table(&evaluation),
        }),
    };
    let bundle = Bundle::create(&args.output, &contents, args.force)?;
    let history = LearningCurve {
        name: "all clips".to_owned(),
        kept: epochs.last().map(|last| last.epoch),
        epochs,
    };
    if let Some(training) = &contents.training {
        out_of_fold::write_beside(bundle.path(), &scores, &training.recipe, &[history])?;
    }

    let mut out = Sink::open(None)?;
    writeln!(out, "{}", evaluation_table(&evaluation))?;
    writeln!(out, "\nfolds: {}", folds.description)?;
    if folds.optimistic {
        writeln!(out, "optimistic: clips of one recording may lie in several folds")?;
    }
    writeln!(out, "written to {}", bundle.path().display())?;
    out.finish()?;
    let failed = manifest.rows.len() - clips.len();
    if failed > 0 {
        logging::warning(&format!(
            "{failed} of {} clips could not be read and were left out",
            manifest.rows.len()
        ));
        return Ok(Outcome::SomeFailed);
    }
    Ok(Outcome::Done)
}

/// The rows that can be read, and what the backbone says of each; the others are named on stderr.
fn listen(model: &Model, manifest: &Manifest) -> (Vec<usize>, Vec<LabelledClip>) {
    let progress = Progress::new(manifest.rows.len());
    let summaries = summaries::of_rows(model, &manifest.rows, &progress);
    progress.finish();
    let heard = |(place, summary): (usize, Result<Vec<Vec<f32>>, String>)| match summary {
        Ok(segments) => {
            let fine = manifest.rows.get(place)?.fine;
            Some((place, LabelledClip { fine, segments }))
        }
        Err(reason) => {
            logging::error(&reason);
            None
        }
    };
    summaries.into_iter().enumerate().filter_map(heard).unzip()
}

fn recipe(args: &TrainArgs) -> anyhow::Result<Recipe> {
    let mut recipe = Recipe::open(&args.recipe)?;
    recipe.seed = args.seed.unwrap_or(recipe.seed);
    recipe.epochs = args.epochs.map_or(recipe.epochs, std::num::NonZero::get);
    recipe.learning_rate = args.learning_rate.unwrap_or(recipe.learning_rate);
    if let Some(fault) = recipe.fault() {
        bail!("recipe {}: {fault}", recipe.name);
    }
    Ok(recipe)
}

/// Says what is worth knowing of the folds, and ends here if training could not be done with them.
fn check_folds(folds: &Folds, manifest: &Manifest, taxonomy: &Taxonomy) -> anyhow::Result<()> {
    let classes: HashSet<usize> = manifest.rows.iter().map(|row| row.class).collect();
    if classes.len() < 2 {
        let names: Vec<&str> = classes
            .iter()
            .filter_map(|&id| Some(taxonomy.classes.get(id)?.name.as_str()))
            .collect();
        bail!(
            "{}: all clips are of one class ({}); training needs at least two",
            manifest.path.display(),
            names.join(", ")
        );
    }
    let mut errors = Vec::new();
    for problem in folds.check(manifest, taxonomy) {
        match problem.severity() {
            // A class that the list lacks is never learned and never scored; one that only a fold lacks is a mistake.
            Severity::Error if !matches!(problem, woofer::dataset::FoldProblem::ClassWithoutRows { .. }) => {
                errors.push(problem.to_string());
            }
            Severity::Error | Severity::Warning => logging::warning(&problem.to_string()),
            Severity::Note => logging::detail(&problem.to_string()),
        }
    }
    if !errors.is_empty() {
        bail!("{}: {}", manifest.path.display(), errors.join("; "));
    }
    Ok(())
}

/// The backbone to listen with, and what the new model takes over from it.
fn open_backbone(path: &Path) -> anyhow::Result<(Model, Weights, SourceRecord)> {
    let contents = Contents::open(path)?;
    let model = Model::new(&path.display().to_string(), &contents)?;
    let [weights] = <[Weights; 1]>::try_from(contents.members).map_err(|members| {
        anyhow!(
            "{}: is an ensemble of {} networks; a backbone is one network",
            path.display(),
            members.len()
        )
    })?;
    Ok((model, weights, contents.source))
}
