//! `woofer compare`: two score files of the same clips -> differences with intervals.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use woofer::evaluation::Pairing;
use woofer::metrics::{Comparison, Difference};

use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, counted, table};
use crate::result_files::{BOOTSTRAP, read_scores};

#[derive(Debug, Args)]
#[command(after_help = "\
Clips are matched by their path in the list; those that only one has are named and left out. Both are measured in the same \
draws of recordings, so that what is hard for both drops out of the difference.

Examples:
  woofer compare old_model new_model
  woofer compare mn04_on_clips/scores.csv house/scores.csv --format json")]
pub struct CompareArgs {
    /// A scores.csv, or a folder with one, as `woofer evaluate` and `woofer train` write it
    #[arg(value_name = "A")]
    pub first: PathBuf,

    /// Another
    #[arg(value_name = "B")]
    pub second: PathBuf,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// Clips that are named one by one before the rest is only counted.
const NAMED: usize = 3;

/// The version of the JSON document.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    first: String,
    second: String,
    only_first: &'a [String],
    only_second: &'a [String],
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// Runs the command.
pub fn run(args: &CompareArgs) -> anyhow::Result<Outcome> {
    let (first, second) = (read_scores(&args.first)?, read_scores(&args.second)?);
    let pairing = Pairing::new(&first, &second)?;
    left_out(&args.first, &pairing.only_first);
    left_out(&args.second, &pairing.only_second);
    let comparison = pairing.compare(BOOTSTRAP)?;
    let mut out = Sink::open(None)?;
    match args.format {
        ReportFormat::Json => {
            let document = Document {
                schema_version: SCHEMA_VERSION,
                first: args.first.display().to_string(),
                second: args.second.display().to_string(),
                only_first: &pairing.only_first,
                only_second: &pairing.only_second,
                comparison: &comparison,
            };
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
        }
        ReportFormat::Text => {
            let mut rows = table(["figure", "A", "B", "B less A (95 % interval)", ""]);
            for difference in &comparison.differences {
                rows.add_row(row(difference));
            }
            writeln!(out, "A: {}\nB: {}\n", args.first.display(), args.second.display())?;
            writeln!(out, "{rows}")?;
            writeln!(
                out,
                "\n{} clips of {} recordings. Of the {} intervals, one in twenty would exclude 0 by chance.",
                comparison.clips,
                comparison.recordings,
                comparison
                    .differences
                    .iter()
                    .filter(|d| d.difference.low.is_some())
                    .count()
            )?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn row(difference: &Difference) -> [String; 5] {
    let value = |value: Option<f64>| value.map_or_else(|| "n/a".to_owned(), |v| format!("{v:.3}"));
    let figure = match &difference.class {
        Some(class) => format!("AUC {class}"),
        None => name(&difference.figure),
    };
    [
        figure,
        value(difference.first),
        value(difference.second),
        signed(difference),
        verdict(difference).to_owned(),
    ]
}

/// The figure as the table of an evaluation names it.
fn name(figure: &str) -> String {
    match figure {
        "auc_weighted" => "AUC, weighted".to_owned(),
        "auc_macro" => "AUC, macro".to_owned(),
        "average_precision_macro" => "average precision, macro".to_owned(),
        "f1_macro" => "F1, macro".to_owned(),
        "log_loss" => "log loss".to_owned(),
        "calibration_error" => "calibration error".to_owned(),
        "accuracy" => figure.to_owned(),
        "balanced_accuracy" => "accuracy, balanced".to_owned(),
        subset => format!("AUC, mean ({subset})"),
    }
}

/// The difference with its sign and interval.
pub fn signed(difference: &Difference) -> String {
    let estimate = difference.difference;
    match (estimate.value, estimate.low, estimate.high) {
        (Some(value), Some(low), Some(high)) => format!("{value:+.3} ({low:+.3} to {high:+.3})"),
        (Some(value), ..) => format!("{value:+.3}"),
        (None, ..) => "n/a".to_owned(),
    }
}

/// Which of the two is better, where the interval leaves no doubt of it.
fn verdict(difference: &Difference) -> &'static str {
    let lower_is_better = matches!(difference.figure.as_str(), "log_loss" | "calibration_error");
    match (difference.difference.low, difference.difference.high) {
        (Some(low), _) if low > 0.0 => {
            if lower_is_better {
                "A is better"
            } else {
                "B is better"
            }
        }
        (_, Some(high)) if high < 0.0 => {
            if lower_is_better {
                "B is better"
            } else {
                "A is better"
            }
        }
        (Some(_), Some(_)) => "may be chance",
        _ => "",
    }
}

fn left_out(file: &Path, clips: &[String]) {
    if clips.is_empty() {
        return;
    }
    let named: Vec<&str> = clips.iter().take(NAMED).map(String::as_str).collect();
    let more = match clips.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    logging::warning(&format!(
        "left out: {} that {} only in {}: {}{more}",
        counted(clips.len(), "clip"),
        if clips.len() == 1 { "counts" } else { "count" },
        file.display(),
        named.join(", ")
    ));
}
