use super::canvas::RenderError;
use super::line_chart::{Axis, Line, LineChart};
use super::theme::ACCENT;
use crate::metrics::Reliability;

/// How often predictions are right beside how sure they are, as SVG.
///
/// A bar a bin, as high as its accuracy; a dot at its mean score, larger with more clips. On the grey
/// line a classifier is as right as it is sure; below it, it is too sure.
///
/// # Errors
///
/// The drawing library fails.
pub fn reliability_plot(reliability: &Reliability) -> Result<String, RenderError> {
    let most = reliability
        .bins
        .iter()
        .map(|bin| bin.clips)
        .max()
        .unwrap_or(0)
        .max(1) as f64;
    let filled = reliability.bins.iter().filter_map(|bin| {
        let (confidence, accuracy) = (bin.confidence?, bin.accuracy?);
        let radius = 2.0 + 5.0 * (bin.clips as f64 / most).sqrt();
        Some((
            (bin.low, bin.high, accuracy),
            ((confidence.clamp(0.0, 1.0), accuracy), radius),
        ))
    });
    let (bars, dots): (Vec<_>, Vec<_>) = filled.unzip();
    LineChart {
        title: "Reliability diagram",
        x: Axis::share("score of the predicted class"),
        y: Axis::share("share that is right"),
        lines: vec![Line {
            name: String::new(),
            note: String::new(),
            color: ACCENT,
            points: dots.iter().map(|(place, _)| *place).collect(),
            dots,
        }],
        bars,
        reference: Some([(0.0, 0.0), (1.0, 1.0)]),
    }
    .svg()
}
