use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use woofer::evaluation::ThresholdGoal;
use woofer_nn::{Bundle, Contents, Model};

use crate::classify::ClassifyArgs;
use crate::config::ConfigCommand;
use crate::dataset::args::SoundsArgs;
use crate::doctor::DoctorArgs;
use crate::fetch::FetchArgs;
use crate::info::InfoArgs;
use crate::request::RequestArgs;
use crate::serve::ServeArgs;
use crate::spectrogram::SpectrogramArgs;
use crate::train::args::{DistillArgs, TrainArgs};
use crate::version;

/// The model of a command that listens.
#[derive(Debug, Args)]
pub struct ModelArg {
    /// The model: the built-in one (default), the folder of one, or a published weight file
    #[arg(short, long, env = "WOOFER_MODEL", value_name = "PATH", default_value = Bundle::BUILT_IN)]
    pub model: PathBuf,
}

/// The model of a command that names what it hears, and the names that it gives.
#[derive(Debug, Args)]
pub struct ListenerArg {
    #[command(flatten)]
    pub model: ModelArg,

    /// What to name: the classes that the model was trained for, or the labels of AudioSet that its backbone knows
    #[arg(long, value_enum, default_value_t = Names::Own, value_name = "NAMES")]
    pub names: Names,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Names {
    /// The model's own classes
    Own,
    /// Each label of AudioSet, several of which may be heard at once; --taxonomy makes classes of them
    Audioset,
}

impl ListenerArg {
    /// Loads the model.
    pub fn open(&self) -> anyhow::Result<Model> {
        let path = &self.model.model;
        match self.names {
            Names::Own => Ok(Model::open(path)?),
            Names::Audioset => {
                let name = path.display().to_string();
                let contents = Contents::open(path)?.naming_audioset();
                Ok(Model::new(&name, &contents.with_context(|| name.clone())?)?)
            }
        }
    }
}

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
    Audioset(crate::audioset::args::AudioSetCommand),
    /// Name what is heard in recordings
    Classify(ClassifyArgs),
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

/// Which labelled clips, and how they are split.
#[derive(Debug, Args)]
pub struct LabelledClipArgs {
    /// The list of clips, or a folder with one sub-folder a class (see `woofer dataset check --help`)
    #[arg(value_name = "LIST|FOLDER")]
    pub list: PathBuf,

    /// The classes: a built-in taxonomy or a file
    #[arg(
        short,
        long,
        env = "WOOFER_TAXONOMY",
        value_name = "NAME|FILE",
        default_value = "tomofun"
    )]
    pub taxonomy: String,

    /// Where the clips of the list lie [default: the list's own folder]
    #[arg(long, value_name = "FOLDER")]
    pub clips: Option<PathBuf>,

    /// How to split the clips: by recording, by source, original (single clips), or by a column of the list
    #[arg(
        long,
        value_name = "recording|source|original|COLUMN",
        default_value = "recording"
    )]
    pub folds: String,

    /// Number of folds, unless a column gives them
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub fold_count: usize,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Rows of the list with weak = 1 are scored and kept in scores.csv, and not counted. Intervals are of 95 %, from drawing whole
recordings anew. With --output three files are written: metrics.json (the figures), scores.csv (what the model said of each
clip), evaluation.toml (what was measured, on what). `woofer compare` and `woofer report` read them.

Exit codes: 0 all well, 1 some clips could not be read, 2 wrong usage, 3 nothing could be measured.

Examples:
  woofer evaluate mn04 clips/manifest.csv -o mn04_on_clips
  woofer evaluate mn04_as_mAP_432.pt my_sounds/ --taxonomy my_classes.toml --format markdown
  woofer evaluate my_model clips/manifest.csv --temperature fit --thresholds precision=0.9")]
pub struct EvaluateArgs {
    /// The model: the built-in one (default), the folder of one, or a published weight file
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,

    /// The list of clips, or a folder with one sub-folder a class (see `woofer dataset check --help`)
    #[arg(value_name = "LIST|FOLDER")]
    pub list: PathBuf,

    /// The classes: a built-in taxonomy or a file [default: the model's own]
    #[arg(short, long, env = "WOOFER_TAXONOMY", value_name = "NAME|FILE")]
    pub taxonomy: Option<String>,

    /// Where the clips of the list lie [default: the list's own folder]
    #[arg(long, value_name = "FOLDER")]
    pub clips: Option<PathBuf>,

    /// Find the softmax temperature that fits the labels best, and say what it changes
    #[arg(long, value_enum, value_name = "fit")]
    pub temperature: Option<TemperatureChoice>,

