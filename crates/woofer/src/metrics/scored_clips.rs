use std::collections::{HashMap, HashSet};

use super::calibration::{CALIBRATION_BINS, Reliability};
use super::confusion::{Confusion, best_class};
use super::curves::{PrecisionRecallPoint, RocPoint, precision_recall_curve, roc_curve};
use super::error::MetricsError;
use super::figures::Figures;
use super::log_loss::clip_loss;
use super::ranking::Ranking;

/// The labels and scores of a set of clips, checked, and sorted once for all that is measured of them.
#[derive(Debug, Clone)]
pub struct ScoredClips {
    classes: Vec<String>,
    labels: Vec<usize>,
    scores: Vec<Vec<f64>>,
    /// Number of each clip's recording, counted from 0 in the order of their first clips.
    recordings: Vec<usize>,
    recording_count: usize,
    predicted: Vec<usize>,
    losses: Vec<f64>,
    rankings: Vec<Ranking>,
}

impl ScoredClips {
    /// Takes each clip's class id, its scores (`[clips][classes]`), and the name of the recording it comes from.
    ///
    /// Scores need not sum to one.
    ///
    /// # Errors
    ///
    /// There are no clips, the lists differ in length, a label is no class, or a score is not finite.
    pub fn new(
        labels: &[usize],
        scores: &[Vec<f64>],
        recordings: &[impl AsRef<str>],
        classes: &[impl AsRef<str>],
    ) -> Result<Self, MetricsError> {
        if labels.len() != scores.len() || labels.len() != recordings.len() {
            return Err(MetricsError::Lengths {
                labels: labels.len(),
                scores: scores.len(),
                recordings: recordings.len(),
            });
        }
        let classes: Vec<String> = classes.iter().map(|name| name.as_ref().to_owned()).collect();
        let mut predicted = Vec::with_capacity(labels.len());
        let mut losses = Vec::with_capacity(labels.len());
        for (clip, (&label, row)) in labels.iter().zip(scores).enumerate() {
            check_clip(clip, label, row, &classes)?;
            predicted.extend(best_class(row));
            losses.extend(row.get(label).map(|&score| clip_loss(score)));
        }
        if labels.is_empty() {
            return Err(MetricsError::NoClips);
        }
        let mut numbers = HashMap::new();
        let recordings = recordings
            .iter()
            .map(|name| {
                let next = numbers.len();
                *numbers.entry(name.as_ref()).or_insert(next)
            })
            .collect();
        let mut clips = Self {
            recording_count: numbers.len(),
            recordings,
            labels: labels.to_vec(),
            scores: scores.to_vec(),
            predicted,
            losses,
            rankings: Vec::new(),
            classes,
        };
        clips.rankings = (0..clips.classes.len())
            .map(|class| Ranking::new(clips.scored(class)))
            .collect();
        Ok(clips)
    }

    /// Names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Class id of each clip.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Scores of each clip, one a class.
    #[must_use]
    pub fn scores(&self) -> &[Vec<f64>] {
        &self.scores
    }

    /// Class id of each clip's highest score, the first of several that are level.
    #[must_use]
    pub fn predicted(&self) -> &[usize] {
        &self.predicted
    }

    /// Places of the clips that were taken for another class, those taken most surely first.
    ///
    /// How sure is told by how far the predicted class's score is above the own class's.
    #[must_use]
    pub fn mistakes(&self) -> Vec<usize> {
        let lead = |clip: usize| -> Option<f64> {
            let (own, predicted) = (*self.labels.get(clip)?, *self.predicted.get(clip)?);
            let row = self.scores.get(clip)?;
            (own != predicted).then_some(row.get(predicted)? - row.get(own)?)
        };
        let mut wrong: Vec<(usize, f64)> = (0..self.labels.len())
            .filter_map(|clip| Some((clip, lead(clip)?)))
            .collect();
        wrong.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        wrong.into_iter().map(|(clip, _)| clip).collect()
    }

    /// Number of recordings that the clips come from.
    #[must_use]
    pub const fn recording_count(&self) -> usize {
        self.recording_count
    }

    /// Number of each clip's recording.
    pub(super) fn recordings(&self) -> &[usize] {
        &self.recordings
    }

    /// Numbers of clips and of recordings of one class.
    pub(super) fn counts(&self, class: usize) -> (usize, usize) {
        let of_class = |(&label, &recording): (&usize, &usize)| (label == class).then_some(recording);
        let recordings: Vec<usize> = self
            .labels
            .iter()
            .zip(&self.recordings)
            .filter_map(of_class)
            .collect();
        (recordings.len(), recordings.iter().collect::<HashSet<_>>().len())
    }

