use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::args::ReportFormat;

#[derive(Debug, Args)]
#[command(after_help = "\
Speeds are measured on a minute of made-up sound, for some seconds; other work on the machine slows them.

Exit codes: 0 nothing is wrong (something may be missing), 1 something is wrong.

Example:
  woofer doctor --model mn04")]
pub struct DoctorArgs {
    /// The model to try: the built-in one (default), the folder of one, or a published weight file
    #[arg(
        short,
        long,
        env = "WOOFER_MODEL",
        value_name = "PATH",
        default_value = "default"
    )]
    pub model: PathBuf,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}
