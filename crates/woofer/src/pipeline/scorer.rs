use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::segment_reader::{SegmentReader, Stretch};
use super::segments::Segment;
use crate::audio::{AudioError, AudioReader, sample_at};
use crate::classifier::{Activation, Classifier, ClassifierError, Logits};
use crate::features::{Examples, FrontEnd, Layout, LogMelPlan, level};
use crate::taxonomy::ClassScores;

/// Segments taken together, so that all cores have work on one long recording.
const SEGMENTS_AT_ONCE: usize = 8;

/// A classifier with everything around it: from a recording to class scores.
pub struct Scorer {
    classifier: Arc<dyn Classifier>,
    class_scores: ClassScores,
    plan: Arc<LogMelPlan>,
    /// Samples by which the copies of a segment start late.
    lates: Vec<usize>,
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
        let rate_hz = classifier.front_end().rate_hz();
        let late = |&shift_s: &f64| usize::try_from(sample_at(shift_s, rate_hz)).unwrap_or(usize::MAX);
        Self {
            lates: classifier.shifts_s().iter().map(late).collect(),
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
        Ok(total.of_clip(segments.seconds()))
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
        let mut scored = self.score_batch(std::slice::from_ref(segment))?;
        Ok(scored.pop().unwrap_or_default())
    }

    /// The windows of each segment; all copies of all segments go through the network as one batch.
    pub(super) fn score_batch(&self, segments: &[Segment]) -> Result<Vec<Vec<WindowScores>>, PipelineError> {
        let copies: Vec<Vec<Examples>> = segments.iter().map(|segment| self.heard(segment)).collect();
        let counts: Vec<(usize, usize)> = copies
            .iter()
            .map(|copies| (copies.len(), copies.first().map_or(0, Examples::count)))
            .collect();
        let batch: Vec<Examples> = copies.into_iter().flatten().collect();
        let logits = self
            .classifier
            .logits(&batch)
            .map_err(PipelineError::Classifier)?;
        let mut logits = logits.as_slice();
        let mut scored = Vec::with_capacity(segments.len());
        for (segment, (copies, count)) in segments.iter().zip(counts) {
            let (own, rest) = logits.split_at(copies.min(logits.len()));
            logits = rest;
            scored.push(self.windows(segment, count, own));
        }
        Ok(scored)
    }

    /// The windows of a segment of `count` of them, from the logits of its copies.
    fn windows(&self, segment: &Segment, count: usize, copies: &[Logits]) -> Vec<WindowScores> {
        mean_scores(copies, self.classifier.activation())
            .into_iter()
            .enumerate()
            .map(|(i, scores)| {
                let (onset_s, offset_s) = self.extent(segment, i, count);
                WindowScores {
                    onset_s,
                    offset_s,
                    scores: self.class_scores.apply(&scores),
                }
            })
            .collect()
    }

    /// The features that the classifier reads.
    #[must_use]
    pub fn front_end(&self) -> FrontEnd {
        self.plan.front_end()
    }

    /// The copies of a segment, brought to one level where the classifier was trained so, as it hears them.
    fn heard(&self, segment: &Segment) -> Vec<Examples> {
        let front_end = self.plan.front_end();
        let mut samples = Cow::Borrowed(segment.samples.as_slice());
        if self.classifier.levels_segments() {
            level(samples.to_mut(), front_end);
        }
        let copies = self.copies(&samples);
        let hearings = self.classifier.hearings();
        let heard = hearings
            .iter()
            .flat_map(|hearing| copies.iter().map(|copy| hearing.of(copy, front_end).into_owned()));
        heard.collect()
    }