    /// Each clip's score for one class, and whether the clip is of it.
    ///
    /// Empty for an id that is no class.
    pub fn scored(&self, class: usize) -> impl Iterator<Item = (f64, bool)> {
        let row =
            move |(&label, row): (&usize, &Vec<f64>)| row.get(class).map(|&score| (score, label == class));
        self.labels.iter().zip(&self.scores).filter_map(row)
    }

    /// ROC curve of one class against the rest.
    #[must_use]
    pub fn roc_curve(&self, class: usize) -> Vec<RocPoint> {
        roc_curve(self.scored(class))
    }

    /// Precision-recall curve of one class.
    #[must_use]
    pub fn precision_recall_curve(&self, class: usize) -> Vec<PrecisionRecallPoint> {
        precision_recall_curve(self.scored(class))
    }

    /// Accuracy beside confidence, in [`CALIBRATION_BINS`] bins.
    #[must_use]
    pub fn reliability(&self) -> Reliability {
        self.weighted_reliability(&vec![1; self.labels.len()])
    }

    /// Which class was taken for which.
    #[must_use]
    pub fn confusion(&self) -> Confusion {
        self.weighted_confusion(&vec![1; self.labels.len()])
    }

    /// All figures of the clips, without intervals.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.weighted_figures(&vec![1; self.labels.len()])
    }

    /// All figures where each clip counts as often as its weight says.
    pub(super) fn weighted_figures(&self, weights: &[u32]) -> Figures {
        let weight = |clip: usize| weights.get(clip).copied().unwrap_or(0);
        let confusion = self.weighted_confusion(weights);
        let clips: u64 = weights.iter().map(|&w| u64::from(w)).sum();
        let loss: f64 = self
            .losses
            .iter()
            .zip(weights)
            .map(|(loss, &w)| loss * f64::from(w))
            .sum();
        Figures {
            clips: confusion.rows().iter().map(|row| row.iter().sum()).collect(),
            auc: self
                .rankings
                .iter()
                .map(|ranking| ranking.roc_auc(weight))
                .collect(),
            average_precision: self
                .rankings
                .iter()
                .map(|ranking| ranking.average_precision(weight))
                .collect(),
            f1: (0..self.classes.len()).map(|class| confusion.f1(class)).collect(),
            recall: (0..self.classes.len())
                .map(|class| confusion.recall(class))
                .collect(),
            accuracy: confusion.accuracy(),
            log_loss: (clips > 0).then(|| loss / clips as f64),
            calibration_error: self.weighted_reliability(weights).calibration_error(),
        }
    }

    fn weighted_confusion(&self, weights: &[u32]) -> Confusion {
        let mut confusion = Confusion::new(self.classes.len());
        for ((&label, &predicted), &weight) in self.labels.iter().zip(&self.predicted).zip(weights) {
            confusion.add(label, predicted, u64::from(weight));
        }
        confusion
    }

    fn weighted_reliability(&self, weights: &[u32]) -> Reliability {
        let clips = self
            .scores
            .iter()
            .zip(&self.labels)
            .zip(&self.predicted)
            .zip(weights);
        let clip = |(((row, label), &predicted), &weight): (((&Vec<f64>, &usize), &usize), &u32)| {
            Some((*row.get(predicted)?, *label == predicted, weight))
        };
        Reliability::new(clips.filter_map(clip), CALIBRATION_BINS)
    }
}

fn check_clip(clip: usize, label: usize, row: &[f64], classes: &[String]) -> Result<(), MetricsError> {
    if row.len() != classes.len() {
        return Err(MetricsError::Width {
            clip,
            scores: row.len(),
            classes: classes.len(),
        });
    }
    if label >= classes.len() {
        return Err(MetricsError::Label {
            clip,
            label,
            classes: classes.len(),
        });
    }
    match row.iter().zip(classes).find(|(score, _)| !score.is_finite()) {
        Some((score, class)) => Err(MetricsError::Score {
            clip,
            class: class.clone(),
            score: score.to_string(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_mistake_comes_first_and_what_is_right_not_at_all() {
        let scores = [vec![0.6, 0.4], vec![0.4, 0.6], vec![0.1, 0.9], vec![0.45, 0.55]];
        let clips = ScoredClips::new(&[0, 0, 0, 0], &scores, &["a", "b", "c", "d"], &["x", "y"]).unwrap();
        assert_eq!(clips.mistakes(), [2, 1, 3]);
    }
}
