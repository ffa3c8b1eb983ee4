//! How trainings went, as a CSV file: a row an epoch of a run.

use std::io::{self, Write};
use std::path::Path;

use super::error::EvaluationError;
use crate::dataset::Table;
use crate::render::{EpochRecord, LearningCurve};

/// Most rows of a history: folds times epochs.
const MAX_EPOCHS: usize = 1_000_000;

/// Most runs, each of which is a line in a plot.
const MAX_RUNS: usize = 1000;

/// Writes a `history.csv`: `fold,epoch,loss,auc,kept`; what was not measured is empty.
///
/// # Errors
///
/// Writing fails.
pub fn write_history(curves: &[LearningCurve], to: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(["fold", "epoch", "loss", "auc", "kept"])?;
    let number = |value: Option<f64>| {
        let value = value.filter(|v| v.is_finite());
        value.map_or_else(String::new, |v| v.to_string())
    };
    for curve in curves {
        for record in &curve.epochs {
            csv.write_record([
                curve.name.as_str(),
                &record.epoch.to_string(),
                &number(record.loss),
                &number(record.auc),
                if curve.kept == Some(record.epoch) {
                    "1"
                } else {
                    "0"
                },
            ])?;
        }
    }
    csv.flush()
}

/// Reads a `history.csv`; rows of one run need not stand together, and `loss`, `auc` and `kept` may be missing.
///
/// # Errors
///
/// The file cannot be read, is too large, lacks the column `epoch`, or a row has a value that is not allowed.
pub fn read_history(path: &Path) -> Result<Vec<LearningCurve>, EvaluationError> {
    let mut table = Table::open(path)?;
    let [fold, epoch, loss, auc, kept] = ["fold", "epoch", "loss", "auc", "kept"].map(|n| table.column(n));
    if epoch.is_none() {
        let reason = "has no column \"epoch\"; is it a history.csv?".to_owned();
        return Err(table.header_fault(reason).into());
    }
    let mut curves: Vec<LearningCurve> = Vec::new();
    let mut rows = 0;
    while let Some((line, record)) = table.next()? {
        let refused = |reason: String| EvaluationError::Row {
            file: path.display().to_string(),
            line,
            reason,
        };
        let text = |place: Option<usize>| {
            let field = place.and_then(|place| record.get(place)).unwrap_or_default();
            String::from_utf8_lossy(field).trim().to_owned()
        };
        let number = |name: &str, place| match text(place).as_str() {
            "" => Ok(None),
            text => match text.parse::<f64>() {
                // A loss that ran away is no point on a line.
                Ok(value) => Ok(Some(value).filter(|v| v.is_finite())),
                Err(_) => Err(refused(format!(
                    "{name} is {text:?}; it must be a number or nothing"
                ))),
            },
        };
        let record = EpochRecord {
            epoch: text(epoch)
                .parse()
                .map_err(|_| refused(format!("epoch is {:?}; it must be a whole number", text(epoch))))?,
            loss: number("loss", loss)?,
            auc: number("auc", auc)?,
        };
        let name: String = text(fold).chars().take(200).collect();
        rows += 1;
        let place = curves.iter().position(|curve| curve.name == name);
        let new_run = place.is_none() && curves.len() == MAX_RUNS;
        if rows > MAX_EPOCHS || new_run {
            return Err(refused(format!(
                "more than {MAX_EPOCHS} epochs or {MAX_RUNS} runs"
            )));
        }
        let place = place.unwrap_or_else(|| {
            curves.push(LearningCurve {
                name,
                epochs: Vec::new(),
                kept: None,
            });
            curves.len() - 1
        });
        if let Some(curve) = curves.get_mut(place) {
            if matches!(text(kept).as_str(), "1" | "true") {
                curve.kept = Some(record.epoch);
            }
            curve.epochs.push(record);
        }
    }
    Ok(curves)
}
