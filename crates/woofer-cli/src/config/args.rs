use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::ReportFormat;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the settings and where each comes from
    #[command(after_help = "\
An option on the command line wins over a variable WOOFER_..., which wins over woofer.toml, which wins over the default. \
What several commands take (model, taxonomy, threads) stands at the top of the file; what one command takes, in a table of \
its name: [classify], [dataset-check]. Keys are the long options with _ for -.

    model = \"mn04\"
    threads = 2

    [classify]
    format = \"jsonl\"
    min_score = 0.3

The file is --config FILE, else the one that WOOFER_CONFIG names, else woofer.toml in the present folder, else \
woofer/woofer.toml in the folder for settings (~/.config). Paths in it are told from its own folder.")]
    Show(ShowArgs),
    /// Check the file and the variables, and say what is wrong
    Check {
        /// The file [default: the one in use]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print which file is in use
    Path,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Print all settings, also those that nobody has set
    #[arg(short, long)]
    pub all: bool,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}
