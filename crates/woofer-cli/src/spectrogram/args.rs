use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use woofer::features::FrontEnd;

use crate::args::{ListenerArg, count};

#[derive(Debug, Args)]
#[command(after_help = "\
The picture shows the log-mel features as the network gets them, the waveform, and the scores of the classes along \
time: a lane a class, as high as its score. Of more than twelve classes the ten with the highest scores are shown.

Examples:
  woofer spectrogram bark.wav -o bark.png
  woofer spectrogram --model mn04 --from 3600 --to 3720 night.flac -o night.svg
  woofer spectrogram --no-scores --front-end vggish bark.wav -o bark.png")]
pub struct SpectrogramArgs {
    /// The recording
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The picture to write; its ending says whether as PNG or SVG
    #[arg(short, long, value_name = "FILE.png|FILE.svg")]
    pub output: PathBuf,

    #[command(flatten)]
    pub listener: ListenerArg,

    /// Show no scores
    #[arg(long)]
    pub no_scores: bool,

    /// Classes to score: a built-in taxonomy or a file [default: the model's own]
    #[arg(short, long, env = "WOOFER_TAXONOMY", value_name = "NAME|FILE")]
    pub taxonomy: Option<String>,

    /// Show only this class; may be given several times
    #[arg(short, long = "class", value_name = "NAME")]
    pub classes: Vec<String>,

    /// Features to draw [default: the model's own, mn without scores]
    #[arg(long, value_name = "vggish|yamnet|mn")]
    pub front_end: Option<FrontEnd>,

    /// Where to begin, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub from: Option<f64>,

    /// Where to end, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub to: Option<f64>,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..1e9).contains(&seconds) => Ok(seconds),
        _ => Err("a time is a number of seconds from 0 on".to_owned()),
    }
}
