use std::num::NonZeroUsize;

use clap::Args;

use crate::args::ReportFormat;
use crate::args::{ModelArg, count};

#[derive(Debug, Args)]
#[command(after_help = "\
Speeds are measured on a minute of made-up sound, for some seconds; other work on the machine slows them.

Exit codes: 0 nothing is wrong (something may be missing), 1 something is wrong.

Example:
  woofer doctor --model mn04")]
pub struct DoctorArgs {
    #[command(flatten)]
    pub listener: ModelArg,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,
}