    /// Find a threshold for each class: precision=0.9 or false-alarms-per-hour=2
    #[arg(long, value_name = "GOAL")]
    pub thresholds: Option<ThresholdGoal>,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = EvaluationFormat::Text)]
    pub format: EvaluationFormat,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Folder for metrics.json, scores.csv and evaluation.toml
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TemperatureChoice {
    /// Fitted by likelihood on the clips that are measured
    Fit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EvaluationFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// A table for a README
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Clips are matched by their path in the list; those that only one has are named and left out. Both are measured in the same
draws of recordings, so that what is hard for both drops out of the difference.

Examples:
  woofer compare old_model new_model
  woofer compare mn04_on_clips/scores.csv house/scores.csv --format json")]
pub struct CompareArgs {
    /// A scores.csv, or a folder with one, as `woofer evaluate` and `woofer train` write it
    #[arg(value_name = "A")]
    pub first: PathBuf,

    /// Another
    #[arg(value_name = "B")]
    pub second: PathBuf,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The page is one file that needs nothing beside it. It is made from scores.csv, and from history.csv, recipe.toml, model.toml
and evaluation.toml where they are there. Clips are played from their first five seconds, at 16 kHz.

Examples:
  woofer report mn04_on_clips
  woofer report my_model --list clips/manifest.csv -o my_model.html")]
pub struct ReportArgs {
    /// The folder that `woofer train` or `woofer evaluate` wrote
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// The list that the clips are of, so that they are found [default: as it was evaluated]
    #[arg(long, value_name = "LIST|FOLDER")]
    pub list: Option<PathBuf>,

    /// Where the clips of the list lie [default: the list's own folder]
    #[arg(long, value_name = "FOLDER")]
    pub clips: Option<PathBuf>,

    /// Surest mistakes of all classes to show
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub hardest: usize,

    /// Further mistakes to show of each class
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub per_class: usize,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Write the page elsewhere [default: report.html in the folder]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Listen to all clips and say what there is, what is wrong, and what to do about it
    #[command(after_help = "\
A list is a CSV file with the columns path and label, and if wanted fine, recording, source, weak, onset_s, offset_s and
others; or meta_train.csv of the Tomofun challenge, with its clips beside it or in train, raw or audio. A folder has one
sub-folder a class.

Exit codes: 0 training can begin, 1 something has to be mended first, 2 wrong usage, 3 the list cannot be read.

Examples:
  woofer dataset check clips/manifest.csv
  woofer dataset check meta_train.csv --clips wav/ --folds original
  woofer dataset check my_sounds/ --taxonomy my_classes.toml --format json -o report.json")]
    Check(DatasetCheckArgs),
    /// Make labelled sounds: alarms, door chimes, and household noises that are neither
    Sounds(SoundsArgs),
}

#[derive(Debug, Args)]
pub struct DatasetCheckArgs {
    #[command(flatten)]
    pub labelled: LabelledClipArgs,

    /// Seed of the folds, unless a column gives them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Fetch a published network by its name and make a model of it
    Fetch(FetchArgs),
    /// Make a model from a published weight file
    #[command(after_help = "\
Known files: EfficientAT mn01, mn02, mn04, mn05, mn10, mn20, mn30, mn40 (.pt, as published), torchvggish (.pth), YAMNet
and folded mn (safetensors). They are told apart by content.

Example:
  woofer model import mn04_as_mAP_432.pt --taxonomy tomofun -o mn04")]
    Import {
        /// The weight file
        file: PathBuf,
        /// Classes to score: a built-in taxonomy or a file [default: AudioSet's own]
        #[arg(short, long, value_name = "NAME|FILE")]
        taxonomy: Option<String>,
        /// Folder of the new model
        #[arg(short, long, value_name = "FOLDER")]
        output: PathBuf,
        /// Replace a model that is there already
        #[arg(long)]
        force: bool,
    },
    /// Say what a model is, and print its card
    Info {
        /// The model: the built-in one, a folder or a weight file
        #[arg(default_value = Bundle::BUILT_IN)]
        model: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that a model is whole and runs
    Verify {
        /// The models: folders
        #[arg(required = true)]
        models: Vec<PathBuf>,
    },
    /// Write a model for other programs
    #[command(after_help = "\
An ONNX file takes the network's examples (log-mel features) and gives logits and scores, all float32. Its metadata tells
the front end that makes the examples, the labels and the shifts. An ensemble becomes one file.

Example:
  woofer model export mn04 --onnx mn04.onnx")]
    Export {
        /// The model: a folder or a weight file
        model: PathBuf,
        /// The ONNX file to write
        #[arg(long, value_name = "FILE")]
        onnx: PathBuf,
        /// Replace a file that is there already
        #[arg(long)]
        force: bool,
    },
    /// Teach one network what an ensemble, or a larger network, says of clips
    Distill(DistillArgs),
    /// List the models in folders
    List {
        /// The folders to look into
        #[arg(default_value = ".")]
        folders: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum TaxonomyCommand {
    /// List the built-in taxonomies
    List,
    /// Print a built-in taxonomy as a file, to start one's own from
    Show {
        /// Its name
        name: String,
    },
    /// Check a taxonomy and say what it holds
    Check {
        /// A built-in taxonomy or a file
        #[arg(value_name = "NAME|FILE")]
        taxonomy: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}
