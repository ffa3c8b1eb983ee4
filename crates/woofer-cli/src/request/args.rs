use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
A URL without a path means /invocations. The answer is printed as it comes, a line a file; with several files, behind the file's \
name. WOOFER_TOKEN holds the bearer token, if the service asks for one. Only http is spoken: for a service behind TLS use curl.

Exit codes: 0 all well, 1 some files were refused, 2 wrong usage, 3 all were.

Examples:
  woofer request http://127.0.0.1:8080 bark.wav
  woofer request http://127.0.0.1:8080/v1/classify?top_k=3 *.wav
  woofer request --accept text/csv http://127.0.0.1:8080 bark.wav")]
pub struct RequestArgs {
    /// Where the service is
    #[arg(value_name = "URL")]
    pub url: String,

    /// Recordings to send
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// The type of the answer, as text/csv [default: the service's own]
    #[arg(long, value_name = "TYPE")]
    pub accept: Option<String>,

    /// The type of the recordings
    #[arg(long, value_name = "TYPE", default_value = "application/octet-stream")]
    pub content_type: String,

    /// Longest time for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub timeout_s: NonZeroU64,
}
