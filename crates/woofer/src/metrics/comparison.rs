use serde::Serialize;

use super::bootstrap::{Bootstrap, draws_of_a_mean, draws_of_a_weighted_mean};
use super::error::MetricsError;
use super::estimate::Estimate;
use super::evaluation::{ClassSubset, check_subsets};
use super::figures::Figures;
use super::scored_clips::ScoredClips;

/// What one score set does better or worse than another on the same clips.
///
/// Both are measured in the same draws of recordings, so that what is hard for both drops out of the
/// difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Number of clips.
    pub clips: usize,
    /// Number of recordings that the clips come from.
    pub recordings: usize,
    /// Draws behind each interval.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// The figures, those over all classes first.
    pub differences: Vec<Difference>,
}

/// One figure of two score sets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Name of the figure as in `metrics.json`, such as `auc_weighted`, or `auc` of a class.
    pub figure: String,
    /// The class, where the figure is of one.
    pub class: Option<String>,
    /// Value of the first score set.
    pub first: Option<f64>,
    /// Value of the second.
    pub second: Option<f64>,
    /// Second less first, with its interval.
    pub difference: Estimate,
    /// Twice the share of draws on the rarer side of no difference, at most 1; small is telling.
    ///
    /// It is the level at which the interval would just touch 0, and never below one draw's share.
    pub two_sided_share: Option<f64>,
}

/// What a figure is over.
enum Over {
    /// Each clip, whatever its class.
    Clips,
    /// All classes, each by its clips.
    WeightedMean,
    /// Bins of clips, which become fewer and further off the more often clips are drawn twice: draws tell nothing.
    Bins,
    /// These classes, in the mean: a draw without one of them would be a mean over others.
    MeanOf(Vec<usize>),
    /// One class.
    Class(usize),
}

type Measure<'a> = Box<dyn Fn(&Figures) -> Option<f64> + 'a>;

impl Comparison {
    /// Compares two score sets of the same clips in the same order.
    ///
    /// # Errors
    ///
    /// Classes, labels or recordings differ, or a subset holds an id that is no class.
    pub fn measure(
        first: &ScoredClips,
        second: &ScoredClips,
        subsets: &[ClassSubset],
        bootstrap: Bootstrap,
    ) -> Result<Self, MetricsError> {
        check_subsets(subsets, first.classes().len())?;
        check_same_clips(first, second)?;
        let both = |weights: &[u32]| (first.weighted_figures(weights), second.weighted_figures(weights));
        let draws = bootstrap.run(first.recordings(), first.recording_count(), both);
        let values = (first.figures(), second.figures());
        let count = first.classes().len();
        let difference = |figure: &str, over: Over, of: Measure| {
            let less = |(a, b): &(Figures, Figures)| Some(of(b)? - of(a)?);
            let (class, taken) = match &over {
                Over::Clips => (None, draws.iter().collect()),
                Over::WeightedMean => (None, draws_of_a_weighted_mean(&draws, first)),
                Over::Bins => (None, Vec::new()),
                Over::MeanOf(classes) => (
                    None,
                    draws_of_a_mean(&draws, |(a, _)| a, first, &values.0, classes),
                ),
                // Drawing the only recording more often tells nothing.
                Over::Class(id) if first.counts(*id).1 < 2 => (Some(*id), Vec::new()),
                Over::Class(id) => (Some(*id), draws.iter().collect()),
            };
            let estimate = Estimate::new(less(&values), taken.iter().copied().map(less));
            let share = two_sided_share(taken.into_iter().filter_map(less));
            Difference {
                figure: figure.to_owned(),
                class: class.and_then(|id| first.classes().get(id).cloned()),
                first: of(&values.0),
                second: of(&values.1),
                two_sided_share: estimate.value.and(share),
                difference: estimate,
            }
        };
        let all = || Over::MeanOf((0..count).collect());
        let mut differences = vec![
            difference(
                "auc_weighted",
                Over::WeightedMean,
                Box::new(Figures::auc_weighted),
            ),
            difference("auc_macro", all(), Box::new(Figures::auc_macro)),
        ];
        for subset in subsets {
            differences.push(difference(
                &subset.name,
                Over::MeanOf(subset.classes.clone()),
                Box::new(|f| f.auc_over(&subset.classes)),
            ));
        }
        differences.extend([
            difference(
                "average_precision_macro",
                all(),
                Box::new(Figures::average_precision_macro),
            ),
            difference("f1_macro", all(), Box::new(Figures::f1_macro)),
            difference("accuracy", Over::Clips, Box::new(|f| f.accuracy)),
            difference("balanced_accuracy", all(), Box::new(Figures::balanced_accuracy)),
            difference("log_loss", Over::Clips, Box::new(|f| f.log_loss)),
            difference("calibration_error", Over::Bins, Box::new(|f| f.calibration_error)),
        ]);
        for id in 0..count {
            differences.push(difference(
                "auc",
                Over::Class(id),
                Box::new(move |f| f.auc.get(id).copied().flatten()),
            ));
        }
        Ok(Self {
            clips: first.labels().len(),
            recordings: first.recording_count(),
            draws: bootstrap.draws_of(first.recording_count()),
            seed: bootstrap.seed,
            differences,
        })
    }
}

fn check_same_clips(first: &ScoredClips, second: &ScoredClips) -> Result<(), MetricsError> {
    let differ = |what: String| Err(MetricsError::NotComparable(what));
    if first.classes() != second.classes() {
        return differ(format!(
            "the classes are {} and {}",
            first.classes().join(", "),
            second.classes().join(", ")
        ));
    }
    if first.labels().len() != second.labels().len() {
        return differ(format!(
            "{} and {} clips",
            first.labels().len(),
            second.labels().len()
        ));
    }
    let clips = first.labels().iter().zip(second.labels());
    if let Some(clip) = clips.into_iter().position(|(a, b)| a != b) {
        return differ(format!("clip {clip} has another label in each"));
    }
    if first.recordings() != second.recordings() {
        return differ("their clips are grouped into other recordings".to_owned());
    }
    Ok(())
}

fn two_sided_share(differences: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut draws, mut up, mut down) = (0u32, 0u32, 0u32);
    for difference in differences {
        draws += 1;
        up += u32::from(difference >= 0.0);
        down += u32::from(difference <= 0.0);
    }
    // One is added to each count, so that a finite number of draws never claims certainty (Davison and Hinkley, 1997).
    (draws > 0).then(|| (2.0 * f64::from(up.min(down) + 1) / f64::from(draws + 1)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_one_without_a_difference_and_small_with_a_clear_one() {
        assert_eq!(two_sided_share([0.0; 99].into_iter()), Some(1.0));
        assert_eq!(two_sided_share([0.1; 99].into_iter()), Some(0.02));
        assert_eq!(two_sided_share([-0.1; 99].into_iter()), Some(0.02));
        assert_eq!(two_sided_share(std::iter::empty()), None);
    }
}
