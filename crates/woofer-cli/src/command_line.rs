//! What can be typed: the program's own options, and its commands with theirs.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::audioset::AudioSetCommand;
use crate::classify::ClassifyArgs;
use crate::compare::CompareArgs;
use crate::config::{ConfigCommand, Settled};
use crate::dataset::DatasetCommand;
use crate::doctor::DoctorArgs;
use crate::evaluate::EvaluateArgs;
use crate::info::InfoArgs;
use crate::model::ModelCommand;
use crate::report::ReportArgs;
use crate::request::RequestArgs;
use crate::serve::ServeArgs;
use crate::spectrogram::SpectrogramArgs;
use crate::taxonomy::TaxonomyCommand;
use crate::train::TrainArgs;
use crate::version;

/// Woofer listens to a home: it names barking, howling, alarms, breaking glass and more in recordings.
#[derive(Debug, Parser)]
#[command(name = "woofer", version = version::SHORT, long_version = version::LONG, propagate_version = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 all well, 1 some inputs failed, 2 wrong usage, 3 nothing could be done."
)]
pub struct Cli {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// Take the settings from this file in place of woofer.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make training clips from AudioSet: tables, a plan, the clips, the lists
    #[command(subcommand)]
    Audioset(AudioSetCommand),
    /// Name what is heard in recordings
    Classify(Settled<ClassifyArgs>),
    /// Say whether one classifier is better than another, from their scores on the same clips
    Compare(CompareArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Look at and check the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check labelled recordings before training on them, or make labelled sounds
    #[command(subcommand)]
    Dataset(DatasetCommand),
    /// Say what is installed, what works, and how fast this machine is
    Doctor(DoctorArgs),
    /// Measure a model on labelled recordings
    Evaluate(EvaluateArgs),
    /// Say what a recording is: format, rate, length, level, damage
    Info(InfoArgs),
    /// Write manual pages
    Man {
        /// A folder for the pages of all commands [default: the program's own page on standard output]
        #[arg(short, long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
    /// Fetch, import, look at and check models
    #[command(subcommand)]
    Model(ModelCommand),
    /// Write a page about a trained or measured model: curves, confusions, the hardest clips to see and hear
    Report(ReportArgs),
    /// Send recordings to a service and print what it answers
    Request(RequestArgs),
    /// Answer over HTTP: a page, an API, and what SageMaker asks for
    Serve(ServeArgs),
    /// Draw a recording: log-mel, waveform and the scores of classes along time
    Spectrogram(SpectrogramArgs),
    /// Look at and check taxonomies: which classes there are and what counts for each
    #[command(subcommand)]
    Taxonomy(TaxonomyCommand),
    /// Ends what a killed woofer left running
    #[command(hide = true)]
    GuardChildren,
    /// Make a classifier of one's own from labelled clips
    Train(TrainArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// What stands below the options of a command and of all below it.
    fn texts_below(command: &clap::Command) -> Vec<String> {
        let own = command.get_after_help().map(ToString::to_string);
        own.into_iter()
            .chain(command.get_subcommands().flat_map(texts_below))
            .collect()
    }

    #[test]
    fn a_paragraph_below_the_options_is_one_line_which_the_terminal_breaks() {
        let texts = texts_below(&Cli::command());
        assert!(texts.len() > 15, "{}", texts.len());
        let is_plain = |line: &str| !line.is_empty() && !line.starts_with(' ');
        for text in texts {
            let lines: Vec<&str> = text.lines().collect();
            for pair in lines.windows(2) {
                assert!(!pair.iter().all(|line| is_plain(line)), "{pair:?}");
            }
        }
    }

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}
