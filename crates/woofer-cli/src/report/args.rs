use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::args::count;

#[derive(Debug, Args)]
#[command(after_help = "\
The page is one file that needs nothing beside it. It is made from scores.csv, and from history.csv, recipe.toml, model.toml \
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
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,

    /// Write the page elsewhere [default: report.html in the folder]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
