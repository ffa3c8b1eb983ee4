use super::canvas::RenderError;
use super::line_chart::{Axis, Line, LineChart, Scale, line_color, thinned};
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

/// The share of each class that is found against the false alarms in an hour of sound that this costs, as SVG; the legend
/// tells the share that is found at one false alarm in an hour.
///
/// `hours` is how long the clips last together; each clip of another class that is found is one false alarm. The axis
/// grows by factors of ten; what is found without any false alarm stands at its left end.
///
/// # Errors
///
/// The drawing library fails.
pub fn false_alarm_plot(clips: &ScoredClips, hours: f64) -> Result<String, RenderError> {
    let curve = |class: usize| {
        let others = clips.labels().iter().filter(|&&label| label != class).count() as f64;
        let points = clips.roc_curve(class);
        points.into_iter().map(move |p| {
            (
                (p.false_positive_rate * others).round() / hours,
                p.true_positive_rate,
            )
        })
    };
    let found_at_one = |class: usize| {
        let allowed = curve(class).take_while(|(rate, _)| *rate <= 1.0);
        allowed.last().map(|(_, found)| found)
    };
    let classes = 0..clips.classes().len();
    // Half of one in all: to the left of the least rate that there is but none.
    let none = 0.5 / hours;
    let most = clips.labels().len() as f64 / hours;
    LineChart {
        title: "Found against false alarms",
        x: Axis {
            label: "false alarms an hour (left end: none)",
            range: none.log10()..most.log10().max(none.log10() + 1.0),
            scale: Scale::Tenfold,
        },
        y: Axis::share("share found"),
        lines: lines(clips, &classes.map(found_at_one).collect::<Vec<_>>(), |class| {
            thinned(stairs(
                curve(class).map(|(rate, found)| (rate.max(none).log10(), found)),
            ))
        }),
        bars: Vec::new(),
        reference: None,
    }
    .svg()
}

/// Points as steps: what is found at a rate is found at every higher one.
fn stairs(points: impl Iterator<Item = (f64, f64)>) -> impl Iterator<Item = (f64, f64)> {
    let mut before = 0.0;
    points.flat_map(move |(at, height)| {
        let from = std::mem::replace(&mut before, height);
        [(at, from), (at, height)]
    })
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
