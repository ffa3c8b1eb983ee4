//! Woofer on the command line: arguments in, results on stdout, progress and messages on stderr.

mod args;
mod audioset;
mod classify;
mod command_line;
mod compare;
mod config;
mod dataset;
mod decoder;
mod doctor;
mod evaluate;
mod exit;
mod folders;
mod freed_memory;
mod info;
mod logging;
mod model;
mod model_loading;
mod output;
mod progress;
mod report;
mod request;
mod result_files;
mod serve;
mod shell;
mod spectrogram;
mod suggestion;
mod taxonomy;
mod threads;
mod train;
mod training_job;
mod version;

use clap::{CommandFactory, FromArgMatches};
use command_line::{Cli, Command};
use training_job::TrainingJob;

fn main() -> std::process::ExitCode {
    freed_memory::keep();
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(job) = TrainingJob::find(&arguments) {
        return exit::code(job.run(run));
    }
    let typed = Cli::from_arg_matches(&config::matches(Cli::command()));
    exit::code(run(&typed.unwrap_or_else(|error| error.exit())))
}

fn run(cli: &Cli) -> anyhow::Result<exit::Outcome> {
    logging::init(cli.quiet, cli.verbose);
    logging::leave_out_mended_panics();
    if !matches!(cli.command, Command::Serve(_)) {
        decoder::hand_in();
    }
    match &cli.command {
        Command::Audioset(command) => audioset::run(command),
        Command::GuardChildren => {
            woofer_fetch::child::guard::serve();
            Ok(exit::Outcome::Done)
        }
        Command::Classify(args) => classify::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Completions { shell } => shell::completions(Cli::command(), *shell),
        Command::Config(command) => config::run(&Cli::command(), command),
        Command::Dataset(command) => dataset::run(command),
        Command::Doctor(args) => doctor::run(&Cli::command(), args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Info(args) => info::run(args),
        Command::Man { output } => shell::man(Cli::command(), output.as_deref()),
        Command::Model(command) => model::run(command),
        Command::Report(args) => report::run(args),
        Command::Request(args) => request::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Spectrogram(args) => spectrogram::run(args),
        Command::Taxonomy(command) => taxonomy::run(command),
        Command::Train(args) => train::run(args),
    }
}