    /// The segment's copies that start late; one that nothing would be left of is left out, and where that is
    /// true of all, the segment itself is taken.
    fn copies(&self, samples: &[f32]) -> Vec<Examples> {
        let copies: Vec<Examples> = self
            .lates
            .iter()
            .filter(|late| **late < samples.len())
            .map(|&late| Examples::starting_late(&self.plan, samples, late))
            .collect();
        if copies.is_empty() {
            vec![Examples::new(&self.plan, samples)]
        } else {
            copies
        }
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

/// Label scores row by row, each the mean over the copies of a segment.
fn mean_scores(copies: &[Logits], activation: Activation) -> Vec<Vec<f32>> {
    let mut rows: Vec<Vec<f32>> = Vec::new();
    for copy in copies {
        for (i, scores) in copy.rows().map(|row| activation.apply(row)).enumerate() {
            match rows.get_mut(i) {
                Some(sums) => sums.iter_mut().zip(scores).for_each(|(sum, s)| *sum += s),
                None => rows.push(scores),
            }
        }
    }
    let scale = copies.len().max(1) as f32;
    rows.iter_mut().flatten().for_each(|sum| *sum /= scale);
    rows
}

/// The running mean over windows.
#[derive(Default)]
pub(super) struct Total {
    sums: Vec<f64>,
    windows: usize,
}

impl Total {
    /// The scores of a recording of this length, all of whose windows have been added.
    pub fn of_clip(self, duration_s: f64) -> ClipScores {
        ClipScores {
            duration_s,
            windows: self.windows,
            scores: self.mean(),
        }
    }

    pub fn add(&mut self, scores: &[f32]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Label;
    use crate::features::Hearing;

    /// Says how many values of its input are above -5 dB or so, and how many examples there are, as two logits.
    struct Counter {
        front_end: FrontEnd,
        shifts_s: Vec<f64>,
        hearings: Vec<Hearing>,
    }

    impl Classifier for Counter {
        fn front_end(&self) -> FrontEnd {
            self.front_end
        }

        fn labels(&self) -> &[Label] {
            &[]
        }

        fn activation(&self) -> Activation {
            Activation::Sigmoid
        }

        fn shifts_s(&self) -> &[f64] {
            &self.shifts_s
        }

        fn hearings(&self) -> &[Hearing] {
            &self.hearings
        }

        fn logits(&self, batch: &[Examples]) -> Result<Vec<Logits>, ClassifierError> {
            let one = |e: &Examples| {
                let loud = e.values().iter().filter(|v| **v > 0.5).count();
                let share = loud as f32 / e.values().len() as f32;
                Logits::new(2, vec![share, e.count() as f32])
            };
            Ok(batch.iter().map(one).collect())
        }
    }

    fn scores(shifts_s: &[f64], samples: &[f32]) -> Vec<f32> {
        scores_by(
            Counter {
                front_end: FrontEnd::Vggish,
                shifts_s: shifts_s.to_vec(),
                hearings: Hearing::ONCE.to_vec(),
            },
            samples,
        )
    }

    fn scores_by(counter: Counter, samples: &[f32]) -> Vec<f32> {
        let scorer = Scorer::new(Arc::new(counter), ClassScores::Labels);
        let segment = Segment {
            start: 0,
            samples: samples.to_vec(),
        };
        let windows = scorer.score_segment(&segment).unwrap();
        assert_eq!(windows.len(), 1);
        windows[0].scores.clone()
    }

    /// Loud to begin with, silent at the end.
    fn fading(samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|t| if t < 8_000 { (t as f32 * 0.3).sin() } else { 0.0 })
            .collect()
    }

    #[test]
    fn scores_are_the_mean_over_copies_that_start_late() {
        let samples = fading(80_000);
        let apart: Vec<Vec<f32>> = [0.0, 0.2, 0.4].map(|s| scores(&[s], &samples)).to_vec();
        assert!(
            apart[0][0] > apart[1][0] && apart[1][0] > apart[2][0],
            "{apart:?}"
        );
        let together = scores(&[0.0, 0.2, 0.4], &samples);
        for label in 0..2 {
            let mean = apart.iter().map(|scores| scores[label]).sum::<f32>() / 3.0;
            assert!((together[label] - mean).abs() < 1e-7);
        }
    }

    #[test]
    fn each_hearing_counts_as_much() {
        let samples: Vec<f32> = (0..160_000)
            .map(|t| (t as f32 * 0.05).sin().signum() * (-(t as f32) / 16_000.0).exp())
            .collect();
        let by = |hearings: &[Hearing]| {
            let counter = Counter {
                front_end: FrontEnd::Mn,
                shifts_s: vec![0.0],
                hearings: hearings.to_vec(),
            };
            scores_by(counter, &samples)[0]
        };
        let first = Examples::new(&LogMelPlan::new(FrontEnd::Mn), &samples);
        let alone = Hearing::ALL.map(|hearing| {
            let heard = hearing.of(&first, FrontEnd::Mn);
            let loud = heard.values().iter().filter(|v| **v > 0.5).count() as f32;
            Activation::Sigmoid.apply(&[loud / heard.values().len() as f32])[0]
        });
        for (at, hearing) in Hearing::ALL.into_iter().enumerate() {
            assert!((by(&[hearing]) - alone[at]).abs() < 1e-7);
            assert!(alone[..at].iter().all(|other| (other - alone[at]).abs() > 1e-5));
        }
        let mean = alone.iter().sum::<f32>() / alone.len() as f32;
        assert!((by(&Hearing::ALL) - mean).abs() < 1e-7);
    }

    #[test]
    fn a_copy_without_any_sound_of_the_segment_does_not_count() {
        let samples = fading(4_800);
        assert_eq!(scores(&[0.0, 0.3, 0.8], &samples), scores(&[0.0], &samples));
        assert_eq!(scores(&[0.3, 0.8], &samples), scores(&[0.0], &samples));
        assert_eq!(scores(&[], &samples), scores(&[0.0], &samples));
    }
}
