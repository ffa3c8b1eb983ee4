//! `woofer classify`: inputs -> workers -> results in the order of the inputs -> output.

mod inputs;
mod workers;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use woofer::pipeline::Scorer;
use woofer::taxonomy::Taxonomy;
use woofer_nn::Model;

use crate::args::{ClassifyArgs, Format};
use crate::exit::Outcome;
use crate::logging;
use crate::model_loading::class_names;
use crate::output::{FileOutcome, FileResult, Results, Sink};
use crate::progress::Progress;
use crate::threads;

/// Classes printed for a file in text, unless more or fewer are asked for.
const TOP_K_IN_TEXT: usize = 3;

/// Runs the command.
pub fn run(args: &ClassifyArgs) -> anyhow::Result<Outcome> {
    let inputs = inputs::find(&args.inputs, args.recursive)?;
    threads::set(args.threads)?;
    let model = Arc::new(Model::open(&args.model)?);
    let taxonomy = args.taxonomy.as_deref().map(Taxonomy::open).transpose()?;
    let class_scores = model.class_scores(taxonomy.as_ref())?;
    let classes = class_names(&model, taxonomy.as_ref(), &class_scores);
    logging::detail(&format!("model {}: {}", model.name(), model.architecture()));

    let top_k = match (args.top_k, args.format) {
        (Some(k), _) => k.get(),
        (None, Format::Text) => TOP_K_IN_TEXT,
        (None, _) => usize::MAX,
    };
    let scorer = Scorer::new(model, class_scores);
    let sink = Sink::open(args.output.as_deref())?;
    let mut results = Results::new(
        args.format,
        sink,
        &classes,
        top_k,
        inputs.iter().map(|i| i.path.as_path()),
    )?;
    let progress = Progress::new(inputs.len());
    let mut tally = Tally::default();
    let started = Instant::now();
    workers::run(
        &scorer,
        &inputs,
        args.timeline.then_some(top_k),
        &progress,
        |result| progress.hide(|| tally.take(&result, &mut results)),
    )?;
    results.finish()?;
    progress.finish();
    tally.report(inputs.len(), started.elapsed());
    Ok(tally.outcome())
}

/// What came of all files.
#[derive(Default)]
struct Tally {
    scored: usize,
    failed: usize,
    skipped: usize,
    seconds: f64,
}

impl Tally {
    fn take(&mut self, result: &FileResult, results: &mut Results) -> anyhow::Result<()> {
        let path = result.path.display();
        match &result.outcome {
            FileOutcome::Scored(scored) => {
                self.scored += 1;
                self.seconds += scored.clip.duration_s;
                if !scored.repairs.is_clean() {
                    logging::warning(&format!("{path}: {}", scored.repairs));
                }
            }
            FileOutcome::Failed(reason) => {
                self.failed += 1;
                logging::error(reason);
            }
            FileOutcome::Skipped => {
                self.skipped += 1;
                logging::detail(&format!("{path}: not audio, skipped"));
                return Ok(());
            }
        }
        results.write(result)
    }

    fn report(&self, files: usize, took: Duration) {
        let took = took.as_secs_f64();
        logging::detail(&format!(
            "{} files, {:.1} s of sound in {took:.2} s ({:.0} times real time)",
            self.scored,
            self.seconds,
            self.seconds / took.max(1e-9)
        ));
        if self.failed > 0 && files > 1 {
            logging::warning(&format!(
                "{} of {} recordings failed",
                self.failed,
                self.failed + self.scored
            ));
        }
        if self.scored + self.failed == 0 {
            logging::error(&format!("none of the {} files found is audio", self.skipped));
        }
    }

    const fn outcome(&self) -> Outcome {
        match (self.scored, self.failed) {
            (0, _) => Outcome::NothingDone,
            (_, 0) => Outcome::Done,
            _ => Outcome::SomeFailed,
        }
    }
}

/// Standard input, as it is given among the inputs.
fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}
