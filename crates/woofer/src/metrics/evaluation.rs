use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, draws_of_a_mean, draws_of_a_weighted_mean};
use super::confusion::Confusion;
use super::error::MetricsError;
use super::estimate::Estimate;
use super::figures::Figures;
use super::scored_clips::ScoredClips;

/// The version of `metrics.json` that this program writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// All figures of a set of clips with their intervals: what `metrics.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    schema_version: u32,
    /// Number of clips.
    pub clips: usize,
    /// Number of recordings that the clips come from.
    pub recordings: usize,
    /// Draws behind each interval.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Share of the clips whose highest score is that of their own class.
    pub accuracy: Estimate,
    /// The same of each class, in the mean; not defined in files of older versions.
    #[serde(default)]
    pub balanced_accuracy: Estimate,
    /// Mean one-vs-rest ROC AUC of the classes, weighed by their clips.
    pub auc_weighted: Estimate,
    /// Mean one-vs-rest ROC AUC of the classes.
    pub auc_macro: Estimate,
    /// Mean AUC of the subsets of the classes that were asked for.
    #[serde(default)]
    pub auc_subsets: Vec<SubsetEvaluation>,
    /// Mean average precision of the classes.
    pub average_precision_macro: Estimate,
    /// Mean F1 of the classes.
    pub f1_macro: Estimate,
    /// Mean negative natural logarithm of the score of each clip's own class.
    pub log_loss: Estimate,
    /// Expected calibration error of the highest score.
    pub calibration_error: Estimate,
    /// The figures of each class.
    pub per_class: Vec<ClassEvaluation>,
    /// Clips by true class (rows) and predicted class (columns).
    pub confusion: Confusion,
}

/// The figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassEvaluation {
    /// Name of the class.
    pub class: String,
    /// Clips of the class.
    pub clips: usize,
    /// Recordings that have clips of the class. With fewer than two there are no intervals.
    pub recordings: usize,
    /// ROC AUC against the rest.
    pub auc: Estimate,
    /// Average precision.
    pub average_precision: Estimate,
    /// F1 where each clip counts for its highest score.
    pub f1: Estimate,
    /// Share of its clips that were taken for it; not defined in files of older versions.
    #[serde(default)]
    pub recall: Estimate,
}

/// Some of the classes, whose mean AUC is a figure of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSubset {
    /// Name of the figure, such as `macro6`.
    pub name: String,
    /// Ids of the classes.
    pub classes: Vec<usize>,
}

/// The mean AUC of a [`ClassSubset`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubsetEvaluation {
    /// Name of the figure.
    pub name: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Their mean AUC; classes in which it is not defined are left out.
    pub auc: Estimate,
}

impl Evaluation {
    /// Measures the clips and draws the intervals.
    ///
    /// # Errors
    ///
    /// A subset holds an id that is no class.
    pub fn measure(
        clips: &ScoredClips,
        subsets: &[ClassSubset],
        bootstrap: Bootstrap,
    ) -> Result<Self, MetricsError> {
        check_subsets(subsets, clips.classes().len())?;
        let figures = clips.figures();
        let draws = bootstrap.run(clips.recordings(), clips.recording_count(), |weights| {
            clips.weighted_figures(weights)
        });
        let estimate =
            |of: &dyn Fn(&Figures) -> Option<f64>| Estimate::new(of(&figures), draws.iter().map(of));
        let mean = |classes: &[usize], of: &dyn Fn(&Figures) -> Option<f64>| {
            let draws = draws_of_a_mean(&draws, |draw| draw, clips, &figures, classes);
            Estimate::new(of(&figures), draws.into_iter().map(of))
        };
        let all: Vec<usize> = (0..clips.classes().len()).collect();
        let macro_mean = |of: &dyn Fn(&Figures) -> Option<f64>| mean(&all, of);
        let class = |(id, name): (usize, &String)| {
            let (clip_count, recordings) = clips.counts(id);
            let of_class = |list: fn(&Figures) -> &[Option<f64>]| {
                let estimate = estimate(&|f| list(f).get(id).copied().flatten());
                // Drawing one recording more or less often never changes it: the interval would be too narrow.
                if recordings > 1 {
                    estimate
                } else {
                    estimate.without_interval()
                }
            };
            ClassEvaluation {
                class: name.clone(),
                clips: clip_count,
                recordings,
                auc: of_class(|f| &f.auc),
                average_precision: of_class(|f| &f.average_precision),
                f1: of_class(|f| &f.f1),
                recall: of_class(|f| &f.recall),
            }
        };
        let subset = |subset: &ClassSubset| SubsetEvaluation {
            name: subset.name.clone(),
            classes: subset
                .classes
                .iter()
                .filter_map(|&id| clips.classes().get(id).cloned())
                .collect(),
            auc: mean(&subset.classes, &|f| f.auc_over(&subset.classes)),
        };
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            clips: clips.labels().len(),
            recordings: clips.recording_count(),
            draws: bootstrap.draws_of(clips.recording_count()),
            seed: bootstrap.seed,
            accuracy: estimate(&|f| f.accuracy),
            balanced_accuracy: macro_mean(&Figures::balanced_accuracy),
            auc_weighted: Estimate::new(
                figures.auc_weighted(),
                draws_of_a_weighted_mean(&draws, clips)
                    .into_iter()
                    .map(Figures::auc_weighted),
            ),
            auc_macro: macro_mean(&Figures::auc_macro),
            auc_subsets: subsets.iter().map(subset).collect(),
            average_precision_macro: macro_mean(&Figures::average_precision_macro),
            f1_macro: macro_mean(&Figures::f1_macro),
            log_loss: estimate(&|f| f.log_loss),
            // Drawing clips more than once makes bins fewer and further off: all draws lie above the value.
            calibration_error: estimate(&|f| f.calibration_error).without_interval(),
            per_class: clips.classes().iter().enumerate().map(class).collect(),
            confusion: clips.confusion(),
        })
    }

    /// The text of a `metrics.json`.
    ///
    /// # Errors
    ///
    /// None that is known: all values can be written as JSON.
    pub fn to_json(&self) -> Result<String, MetricsError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|e| fault("metrics.json", e.to_string()))
    }

    /// Reads the text of a `metrics.json`; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// It is no such JSON, of a version that is not known, or its parts do not fit each other.
    pub fn from_json(text: &str, file: &str) -> Result<Self, MetricsError> {
        let read: Self = serde_json::from_str(text).map_err(|e| fault(file, e.to_string()))?;
        if read.schema_version != SCHEMA_VERSION {
            let reason = format!(
                "schema_version {}; known is {SCHEMA_VERSION}",
                read.schema_version
            );
            return Err(fault(file, reason));
        }
        if !read.confusion.is_square(read.per_class.len()) {
            let reason = format!(
                "the confusion matrix does not fit {} classes",
                read.per_class.len()
            );
            return Err(fault(file, reason));
        }
        Ok(read)
    }
}

/// Refuses subsets with ids that are no classes.
pub(super) fn check_subsets(subsets: &[ClassSubset], classes: usize) -> Result<(), MetricsError> {
    for subset in subsets {
        if let Some(&class) = subset.classes.iter().find(|&&class| class >= classes) {
            return Err(MetricsError::Subset {
                subset: subset.name.clone(),
                class,
                classes,
            });
        }
    }
    Ok(())
}

fn fault(file: &str, reason: String) -> MetricsError {
    MetricsError::File {
        file: file.to_owned(),
        reason,
    }
}
