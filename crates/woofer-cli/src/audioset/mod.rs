//! `woofer audioset`: from AudioSet's tables to clips that a network can be trained on.

mod args;
mod fetch;
mod lacking;
mod meta;
mod plan;
mod provide;
mod status_text;
mod tables;

use std::io::Write;

use woofer::audioset::Plan;
use woofer_fetch::audioset::{Journal, Status};

use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::output::Sink;
pub use args::AudioSetCommand;
use args::StatusArgs;

/// Runs `woofer audioset`.
pub fn run(command: &AudioSetCommand) -> anyhow::Result<Outcome> {
    match command {
        AudioSetCommand::Tables(args) => tables::run(args),
        AudioSetCommand::Plan(args) => plan::run(args),
        AudioSetCommand::Fetch(args) => fetch::run(args),
        AudioSetCommand::Status(args) => status(args),
        AudioSetCommand::Meta(args) => meta::run(args),
    }
}

fn status(args: &StatusArgs) -> anyhow::Result<Outcome> {
    let plan = Plan::open(&args.plan.plan)?;
    let folder = args.plan.clips();
    let status = Status::new(&plan, &Journal::read(&folder)?, &folder);
    let mut out = Sink::open(None)?;
    match args.format {
        ReportFormat::Text => status_text::write(&status, &folder, &mut out)?,
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &status)?;
            writeln!(out)?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}
