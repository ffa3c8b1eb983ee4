use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::args::{ReportFormat, count};

#[derive(Debug, Subcommand)]
pub enum AudioSetCommand {
    /// Fetch AudioSet's tables, join them, and count what there is for each class
    Tables(TablesArgs),
    /// Choose which events to cut out of which videos
    Plan(PlanArgs),
    /// Make the clips of a plan, from YouTube or from a copy on disk; the same command goes on where it ended
    Fetch(FetchArgs),
    /// Say how it stands with a plan: done, gone, to be tried again
    Status(StatusArgs),
    /// Write the lists that training reads, of the clips that there are
    Meta(MetaArgs),
}

/// Which tables, and which of their labels.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// The folder of the tables; those that are not in it are fetched
    #[arg(long, value_name = "FOLDER", default_value = "audioset")]
    pub dir: PathBuf,

    /// A strong table on disk, instead of the published ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub strong: Vec<PathBuf>,

    /// The table of names on disk, instead of the published one
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,

    /// A table of ten-second segments on disk, for fine labels that the strong tables lack; may be given several times
    #[arg(long, value_name = "FILE")]
    pub weak: Vec<PathBuf>,

    /// Fetch the published tables of ten-second segments (110 MB) and use them for fine labels that the strong tables lack
    #[arg(long, conflicts_with = "weak")]
    pub with_weak: bool,

    /// Which of the published sets to use
    #[arg(long, value_enum, default_value_t = Set::Train, conflicts_with = "strong")]
    pub set: Set,

    /// The classes: a built-in taxonomy or a file
    #[arg(
        short,
        long,
        env = "WOOFER_TAXONOMY",
        value_name = "NAME|FILE",
        default_value = "tomofun"
    )]
    pub taxonomy: String,

    /// Gather for labels under `audioset_more` in the taxonomy too (CO detector, fire alarm, yip, yell, music ...)
    #[arg(long)]
    pub extended: bool,

    /// Where the tables are published
    #[arg(long, value_name = "URL", default_value = woofer_fetch::audioset::OFFICIAL)]
    pub mirror: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Set {
    /// The training set
    Train,
    /// The evaluation set
    Eval,
    /// Both
    Both,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  woofer audioset tables
  woofer audioset tables --taxonomy pets.toml --extended
  woofer audioset tables --strong audioset_train_strong.tsv --names mid_to_display_name.tsv -o joined.tsv")]
pub struct TablesArgs {
    #[command(flatten)]
    pub tables: TableArgs,

    /// Write the strong table with the names of its labels
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Write only the rows whose labels the taxonomy gathers for
    #[arg(long, requires = "output")]
    pub wanted_only: bool,

    /// How to print the counts
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The plan is a CSV table that may be edited: rows removed, times and labels changed.

Examples:
  woofer audioset plan -o audioset/plan.csv
  woofer audioset plan --total 3000 --exclude-overlap --min-length 0.5 -o audioset/plan.csv
  woofer audioset plan --taxonomy pets.toml --per-class 200 --extended -o pets.csv")]
pub struct PlanArgs {
    #[command(flatten)]
    pub tables: TableArgs,

    /// At most N events of each class, shared by its fine labels
    #[arg(long, value_name = "N", value_parser = count)]
    pub per_class: Option<NonZeroUsize>,

    /// At most N events in all, shared by the classes
    #[arg(long, value_name = "N", value_parser = count)]
    pub total: Option<NonZeroUsize>,

    /// Leave out events shorter than this
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub min_length: u32,

    /// Take the middle of events longer than this
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub max_length: u32,

    /// Leave out cuts in which another class of the taxonomy sounds
    #[arg(long)]
    pub exclude_overlap: bool,

    /// Decides which events are taken when there are more than wanted
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// Write the plan to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A plan and its clips.
#[derive(Debug, Args)]
pub struct PlanAndClips {
    /// The plan, as `woofer audioset plan` writes it
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,

    /// The folder of the clips [default: `clips` beside the plan]
    #[arg(short = 'o', long, value_name = "FOLDER")]
    pub clips: Option<PathBuf>,
}

impl PlanAndClips {
    pub fn clips(&self) -> PathBuf {
        let beside = || {
            self.plan
                .parent()
                .unwrap_or(std::path::Path::new(""))
                .join("clips")
        };
        self.clips.clone().unwrap_or_else(beside)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Needs yt-dlp and ffmpeg; with --from only for formats that Woofer does not read itself (Opus). Proxies are taken from HTTPS_PROXY \
and the like, or from --proxy. Exit code 1 says that something is left to be tried again.

Examples:
  woofer audioset fetch audioset/plan.csv
  woofer audioset fetch audioset/plan.csv --jobs 2 --rate 10 --cookies cookies.txt
  woofer audioset fetch audioset/plan.csv --from /data/audioset/train_wav")]
pub struct FetchArgs {
    #[command(flatten)]
    pub plan: PlanAndClips,

    /// Cut out of a copy of AudioSet on disk: files named by video id, with or without the clip's start
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,

    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Videos at a time [default: 4, or all cores with --from]
    #[arg(short, long, value_name = "N", value_parser = count)]
    pub jobs: Option<NonZeroUsize>,

    /// Begin at most so many videos a minute, 0.01 or more; 0 for no limit
    #[arg(long, value_name = "N", default_value = "30", value_parser = rate, allow_negative_numbers = true)]
    pub rate: f64,

    /// End a video, and try it again, after so long
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub time_limit: u32,

    /// Attempts for a video in one run
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub tries: u32,

    /// Let all rest so long when YouTube says that it is too much (HTTP 429), then twice as long, and so on
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub pause: u32,

    /// Try again what was found to be gone
    #[arg(long)]
    pub retry_gone: bool,

    /// The clips' sample rate in hertz
    #[arg(long, value_name = "HZ", default_value = "16000", value_parser = clap::value_parser!(u32).range(8_000..=48_000))]
    pub sample_rate: u32,

    /// A proxy for yt-dlp
    #[arg(long, value_name = "URL", env = "WOOFER_PROXY", hide_env_values = true)]
    pub proxy: Option<String>,

    /// A file of cookies for yt-dlp; it is not changed
    #[arg(long, value_name = "FILE")]
    pub cookies: Option<PathBuf>,

    /// The browser whose cookies yt-dlp is to take, such as firefox
    #[arg(long, value_name = "BROWSER", conflicts_with = "cookies")]
    pub cookies_from_browser: Option<String>,

    /// yt-dlp, by name or path
    #[arg(long, value_name = "PROGRAM", default_value = "yt-dlp")]
    pub yt_dlp: OsString,

    /// ffmpeg, by name or path
    #[arg(long, value_name = "PROGRAM", default_value = "ffmpeg")]
    pub ffmpeg: OsString,

    /// A further argument for yt-dlp; may be given several times
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub yt_dlp_arg: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub plan: PlanAndClips,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Writes into the folder of the clips:
  meta_train.csv   Filename,Label,Remark, as the Tomofun challenge has it; without weak clips
  manifest.csv     the same and more: the video, its times, the AudioSet label; a video is a recording

Examples:
  woofer audioset meta audioset/plan.csv
  woofer dataset check audioset/clips/manifest.csv
  woofer train audioset/clips/manifest.csv --backbone mn04 -o dogs")]
pub struct MetaArgs {
    #[command(flatten)]
    pub plan: PlanAndClips,

    /// The classes: a built-in taxonomy or a file
    #[arg(
        short,
        long,
        env = "WOOFER_TAXONOMY",
        value_name = "NAME|FILE",
        default_value = "tomofun"
    )]
    pub taxonomy: String,
}

/// Seconds as milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range by then"
)]
fn seconds(text: &str) -> Result<u32, String> {
    let value = text.parse::<f64>().ok().filter(|s| (0.0..=86_400.0).contains(s));
    let value = value.ok_or("allowed is a number of seconds from 0 to 86400")?;
    Ok((value * 1_000.0).round() as u32)
}

fn rate(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok();
    let value = value.filter(|rate| *rate == 0.0 || (0.01..=1e6).contains(rate));
    match value.ok_or("allowed is a number from 0.01 to 1000000, or 0 for no limit")? {
        0.0 => Ok(f64::INFINITY),
        rate => Ok(rate),
    }
}
