use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use woofer::events::Mode;

use super::is_standard_input;
use crate::args::{ListenerArg, count};
use crate::config::{Given, Settle, excluded};
use crate::output::Format;

#[derive(Debug, Args)]
#[command(after_help = "\
An event is a stretch of time in which every window of a class reaches the threshold of --mode, or --min-score. The \
formats raven and audacity, --segments and --summary are about events; the class that takes what the others leave (Other) \
has none unless --class names it.

Examples:
  woofer classify bark.wav
  woofer classify --recursive --format csv -o scores.csv recordings/
  woofer classify --model mn04_as_mAP_432.pt --taxonomy tomofun --timeline night.flac
  woofer classify --mode quiet --summary --segments found/ --class Barking --class Howling night.flac
  woofer classify --format raven -o night.txt night.flac
  some-recorder | woofer classify --timeline -")]
pub struct ClassifyArgs {
    /// Recordings, folders of recordings, or - for standard input
    #[arg(required = true, value_name = "FILE|FOLDER|-")]
    pub inputs: Vec<PathBuf>,

    #[command(flatten)]
    pub listener: ListenerArg,

    /// Classes to score: a built-in taxonomy or a file [default: the model's own]
    #[arg(short, long, env = "WOOFER_TAXONOMY", value_name = "NAME|FILE")]
    pub taxonomy: Option<String>,

    /// Print only the K best classes [default: 3 in text, all elsewhere]
    #[arg(short = 'k', long, value_name = "K", value_parser = count)]
    pub top_k: Option<NonZeroUsize>,

    /// Look only for this class; may be given several times
    #[arg(short, long = "class", value_name = "NAME")]
    pub classes: Vec<String>,

    /// Leave out scores below X, from 0 to 1 [default: for events the model's thresholds of --mode balanced, or else 0.5;
    /// none elsewhere]
    #[arg(long, value_name = "X", value_parser = score, allow_negative_numbers = true)]
    pub min_score: Option<f32>,

    /// Leave out scores below the model's own threshold of each class: sensitive (rather a false alarm than a sound missed),
    /// balanced or quiet (rather a sound missed than a false alarm)
    #[arg(long, value_name = "MODE", conflicts_with = "min_score")]
    pub mode: Option<Mode>,

    /// Take events of one class for one if so many seconds or less lie between them
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0", allow_negative_numbers = true)]
    pub max_gap: f64,

    /// Leave out events that last less, unless the recording begins or ends in them [default: what the taxonomy has for each class, 10 for
    /// the alarms of the built-in model, 0 for others; 0 in --mode sensitive]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub min_event: Option<f64>,

    /// Print a line a window, with its onset and offset, instead of a line a file
    #[arg(long)]
    pub timeline: bool,

    /// Print how much was heard and the events of each class, instead of a line a file
    #[arg(long, conflicts_with = "timeline")]
    pub summary: bool,

    /// Cut the events out: a WAV each in a folder a class, and a list of them, in a new folder
    #[arg(long, value_name = "FOLDER")]
    pub segments: Option<PathBuf>,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Go into the folders of a folder
    #[arg(short, long)]
    pub recursive: bool,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,

    /// Write the results to a file instead of standard output; audacity wants a folder for several recordings
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl Settle for ClassifyArgs {
    fn settle(&mut self, given: &Given<'_>) -> Result<(), clap::Error> {
        let standard_inputs = self.inputs.iter().filter(|path| is_standard_input(path)).count();
        if standard_inputs > 1 {
            return Err(excluded("standard input (-) can be given only once"));
        }
        if standard_inputs > 0 && self.segments.is_some() {
            return Err(excluded(
                "standard input (-) cannot be read a second time, which --segments does; give it as a file",
            ));
        }
        if self.timeline && self.format.lists_events() {
            match given.weaker("timeline", "format") {
                Some("timeline") => self.timeline = false,
                Some(_) => self.format = Format::Text,
                None => {
                    return Err(excluded(
                        "--timeline prints windows, and raven and audacity hold events; leave one of them out",
                    ));
                }
            }
        }
        let prints_summary = self.summary && self.output.is_none();
        if prints_summary && !matches!(self.format, Format::Text | Format::Json | Format::Jsonl) {
            match given.weaker("summary", "format") {
                Some("summary") => self.summary = false,
                Some(_) => self.format = Format::Text,
                None => {
                    return Err(excluded(
                        "a summary is printed as text or json; for results in another format beside it give --output FILE",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn score(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score is a number from 0 to 1".to_owned()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("allowed are 0 to 86400 seconds".to_owned()),
    }
}
