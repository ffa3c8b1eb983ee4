use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use woofer::evaluation::ThresholdGoal;

use crate::args::count;

#[derive(Debug, Args)]
#[command(after_help = "\
Rows of the list with weak = 1 are scored and kept in scores.csv, and not counted. Intervals are of 95 %, from drawing whole \
recordings anew. With --output three files are written: metrics.json (the figures), scores.csv (what the model said of each \
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
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
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
