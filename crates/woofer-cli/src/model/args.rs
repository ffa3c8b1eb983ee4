use std::path::PathBuf;

use clap::Subcommand;
use woofer_nn::Bundle;

use super::fetch::FetchArgs;
use crate::train::DistillArgs;

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
