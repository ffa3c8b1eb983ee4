//! `woofer classify`: inputs -> workers -> results in the order of the inputs -> output, segments, summary.

mod args;
mod inputs;
mod names;
mod segments;
mod summary;
mod tally;
mod wanted;
mod workers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use woofer::Classifier;
use woofer::pipeline::Scorer;
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer_nn::Model;

use crate::exit::Outcome;
use crate::logging;
use crate::output::{
    FileOutcome, Format, Results, ResultsOf, ScoredFile, Selection, Sink, counted, refuse_to_replace,
    replaced_by,
};
use crate::progress::Progress;
use crate::threads;
pub use args::ClassifyArgs;
use inputs::Input;
use segments::{SegmentFolder, SegmentList};
use summary::Summary;
use tally::Tally;
use wanted::Wanted;
pub use wanted::class_id;
use workers::{Heard, Windows};

/// Runs the command.
pub fn run(args: &ClassifyArgs) -> anyhow::Result<Outcome> {
    let mut inputs = inputs::find(&args.inputs, args.recursive)?;
    let output = args.output.as_deref();
    // What is no recording by its name may be what was written there the last time.
    let is_replaced = replaced_by(output);
    inputs.retain(|input| input.promised || !is_replaced(&input.path));
    let promised = inputs.iter().filter(|input| input.promised);
    refuse_to_replace(output, promised.map(|input| input.path.as_path()))?;
    threads::set(args.threads)?;
    let model = Arc::new(args.listener.open()?);
    let taxonomy = args.taxonomy.as_deref().map(Taxonomy::open).transpose()?;
    let class_scores = model.class_scores(taxonomy.as_ref())?;
    let (classes, rest) = class_names(&model, taxonomy.as_ref(), &class_scores);
    let min_event_s = min_event_s(&model, taxonomy.as_ref(), &class_scores);
    let wanted = Wanted::new(args, &classes, rest, model.thresholds(), min_event_s)?;
    logging::detail(&format!("model {}: {}", model.name(), model.architecture()));

    let folder = args.segments.as_deref();
    let segments = folder.map(|f| SegmentFolder::create(f, &classes)).transpose()?;
    let of = ResultsOf {
        classes: &classes,
        selection: &wanted.selection,
        front_end: model.front_end(),
        paths: inputs.iter().map(|i| i.path.as_path()).collect(),
        output: args.output.as_deref(),
    };
    let prints_results = !args.summary || args.output.is_some();
    let mut tally = Tally::new(
        prints_results
            .then(|| Results::new(args.format, &of))
            .transpose()?,
        folder.map(|f| SegmentList::create(f, &classes)).transpose()?,
        args.summary.then(|| Summary::new(&classes)),
    );
    let scorer = Scorer::new(model, class_scores);
    let job = workers::Job {
        scorer: &scorer,
        windows: windows(args, &inputs),
        wanted: &wanted,
        segments: segments.as_ref(),
    };
    let progress = Progress::new(inputs.len());
    workers::run(&job, &inputs, &progress, |heard| {
        progress.hide(|| match heard {
            Heard::Window(path, window) => tally.take_window(&path, window),
            Heard::File(result) => tally.take(&result),
        })
    })?;
    progress.finish();
    if let Some(results) = tally.results.take() {
        results.finish()?;
    }
    if let Some(summary) = tally.summary.take() {
        let as_json = !prints_results && matches!(args.format, Format::Json | Format::Jsonl);
        let mut out = Sink::open(None)?;
        summary.write(&mut out, as_json, &wanted.looked_for())?;
        out.finish()?;
    }
    if let (Some(list), Some(folder)) = (tally.segments.take(), folder) {
        let clips = list.finish()?;
        logging::detail(&format!(
            "{} cut out to {}",
            counted(clips, "clip"),
            folder.display()
        ));
    }
    tally.report(inputs.len());
    Ok(tally.outcome())
}

/// Hands over what the scorer says of every window of recordings and folders of them, all classes, in the order of the inputs; tells
/// what could not be read.
pub fn every_window(
    scorer: &Scorer,
    recordings: &[PathBuf],
    recursive: bool,
    mut take: impl FnMut(&Path, &ScoredFile),
) -> anyhow::Result<Outcome> {
    let inputs = inputs::find(recordings, recursive)?;
    let wanted = Wanted {
        selection: Selection::new(None),
        rule: None,
    };
    let job = workers::Job {
        scorer,
        windows: Windows::Kept,
        wanted: &wanted,
        segments: None,
    };
    let mut tally = Tally::new(None, None, None);
    let progress = Progress::new(inputs.len());
    workers::run(&job, &inputs, &progress, |heard| {
        let Heard::File(result) = heard else {
            return Ok(());
        };
        if let FileOutcome::Scored(scored) = &result.outcome {
            take(&result.path, scored);
        }
        progress.hide(|| tally.take(&result))
    })?;
    progress.finish();
    Ok(tally.outcome())
}

/// What becomes of windows: those of standard input alone, which may go on for ever, are told as they come.
fn windows(args: &ClassifyArgs, inputs: &[Input]) -> Windows {
    let goes_on = matches!(inputs, [input] if is_standard_input(&input.path));
    match args.timeline {
        true if goes_on && args.format.tells_windows() => Windows::HandedOver,
        true => Windows::Kept,
        false => Windows::Dropped,
    }
}

/// The taxonomy whose classes are scored: the one that is asked for, or else the model's; none where each label is a class.
pub fn scored_taxonomy<'t>(
    model: &'t Model,
    taxonomy: Option<&'t Taxonomy>,
    class_scores: &ClassScores,
) -> Option<&'t Taxonomy> {
    let taxonomy = taxonomy.or(model.taxonomy());
    taxonomy.filter(|_| *class_scores != ClassScores::Labels)
}

/// The names of the scores, in their order, and the class that takes what the others leave.
pub fn class_names(
    model: &Model,
    taxonomy: Option<&Taxonomy>,
    class_scores: &ClassScores,
) -> (Vec<String>, Option<usize>) {
    match scored_taxonomy(model, taxonomy, class_scores) {
        None => (model.labels().iter().map(|l| l.name.clone()).collect(), None),
        Some(taxonomy) => (
            taxonomy.classes.iter().map(|c| c.name.clone()).collect(),
            taxonomy.rest(),
        ),
    }
}

/// How long in seconds an event of each class lasts at least; empty where no taxonomy says.
pub fn min_event_s(model: &Model, taxonomy: Option<&Taxonomy>, class_scores: &ClassScores) -> Vec<f64> {
    let of_taxonomy = scored_taxonomy(model, taxonomy, class_scores);
    of_taxonomy.map(Taxonomy::min_event_s).unwrap_or_default()
}

/// Standard input, as it is given among the inputs.
fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}
