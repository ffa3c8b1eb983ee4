use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::scores::{ClipScores, Scored, Total, WindowScores};
use super::segment_reader::{SegmentReader, Stretch};
use super::segments::Segment;
use crate::audio::{AudioError, AudioReader, sample_at};
use crate::classifier::{Classifier, ClassifierError, Logits};
use crate::features::{Examples, FrontEnd, Layout, LogMelPlan, level};
use crate::mean::AverageScores;
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
        on_window: impl FnMut(WindowScores),
    ) -> Result<ClipScores, PipelineError> {
        self.score_by(SEGMENTS_AT_ONCE, reader, stretch, on_window)
    }

    /// Scores a recording as [`Scorer::score`] does, and each segment as soon as it was heard: for one that still goes on.
    ///
    /// # Errors
    ///
    /// As [`Scorer::score`].
    pub fn score_as_it_comes(
        &self,
        reader: &mut AudioReader,
        on_window: impl FnMut(WindowScores),
    ) -> Result<ClipScores, PipelineError> {
        self.score_by(1, reader, Stretch::default(), on_window)
    }

    /// As [`Scorer::score_stretch`], so many segments at once.
    fn score_by(
        &self,
        at_once: usize,
        reader: &mut AudioReader,
        stretch: Stretch,
        mut on_window: impl FnMut(WindowScores),
    ) -> Result<ClipScores, PipelineError> {
        let mut segments = SegmentReader::new(reader, self.plan.front_end(), stretch)?;
        let mut total = self.total();
        let mut ready = Vec::with_capacity(at_once);
        while let Some(segment) = segments.next_segment()? {
            ready.push(segment);
            if ready.len() == at_once {
                self.score_segments(&std::mem::take(&mut ready), &mut total, &mut on_window)?;
            }
        }
        self.score_segments(&ready, &mut total, &mut on_window)?;
        Ok(total.of_clip(segments.seconds()))
    }

    fn score_segments(
        &self,
        segments: &[Segment],
        total: &mut Total<'_>,
        on_window: &mut impl FnMut(WindowScores),
    ) -> Result<(), PipelineError> {
        let scored: Vec<_> = segments
            .par_iter()
            .map(|segment| self.score_segment(segment))
            .collect();
        for windows in scored {
            for scored in windows? {
                total.add(&scored);
                on_window(scored.window);
            }
        }
        Ok(())
    }

    fn score_segment(&self, segment: &Segment) -> Result<Vec<Scored>, PipelineError> {
        let mut scored = self.score_batch(std::slice::from_ref(segment))?;
        Ok(scored.pop().unwrap_or_default())
    }

    /// The windows of each segment; all copies of all segments go through the network as one batch.
    pub(super) fn score_batch(&self, segments: &[Segment]) -> Result<Vec<Vec<Scored>>, PipelineError> {
        let copies: Vec<Vec<Examples>> = segments.iter().map(|segment| self.heard(segment)).collect();
        let counts: Vec<usize> = copies.iter().map(Vec::len).collect();
        let batch: Vec<Examples> = copies.into_iter().flatten().collect();
        let logits = self
            .classifier
            .logits(&batch)
            .map_err(PipelineError::Classifier)?;
        let mut logits = logits.as_slice();
        let mut scored = Vec::with_capacity(segments.len());
        for (segment, copies) in segments.iter().zip(counts) {
            let (own, rest) = logits.split_at(copies.min(logits.len()));
            logits = rest;
            scored.push(self.windows(segment, own));
        }
        Ok(scored)
    }

    /// The windows of a segment, one a row of the logits of its copies; a row that is alone speaks for all of it.
    fn windows(&self, segment: &Segment, copies: &[Logits]) -> Vec<Scored> {
        let rows = self.over_copies(copies);
        let count = rows.len();
        rows.into_iter()
            .enumerate()
            .map(|(i, labels)| {
                let (onset_s, offset_s) = self.extent(segment, i, count);
                Scored {
                    window: WindowScores {
                        onset_s,
                        offset_s,
                        scores: self.class_scores.apply(&labels),
                    },
                    labels,
                }
            })
            .collect()
    }

    /// Label scores row by row, each the average over the copies of a segment.
    fn over_copies(&self, copies: &[Logits]) -> Vec<Vec<f32>> {
        let (activation, mean) = (self.classifier.activation(), self.classifier.mean());
        let mut rows: Vec<AverageScores> = Vec::new();
        for copy in copies {
            rows.resize(rows.len().max(copy.rows().len()), AverageScores::new(mean));
            for (row, logits) in rows.iter_mut().zip(copy.rows()) {
                row.add(&activation.apply(logits));
            }
        }
        rows.iter().map(AverageScores::average).collect()
    }

    /// What the windows of a recording are added to.
    pub(super) fn total(&self) -> Total<'_> {
        Total::new(self.classifier.as_ref(), &self.class_scores)
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
            Layout::Windows { frames, hop, .. } if count > 1 => {
                let from = row * hop * spec.hop_length;
                (from, (from + frames * spec.hop_length).min(end))
            }
            _ => (0, end),
        };
        let seconds = |sample: usize| (segment.start + sample as u64) as f64 / f64::from(spec.rate_hz);
        (seconds(from), seconds(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav_bytes;
    use crate::features::Hearing;
    use crate::mean::{Mean, WindowWeights};
    use crate::taxonomy::Taxonomy;
    use crate::{Activation, Label};

    /// Says how many values of its input are above -5 dB or so, and how many examples there are, as two logits.
    struct Counter {
        front_end: FrontEnd,
        shifts_s: Vec<f64>,
        hearings: Vec<Hearing>,
        mean: Mean,
        weights: WindowWeights,
    }

    impl Classifier for Counter {
        fn front_end(&self) -> FrontEnd {
            self.front_end
        }

        fn labels(&self) -> &[Label] {
            &[]
        }

        fn activation(&self) -> Activation {
            match self.mean {
                Mean::Arithmetic => Activation::Sigmoid,
                Mean::Geometric => Activation::Softmax { temperature: 0.3 },
            }
        }

        fn mean(&self) -> Mean {
            self.mean
        }

        fn window_weights(&self) -> WindowWeights {
            self.weights.clone()
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
        scores_by(with_shifts(shifts_s, Mean::Arithmetic), samples)
    }

    fn with_shifts(shifts_s: &[f64], mean: Mean) -> Counter {
        Counter {
            front_end: FrontEnd::Vggish,
            shifts_s: shifts_s.to_vec(),
            hearings: Hearing::ONCE.to_vec(),
            mean,
            weights: WindowWeights::default(),
        }
    }

    fn scores_by(counter: Counter, samples: &[f32]) -> Vec<f32> {
        let scorer = Scorer::new(Arc::new(counter), ClassScores::Labels);
        let segment = Segment {
            start: 0,
            samples: samples.to_vec(),
        };
        let windows = scorer.score_segment(&segment).unwrap();
        assert_eq!(windows.len(), 1);
        windows[0].window.scores.clone()
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

    /// The product of the scores of each label to the power of one over the number of rows, so that they share 1.
    fn shared_root_of_product(rows: &[Vec<f32>]) -> Vec<f32> {
        let power = (rows.len() as f32).recip();
        let product = |label| rows.iter().map(|row: &Vec<f32>| row[label]).product::<f32>();
        let roots: Vec<f32> = (0..2).map(|label| product(label).powf(power)).collect();
        let sum: f32 = roots.iter().sum();
        roots.iter().map(|root| root / sum).collect()
    }

    fn assert_close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn a_geometric_mean_is_taken_over_copies_and_over_windows() {
        let samples = fading(80_000);
        let by = |shifts_s: &[f64]| scores_by(with_shifts(shifts_s, Mean::Geometric), &samples);
        let apart = [0.0, 0.2, 0.4].map(|shift_s| by(&[shift_s]));
        assert_close(&by(&[0.0, 0.2, 0.4]), &shared_root_of_product(&apart));

        // Two classes in another order than their labels.
        let classes = ClassScores::SumOfFine {
            class_of_label: vec![1, 0],
            classes: 2,
        };
        let scorer = Scorer::new(Arc::new(with_shifts(&[0.0], Mean::Geometric)), classes);
        let sound = [fading(80_000), vec![0.0; 80_000], fading(70_000)].concat();
        let mut reader = AudioReader::from_bytes(wav_bytes(&sound, 16_000), "test.wav").unwrap();
        let mut windows = Vec::new();
        let clip = scorer
            .score(&mut reader, |window| windows.push(window.scores))
            .unwrap();
        assert_eq!((windows.len(), clip.windows), (3, 3));
        assert!(windows[0] != windows[1] && windows[1] != windows[2]);
        assert_close(&clip.scores, &shared_root_of_product(&windows));
    }

    #[test]
    fn a_window_of_the_rest_counts_less() {
        let class = |name| {
            format!("[[class]]\nname = \"{name}\"\ncolor = \"#d95f02\"\nfine = [{{ name = \"{name}\" }}]\n")
        };
        let head = "schema_version = 1\nname = \"two\"\nrest = \"B\"\n";
        let taxonomy = Taxonomy::parse(&[head, &class("A"), &class("B")].concat(), "two.toml").unwrap();
        let loud = (0..160_000).map(|t| (t as f32 * 0.05).sin().signum());
        let sound: Vec<f32> = loud.chain(vec![0.0; 160_000]).collect();
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            let scored = |weights: WindowWeights| {
                let counter = Counter {
                    front_end: FrontEnd::Mn,
                    weights,
                    ..with_shifts(&[0.0], mean)
                };
                let scorer = Scorer::new(Arc::new(counter), ClassScores::Labels);
                let mut reader = AudioReader::from_bytes(wav_bytes(&sound, 32_000), "test.wav").unwrap();
                let mut windows = Vec::new();
                let clip = scorer.score(&mut reader, |window| windows.push(window.scores));
                (clip.unwrap().scores, windows)
            };
            let (found, windows) = scored(WindowWeights::new(&taxonomy, 0.1));
            let weights: Vec<f64> = windows
                .iter()
                .map(|scores| 1.0 - 0.9 * f64::from(scores[1]))
                .collect();
            let mut expected = AverageScores::new(mean);
            for (window, weight) in windows.iter().zip(weights) {
                expected.add_weighted(window, weight);
            }
            assert_close(&found, &expected.average());
            if mean == Mean::Geometric {
                // The scores share 1: the silent window, which is more of the rest, counts less.
                let (even, _) = scored(WindowWeights::default());
                assert!(found[0] > even[0] + 1e-3, "{found:?} {even:?}");
            }
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
                mean: Mean::Arithmetic,
                weights: WindowWeights::default(),
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
    fn a_row_that_is_alone_speaks_for_its_whole_segment() {
        for (front_end, expected) in [
            (FrontEnd::Vggish, [(0.0, 5.0), (5.0, 10.0), (10.0, 12.5)]),
            (FrontEnd::Yamnet, [(0.0, 5.295), (4.8, 10.095), (9.6, 12.5)]),
        ] {
            let counter = Counter {
                front_end,
                ..with_shifts(&[0.0], Mean::Arithmetic)
            };
            let scorer = Scorer::new(Arc::new(counter), ClassScores::Labels);
            let bytes = wav_bytes(&fading(200_000), 16_000);
            let mut reader = AudioReader::from_bytes(bytes, "test.wav").unwrap();
            let mut found = Vec::new();
            scorer
                .score(&mut reader, |window| {
                    found.push((window.onset_s, window.offset_s));
                })
                .unwrap();
            assert_eq!(found, expected, "{front_end}");
        }
    }

    #[test]
    fn a_copy_without_any_sound_of_the_segment_does_not_count() {
        let samples = fading(4_800);
        assert_eq!(scores(&[0.0, 0.3, 0.8], &samples), scores(&[0.0], &samples));
        assert_eq!(scores(&[0.3, 0.8], &samples), scores(&[0.0], &samples));
        assert_eq!(scores(&[], &samples), scores(&[0.0], &samples));
    }
}
