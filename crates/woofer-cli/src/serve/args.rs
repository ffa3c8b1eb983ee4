use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, builder::RangedU64ValueParser, value_parser};

use crate::args::count;

#[derive(Debug, Args)]
#[command(after_help = "\
Without --model the models in /opt/ml/model are served, as SageMaker lays them there, and else the one built in. The service \
listens at 127.0.0.1, and at 0.0.0.0 in a container of SageMaker's (where there is /opt/ml). It speaks plain HTTP: TLS is left \
to a proxy in front of it. WOOFER_TOKEN, or a file with --token-file, holds a bearer token that is asked of everyone.

  GET  /                    a page to try it
  POST /v1/classify         a recording, or a form with several; ?top_k=3&timeline=true&events=true&model=NAME
  POST /invocations         as SageMaker asks
  GET  /openapi.json        all the rest

Examples:
  woofer serve
  woofer serve --check bark.wav
  curl -H 'Content-Type: audio/wav' --data-binary @bark.wav http://127.0.0.1:8080/v1/classify?top_k=3")]
pub struct ServeArgs {
    /// Models: folders, or published weight files; the first answers when none is named
    #[arg(short, long, env = "WOOFER_MODEL", value_name = "PATH", value_delimiter = None)]
    pub model: Vec<PathBuf>,

    /// Classes to score: a built-in taxonomy or a file [default: each model's own]
    #[arg(short, long, env = "WOOFER_TAXONOMY", value_name = "NAME|FILE")]
    pub taxonomy: Option<String>,

    /// Address or host name to listen at
    #[arg(long, env = "WOOFER_HOST", value_name = "ADDRESS")]
    pub host: Option<String>,

    /// Port to listen at; 0 takes a free one
    #[arg(
        short,
        long,
        env = "SAGEMAKER_BIND_TO_PORT",
        value_name = "PORT",
        default_value_t = 8080
    )]
    pub port: u16,

    /// Run one recording through the service without listening, print the answer, and end
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "multi_model"])]
    pub check: Option<PathBuf>,

    /// With --check: the type of the answer, as text/csv
    #[arg(long, value_name = "TYPE", requires = "check")]
    pub accept: Option<String>,

    /// A file with the bearer token
    #[arg(long, env = "WOOFER_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Let the pages of this origin use the service, as <https://example.org>; may be given again
    #[arg(long, value_name = "ORIGIN")]
    pub cors_origin: Vec<String>,

    /// Load and unload models by SageMaker's multi-model API, from below this folder
    #[arg(long, value_name = "FOLDER")]
    pub multi_model: Option<PathBuf>,

    /// Where SageMaker lays models
    #[arg(
        long,
        env = "WOOFER_OPT_ML",
        value_name = "FOLDER",
        default_value = "/opt/ml",
        hide = true
    )]
    pub opt_ml: PathBuf,

    /// Threads that score [default: all cores]
    #[arg(
        long,
        env = "WOOFER_THREADS",
        value_name = "N",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024)
    )]
    pub threads: Option<usize>,

    /// Refuse what only ffmpeg could read, also where it is installed
    #[arg(long)]
    pub no_ffmpeg: bool,

    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What a request may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Largest body, in MiB
    #[arg(long, env = "WOOFER_MAX_BODY_MIB", value_name = "MIB", default_value = "100", value_parser = count)]
    pub max_body_mib: NonZeroUsize,

    /// Bodies and answers held at a time, in MiB; more are answered 429
    #[arg(long, env = "WOOFER_MAX_HELD_MIB", value_name = "MIB", default_value = "256", value_parser = count)]
    pub max_held_mib: NonZeroUsize,

    /// Longest recording, in seconds; at most a week
    #[arg(
        long,
        env = "WOOFER_MAX_DURATION_S",
        value_name = "SECONDS",
        default_value = "600",
        value_parser = value_parser!(u32).range(1..=604_800)
    )]
    pub max_duration_s: u32,

    /// Recordings that may wait; more are answered 429
    #[arg(long, env = "WOOFER_QUEUE", value_name = "N", default_value = "64", value_parser = count)]
    pub queue: NonZeroUsize,

    /// Time that a recording may be expected to wait, in milliseconds; more are answered 429
    #[arg(long, env = "WOOFER_MAX_WAIT_MS", value_name = "MS", default_value = "300")]
    pub max_wait_ms: u32,

    /// Recordings that go through the network at once
    #[arg(long, env = "WOOFER_BATCH", value_name = "N", default_value = "4", value_parser = count)]
    pub batch: NonZeroUsize,

    /// Time for a request, in seconds; at most a day
    #[arg(
        long,
        env = "WOOFER_TIMEOUT_S",
        value_name = "SECONDS",
        default_value = "58",
        value_parser = value_parser!(u32).range(1..=86_400)
    )]
    pub timeout_s: u32,

    /// Open connections; more are answered 503
    #[arg(
        long,
        env = "WOOFER_MAX_CONNECTIONS",
        value_name = "N",
        default_value = "16384"
    )]
    pub max_connections: NonZeroUsize,
}
