//! Woofer on the command line: arguments in, results on stdout, progress and messages on stderr.

mod args;
mod audioset;
mod classify;
mod compare;
mod config;
mod dataset;
mod decoder;
mod doctor;
mod evaluate;
mod exit;
mod fetch;
mod folders;
mod freed_memory;
mod info;
mod logging;
mod model;
mod output;
mod progress;
mod report;
mod result_files;
mod shell;
mod spectrogram;
mod suggestion;
mod taxonomy;
mod threads;
mod train;
mod version;

use args::Command;

fn main() -> std::process::ExitCode {
    freed_memory::keep();
    let cli = config::parse();
    logging::init(cli.quiet, cli.verbose);
    logging::leave_out_mended_panics();
    decoder::hand_in();
    let outcome = match &cli.command {
        Command::Audioset(command) => audioset::run(command),
        Command::GuardChildren => {
            woofer_fetch::child::guard::serve();
            return std::process::ExitCode::SUCCESS;
        }
        Command::Classify(args) => classify::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Config(command) => config::run(command),
        Command::Dataset(command) => dataset::run(command),
        Command::Doctor(args) => doctor::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Info(args) => info::run(args),
        Command::Man { output } => shell::man(output.as_deref()),
        Command::Model(command) => model::run(command),
        Command::Report(args) => report::run(args),
        Command::Spectrogram(args) => spectrogram::run(args),
        Command::Taxonomy(command) => taxonomy::run(command),
        Command::Train(args) => train::run(args),
    };
    exit::code(outcome)
}
