//! Woofer on the command line: arguments in, results on stdout, progress and messages on stderr.

mod args;
mod classify;
mod compare;
mod dataset;
mod evaluate;
mod exit;
mod logging;
mod model;
mod model_loading;
mod output;
mod progress;
mod report;
mod request;
mod result_files;
mod serve;
mod taxonomy;
mod threads;
mod train;
mod training_job;

use clap::Parser;

use args::{Cli, Command};
use training_job::TrainingJob;

fn main() -> std::process::ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(job) = TrainingJob::find(&arguments) {
        return exit::code(job.run(run));
    }
    exit::code(run(&Cli::parse_from(arguments)))
}

fn run(cli: &Cli) -> anyhow::Result<exit::Outcome> {
    logging::init(cli.quiet, cli.verbose);
    logging::leave_out_mended_panics();
    match &cli.command {
        Command::Classify(args) => classify::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Dataset(command) => dataset::run(command),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Model(command) => model::run(command),
        Command::Report(args) => report::run(args),
        Command::Request(args) => request::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Taxonomy(command) => taxonomy::run(command),
        Command::Train(args) => train::run(args),
    }
}
