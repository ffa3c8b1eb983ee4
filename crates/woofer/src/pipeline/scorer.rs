use std::sync::Arc;

use rayon::prelude::*;

use super::segment_reader::{SegmentReader, Stretch};
use super::segments::Segment;
use crate::audio::{AudioError, AudioReader};
use crate::classifier::{Activation, Classifier, ClassifierError, Logits};
use crate::features::{Examples, Layout, LogMelPlan};
use crate::taxonomy::ClassScores;

/// Segments taken together, so that all cores have work on one long recording.
const SEGMENTS_AT_ONCE: usize = 8;

/// A classifier with everything around it: from a recording to class scores.
pub struct Scorer {
    classifier: Arc<dyn Classifier>,
    class_scores: ClassScores,
    plan: Arc<LogMelPlan>,
}

/// The scores of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipScores {
    /// Length of the recording in seconds.
    pub duration_s: f64,
    /// A score a class in 0..=1: the mean over the recording's windows.
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

/// Why a recording could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The recording could not be read.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The network failed.
    #[error("the network failed: {0}")]
    Classifier(ClassifierError),
}

impl Scorer {
    /// A scorer of the classes that `class_scores` makes of the classifier's labels.
    #[must_use]
    pub fn new(classifier: Arc<dyn Classifier>, class_scores: ClassScores) -> Self {
        let plan = LogMelPlan::new(classifier.front_end());
        Self {
            classifier,
            class_scores,
            plan,
        }
    }

    /// Scores a recording from where the reader stands to its end, in bounded memory.
    ///
    /// `on_window` gets the scores of each window in order of time.
    ///
    /// # Errors
    ///
    /// The recording cannot be read to its end, or the network fails.
    pub fn score(
        &self,
        reader: &mut AudioReader,
        on_window: impl FnMut(WindowScores),
    ) -> Result<ClipScores, PipelineError> {
        self.score_stretch(reader, Stretch::default(), on_window)
    }

    /// Scores a stretch of a recording as if it were all of it; times are counted from its start.
    ///
    /// A stretch beyond the recording's end has no windows.
    ///
    /// # Errors
    ///
    /// As [`Scorer::score`].
    pub fn score_stretch(
        &self,
        reader: &mut AudioReader,
        stretch: Stretch,
        mut on_window: impl FnMut(WindowScores),
    ) -> Result<ClipScores, PipelineError> {
        let mut segments = SegmentReader::new(reader, self.plan.front_end(), stretch)?;
        let mut total = Total::default();
        let mut ready = Vec::with_capacity(SEGMENTS_AT_ONCE);
        while let Some(segment) = segments.next_segment()? {
            ready.push(segment);
            if ready.len() == SEGMENTS_AT_ONCE {
                self.score_segments(&std::mem::take(&mut ready), &mut total, &mut on_window)?;
            }
        }
        self.score_segments(&ready, &mut total, &mut on_window)?;
        Ok(ClipScores {
            duration_s: segments.seconds(),
            windows: total.windows,
            scores: total.mean(),
        })
    }

    fn score_segments(
        &self,
        segments: &[Segment],
        total: &mut Total,
        on_window: &mut impl FnMut(WindowScores),
    ) -> Result<(), PipelineError> {
        let scored: Vec<_> = segments
            .par_iter()
            .map(|segment| self.score_segment(segment))
            .collect();
        for windows in scored {
            for window in windows? {
                total.add(&window.scores);
                on_window(window);
            }
        }
        Ok(())
    }

    fn score_segment(&self, segment: &Segment) -> Result<Vec<WindowScores>, PipelineError> {
        let examples = Examples::new(&self.plan, &segment.samples);
        let count = examples.count();
        let logits = self
            .classifier
            .logits(std::slice::from_ref(&examples))
            .map_err(PipelineError::Classifier)?;
        let activation = self.classifier.activation();
        Ok(logits
            .iter()
            .flat_map(Logits::rows)
            .enumerate()
            .map(|(i, row)| {
                let (onset_s, offset_s) = self.extent(segment, i, count);
                WindowScores {
                    onset_s,
                    offset_s,
                    scores: self.classes(activation, row),
                }
            })
            .collect())
    }

    fn classes(&self, activation: Activation, logits: &[f32]) -> Vec<f32> {
        self.class_scores.apply(&activation.apply(logits))
    }

    /// Onset and offset in seconds of the `row`-th window of a segment that has `count` of them.
    fn extent(&self, segment: &Segment, row: usize, count: usize) -> (f64, f64) {
        let spec = self.plan.front_end().spec();
        let end = segment.samples.len();
        let (from, to) = match spec.layout {
            Layout::Windows { frames, hop, .. } if row > 0 || count > 1 => {
                let from = row * hop * spec.hop_length;
                (from, (from + frames * spec.hop_length).min(end))
            }
            _ => (0, end),
        };
        let seconds = |sample: usize| (segment.start + sample as u64) as f64 / f64::from(spec.rate_hz);
        (seconds(from), seconds(to))
    }
}

/// The running mean over windows.
#[derive(Default)]
struct Total {
    sums: Vec<f64>,
    windows: usize,
}

impl Total {
    fn add(&mut self, scores: &[f32]) {
        self.sums.resize(scores.len(), 0.0);
        self.sums
            .iter_mut()
            .zip(scores)
            .for_each(|(sum, s)| *sum += f64::from(*s));
        self.windows += 1;
    }

    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    fn mean(self) -> Vec<f32> {
        let windows = self.windows.max(1) as f64;
        self.sums.iter().map(|sum| (sum / windows) as f32).collect()
    }
}
