use crate::classifier::Classifier;
use crate::mean::{AverageScores, Mean, WindowWeights};
use crate::taxonomy::ClassScores;

/// The scores of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipScores {
    /// Length of the recording in seconds.
    pub duration_s: f64,
    /// A score a class in 0..=1: the average over the recording's windows.
    pub scores: Vec<f32>,
    /// Number of windows.
    pub windows: usize,
}

/// The scores of one window of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowScores {
    /// Start in seconds.
    pub onset_s: f64,
    /// End in seconds, at most the end of the recording.
    pub offset_s: f64,
    /// A score a class in 0..=1.
    pub scores: Vec<f32>,
}

/// What is said of a window.
pub(super) struct Scored {
    pub window: WindowScores,
    /// The scores of the labels that those of the classes are made of.
    pub labels: Vec<f32>,
}

/// The running average over windows.
pub(super) struct Total<'a> {
    windows: AverageScores,
    weights: WindowWeights,
    /// How averages of label scores become those of classes, where those are averaged and not the classes.
    of_labels: Option<&'a ClassScores>,
}

impl<'a> Total<'a> {
    /// Of no windows yet.
    pub fn new(classifier: &dyn Classifier, class_scores: &'a ClassScores) -> Self {
        let mean = classifier.mean();
        Self {
            windows: AverageScores::new(mean),
            weights: classifier.window_weights(),
            of_labels: match mean {
                Mean::Arithmetic => None,
                Mean::Geometric => Some(class_scores),
            },
        }
    }

    /// The scores of a recording of this length, all of whose windows have been added.
    pub fn of_clip(self, duration_s: f64) -> ClipScores {
        let average = self.windows.average();
        ClipScores {
            duration_s,
            windows: self.windows.rows(),
            scores: match self.of_labels {
                Some(class_scores) if self.windows.rows() > 0 => class_scores.apply(&average),
                _ => average,
            },
        }
    }

    pub fn add(&mut self, scored: &Scored) {
        let averaged = if self.of_labels.is_some() {
            &scored.labels
        } else {
            &scored.window.scores
        };
        self.windows
            .add_weighted(averaged, self.weights.of(&scored.labels));
    }
}
