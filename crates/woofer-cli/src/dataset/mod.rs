//! `woofer dataset`: labelled recordings, looked at before a network is trained on them, and sounds made for it.

mod args;
mod report_text;
mod sounds;

use std::io::Write;

use woofer::dataset::check::examine;
use woofer::dataset::{FoldChoice, Manifest};
use woofer::taxonomy::Taxonomy;

use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::output::{Sink, refuse_to_replace};
use crate::progress::Progress;
use crate::threads;
use args::DatasetCheckArgs;
pub use args::DatasetCommand;

/// Runs `woofer dataset`.
pub fn run(command: &DatasetCommand) -> anyhow::Result<Outcome> {
    match command {
        DatasetCommand::Check(args) => check(args),
        DatasetCommand::Sounds(args) => sounds::run(args),
    }
}

fn check(args: &DatasetCheckArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    let taxonomy = Taxonomy::open(&args.labelled.taxonomy)?;
    refuse_to_replace(args.output.as_deref(), [args.labelled.list.as_path()])?;
    let reading = Manifest::read(&args.labelled.list, args.labelled.clips.as_deref(), &taxonomy)?;
    let choice = FoldChoice::from(args.labelled.folds.as_str());
    let progress = Progress::new(reading.manifest.files());
    let report = examine(
        &reading,
        &taxonomy,
        (&choice, args.labelled.fold_count, args.seed),
        &|| progress.file_done(),
    );
    progress.finish();
    let mut sink = Sink::open(args.output.as_deref())?;
    match args.format {
        ReportFormat::Text => report_text::write(&report, &mut sink)?,
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut sink, &report)?;
            writeln!(sink)?;
        }
    }
    sink.finish()?;
    Ok(if report.stops_training() {
        Outcome::SomeFailed
    } else {
        Outcome::Done
    })
}
