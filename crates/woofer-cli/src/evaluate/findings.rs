use std::io::{self, Write};

use serde::Serialize;
use woofer::evaluation::{ScoreTable, ThresholdGoal, operating_points};
use woofer::metrics::{Evaluation, OperatingPoint};

use super::record::EvaluationRecord;
use crate::logging;
use crate::output::table;

/// The version of the JSON document.
const SCHEMA_VERSION: u32 = 1;

/// What was asked for beside the figures: a temperature, thresholds.
#[derive(Serialize)]
pub struct Findings {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<FittedTemperature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thresholds: Option<Vec<ClassThreshold>>,
}

/// What dividing the logits by a temperature changes.
#[derive(Serialize)]
struct FittedTemperature {
    /// On top of the model's own.
    temperature: f64,
    log_loss_before: Option<f64>,
    log_loss_after: Option<f64>,
    calibration_error_before: Option<f64>,
    calibration_error_after: Option<f64>,
}

#[derive(Serialize)]
struct ClassThreshold {
    class: String,
    threshold: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    false_alarms: Option<usize>,
}

/// The JSON document of `woofer evaluate`.
#[derive(Serialize)]
pub struct Document<'a> {
    schema_version: u32,
    evaluated: &'a EvaluationRecord,
    metrics: &'a Evaluation,
    #[serde(flatten)]
    findings: &'a Findings,
}

impl Findings {
    pub fn new(scores: &ScoreTable, fit: bool, goal: Option<ThresholdGoal>) -> anyhow::Result<Self> {
        let clips = scores.scored_clips()?;
        let temperature = if fit {
            let (fitted, rescaled) = scores.rescaled()?;
            let (before, after) = (clips.figures(), rescaled.scored_clips()?.figures());
            Some(FittedTemperature {
                temperature: fitted.temperature,
                log_loss_before: before.log_loss,
                log_loss_after: after.log_loss,
                calibration_error_before: before.calibration_error,
                calibration_error_after: after.calibration_error,
            })
        } else {
            None
        };
        let thresholds = goal.map(|goal| {
            let hours = scores.hours();
            if matches!(goal, ThresholdGoal::FalseAlarmsPerHour(_)) && hours.is_none() {
                logging::warning(
                    "the length of some clips is not known: no rate of false alarms can be told",
                );
            }
            let points = operating_points(&clips, goal, hours);
            let class = |(class, point): (&String, Option<OperatingPoint>)| ClassThreshold {
                class: class.clone(),
                threshold: point.map(|p| p.threshold),
                precision: point.map(|p| p.precision),
                recall: point.map(|p| p.recall),
                false_alarms: point.map(|p| p.false_alarms),
            };
            clips.classes().iter().zip(points).map(class).collect()
        });
        Ok(Self {
            temperature,
            thresholds,
        })
    }

    /// All that the command found, as one document.
    pub const fn document<'a>(
        &'a self,
        evaluated: &'a EvaluationRecord,
        metrics: &'a Evaluation,
    ) -> Document<'a> {
        Document {
            schema_version: SCHEMA_VERSION,
            evaluated,
            metrics,
            findings: self,
        }
    }

    pub fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        if let Some(fit) = &self.temperature {
            let mut rows = table(TEMPERATURE_HEADER);
            for row in fit.rows() {
                rows.add_row(row);
            }
            writeln!(out, "\n{rows}\n{TEMPERATURE_NOTE}")?;
        }
        if let Some(thresholds) = &self.thresholds {
            let mut rows = table(THRESHOLD_HEADER);
            for class in thresholds {
                rows.add_row(class.row());
            }
            writeln!(out, "\n{rows}\n{THRESHOLD_NOTE}")?;
        }
        Ok(())
    }

    pub fn write_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        if let Some(fit) = &self.temperature {
            markdown(out, &TEMPERATURE_HEADER, fit.rows())?;
            writeln!(out, "\n{TEMPERATURE_NOTE}")?;
        }
        if let Some(thresholds) = &self.thresholds {
            markdown(out, &THRESHOLD_HEADER, thresholds.iter().map(ClassThreshold::row))?;
            writeln!(out, "\n{THRESHOLD_NOTE}")?;
        }
        Ok(())
    }
}

const TEMPERATURE_HEADER: [&str; 3] = ["temperature", "log loss", "calibration error"];
const TEMPERATURE_NOTE: &str = "Fitted on these same clips; 1 is the model as it is.";
const THRESHOLD_HEADER: [&str; 5] = ["class", "threshold", "precision", "recall", "false alarms"];
const THRESHOLD_NOTE: &str = "n/a: no threshold reaches the goal, or the class has no clips. Thresholds were chosen on these \
                              same clips, and a class of few clips may not keep them.";

impl FittedTemperature {
    fn rows(&self) -> [[String; 3]; 2] {
        [
            [
                "1".to_owned(),
                number(self.log_loss_before),
                number(self.calibration_error_before),
            ],
            [
                format!("{:.3}", self.temperature),
                number(self.log_loss_after),
                number(self.calibration_error_after),
            ],
        ]
    }
}

impl ClassThreshold {
    fn row(&self) -> [String; 5] {
        [
            self.class.clone(),
            number(self.threshold),
            number(self.precision),
            number(self.recall),
            self.false_alarms
                .map_or_else(|| "n/a".to_owned(), |n| n.to_string()),
        ]
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.3}"))
}

fn markdown<const N: usize>(
    out: &mut impl Write,
    header: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> io::Result<()> {
    writeln!(out, "\n| {} |\n|{}", header.join(" | "), "---|".repeat(N))?;
    for row in rows {
        let row = row.map(|cell| cell.replace('|', "\\|"));
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    Ok(())
}
