use std::path::PathBuf;

use clap::Args;

use crate::args::ReportFormat;

#[derive(Debug, Args)]
#[command(after_help = "\
Each recording is decoded to its end, so that its length and its level are those of the sound, not those that a header \
claims. Levels are in decibels below full scale, of the mean of all channels.

Examples:
  woofer info bark.wav
  woofer info --format json recordings/*.m4a")]
pub struct InfoArgs {
    /// Recordings, or - for standard input
    #[arg(required = true, value_name = "FILE|-")]
    pub files: Vec<PathBuf>,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}
