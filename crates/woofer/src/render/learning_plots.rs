use super::canvas::RenderError;
use super::line_chart::{Axis, Line, LineChart, Scale, line_color};

/// How one training went, epoch by epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct LearningCurve {
    /// Name of the run, such as `fold 1`.
    pub name: String,
    /// The epochs in their order.
    pub epochs: Vec<EpochRecord>,
    /// The epoch whose weights were kept, as it is numbered in `epochs`.
    pub kept: Option<u32>,
}

/// What was measured after one epoch; what was not, or was no number, is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRecord {
    /// Number of the epoch.
    pub epoch: u32,
    /// Mean loss over the training clips.
    pub loss: Option<f64>,
    /// AUC on the clips that the epoch is chosen by.
    pub auc: Option<f64>,
}

/// Training loss by epoch, one line a run, as SVG; a dot marks the epoch that was kept.
///
/// # Errors
///
/// The drawing library fails.
pub fn loss_plot(curves: &[LearningCurve]) -> Result<String, RenderError> {
    plot(curves, "Training loss by epoch", "loss", |record| record.loss)
}

/// AUC by epoch, one line a run, as SVG; a dot marks the epoch that was kept.
///
/// # Errors
///
/// The drawing library fails.
pub fn auc_plot(curves: &[LearningCurve]) -> Result<String, RenderError> {
    plot(curves, "AUC by epoch", "AUC", |record| record.auc)
}

fn plot(
    curves: &[LearningCurve],
    title: &str,
    label: &str,
    value: impl Fn(&EpochRecord) -> Option<f64>,
) -> Result<String, RenderError> {
    let line = |(i, curve): (usize, &LearningCurve)| {
        let place = |record: &EpochRecord| {
            let value = value(record).filter(|value| value.is_finite())?;
            Some((f64::from(record.epoch), value))
        };
        let points: Vec<(f64, f64)> = curve.epochs.iter().filter_map(place).collect();
        let kept = points
            .iter()
            .find(|(epoch, _)| curve.kept.map(f64::from) == Some(*epoch));
        Line {
            name: curve.name.clone(),
            note: kept
                .or(points.last())
                .map_or_else(|| "n/a".to_owned(), |(_, value)| format!("{value:.3}")),
            color: line_color(i, curves.len()),
            dots: kept.map(|&place| (place, 4.0)).into_iter().collect(),
            points,
        }
    };
    let lines: Vec<Line> = curves.iter().enumerate().map(line).collect();
    let all = || lines.iter().flat_map(|line| &line.points);
    let x = padded(all().map(|(x, _)| *x), 0.0, 0.5);
    let y = padded(all().map(|(_, y)| *y), 0.05, 0.05);
    let places = places(&y);
    LineChart {
        title,
        x: Axis {
            label: "epoch",
            range: x,
            scale: Scale::Whole,
        },
        y: Axis {
            label,
            range: y,
            scale: Scale::Plain(places),
        },
        lines,
        bars: Vec::new(),
        reference: None,
    }
    .svg()
}

/// How many places after the point tell the numbers along a range from one another.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 2 and 6"
)]
fn places(range: &std::ops::Range<f64>) -> usize {
    (-((range.end - range.start) / 7.0).log10().floor()).clamp(2.0, 6.0) as usize
}

/// The range of some values with a share of it added at both ends, or `alone` where they are all the same; never empty.
fn padded(values: impl Iterator<Item = f64>, share: f64, alone: f64) -> std::ops::Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if low > high {
        return 0.0..1.0;
    }
    let pad = if high > low { (high - low) * share } else { alone };
    low - pad..high + pad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_along_an_axis_are_told_from_one_another() {
        assert_eq!(
            [0.0..5.0, 0.0..0.5, 0.0..0.06, 1.0..1.001].map(|r| places(&r)),
            [2, 2, 3, 4]
        );
        assert_eq!(places(&(1.0..1.0 + 1e-12)), 6);
    }
}
