//! Arguments that several commands have.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use woofer_nn::{Bundle, Contents, Model};

/// A whole number from 1 on.
pub fn count(text: &str) -> Result<NonZeroUsize, String> {
    let fault = |_| "allowed are whole numbers from 1 on".to_owned();
    text.parse().map_err(fault)
}

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

/// How what a command found out is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}
