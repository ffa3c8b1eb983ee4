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

use clap::Parser;

use args::{Cli, Command};

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    logging::init(cli.quiet, cli.verbose);
    logging::leave_out_mended_panics();
    let outcome = match &cli.command {
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
    };
    exit::code(outcome)
}
