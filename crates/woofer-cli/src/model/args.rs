use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use woofer_nn::Bundle;

use super::fetch::FetchArgs;
use crate::args::{ModelArg, count};
use crate::train::DistillArgs;

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Fetch a published network by its name and make a model of it
    Fetch(FetchArgs),
    /// Make a model from a published weight file
    #[command(after_help = "\
Known files: EfficientAT mn01, mn02, mn04, mn05, mn10, mn20, mn30, mn40 (.pt, as published), torchvggish (.pth), YAMNet \
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
An ONNX file takes the network's examples (log-mel features) and gives logits and scores, all float32. Its metadata tells \
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
    /// Make a copy of a model that raises fewer false alarms at home, by recordings of ordinary hours there
    Tune(TuneArgs),
    /// List the models in folders
    List {
        /// The folders to look into
        #[arg(default_value = ".")]
        folders: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Record your home, or your camera, for some hours in which no dog barks, no alarm sounds, nothing is played: whatever the model \
hears in them is a false alarm. Its thresholds are raised until balanced mode hears at most --per-hour events of a class in an \
hour, and quiet mode none at all; none is lowered. The new model differs in nothing else.

Examples:
  woofer model tune monday.flac nights/ -o home
  woofer classify --model home --summary tuesday.flac
  woofer model tune kitchen/ --class CO_Smoke --per-hour 0.1 -o home")]
pub struct TuneArgs {
    /// Recordings of ordinary hours, and folders of them
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub recordings: Vec<PathBuf>,

    #[command(flatten)]
    pub model: ModelArg,

    /// Raise only the thresholds of this class; may be given several times [default: all but the one that takes the rest]
    #[arg(short, long = "class", value_name = "NAME")]
    pub classes: Vec<String>,

    /// Most events of a class in an hour that balanced mode may hear
    #[arg(long, value_name = "N", value_parser = rate, default_value = "1", allow_negative_numbers = true)]
    pub per_hour: f64,

    /// Go into the folders of a folder
    #[arg(short, long)]
    pub recursive: bool,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,

    /// Folder of the new model
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,

    /// Replace a model that is there already
    #[arg(long)]
    pub force: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=3_600.0).contains(&rate) => Ok(rate),
        _ => Err("allowed are 0 to 3600 events an hour".to_owned()),
    }
}
