use super::canvas::RenderError;
use super::line_chart::{Axis, Line, LineChart, line_color, thinned};
use crate::metrics::ScoredClips;

/// The ROC curve of each class against the rest, as SVG; the legend tells each class's AUC.
///
/// # Errors
///
/// The drawing library fails.
pub fn roc_plot(clips: &ScoredClips) -> Result<String, RenderError> {
    let figures = clips.figures();
    LineChart {
        title: "ROC curves",
        x: Axis::share("false positive rate"),
        y: Axis::share("true positive rate"),
        lines: lines(clips, &figures.auc, |class| {
            let points = clips.roc_curve(class);
            thinned(
                points
                    .iter()
                    .map(|p| (p.false_positive_rate, p.true_positive_rate)),
            )
        }),
        bars: Vec::new(),
        reference: Some([(0.0, 0.0), (1.0, 1.0)]),
    }
    .svg()
}

/// The precision-recall curve of each class, as SVG; the legend tells each class's average precision.
///
/// # Errors
///
/// The drawing library fails.
pub fn precision_recall_plot(clips: &ScoredClips) -> Result<String, RenderError> {
    let figures = clips.figures();
    LineChart {
        title: "Precision-recall curves",
        x: Axis::share("recall"),
        y: Axis::share("precision"),
        lines: lines(clips, &figures.average_precision, |class| {
            let points = clips.precision_recall_curve(class);
            // The area that average precision measures: each precision holds back to the recall before it.
            let mut before = 0.0;
            thinned(points.iter().flat_map(|p| {
                let from = std::mem::replace(&mut before, p.recall);
                [(from, p.precision), (p.recall, p.precision)]
            }))
        }),
        bars: Vec::new(),
        reference: None,
    }
    .svg()
}

fn lines(
    clips: &ScoredClips,
    values: &[Option<f64>],
    points: impl Fn(usize) -> Vec<(f64, f64)>,
) -> Vec<Line> {
    let names = clips.classes().iter().zip(values).enumerate();
    names
        .map(|(class, (name, value))| Line {
            name: name.clone(),
            note: value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.3}")),
            color: line_color(class, clips.classes().len()),
            points: points(class),
            dots: Vec::new(),
        })
        .collect()
}
