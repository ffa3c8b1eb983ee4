use super::scorer::{PipelineError, Scorer};
use super::scores::{ClipScores, Total, WindowScores};
use super::segment_reader::{SegmentReader, Stretch};
use super::segments::Segment;

use crate::audio::AudioReader;

/// One of the recordings that are scored together.
struct Recording<'a> {
    segments: SegmentReader<'a>,
    total: Total<'a>,
}

impl Scorer {
    /// Scores several recordings in step: a segment of each goes through the network in one batch.
    ///
    /// `on_window` gets the place of the recording and the scores of each of its windows, in order of time within a
    /// recording. The outcome is, for each recording, what [`Scorer::score`] gives: one that cannot be read to its end
    /// takes no other with it, and a network that fails takes all that were in its batch.
    pub fn score_together(
        &self,
        readers: &mut [AudioReader],
        mut on_window: impl FnMut(usize, WindowScores),
    ) -> Vec<Result<ClipScores, PipelineError>> {
        let mut outcomes: Vec<Option<Result<ClipScores, PipelineError>>> = Vec::new();
        let mut under_way: Vec<(usize, Recording)> = Vec::new();
        for (place, reader) in readers.iter_mut().enumerate() {
            match SegmentReader::new(reader, self.front_end(), Stretch::default()) {
                Ok(segments) => {
                    let total = self.total();
                    under_way.push((place, Recording { segments, total }));
                    outcomes.push(None);
                }
                Err(error) => outcomes.push(Some(Err(error.into()))),
            }
        }
        let mut end = |place: usize, outcome| {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = Some(outcome);
            }
        };
        while !under_way.is_empty() {
            let mut batch: Vec<Segment> = Vec::with_capacity(under_way.len());
            let mut going_on = Vec::with_capacity(under_way.len());
            for (place, mut recording) in under_way {
                match recording.segments.next_segment() {
                    Ok(Some(segment)) => {
                        batch.push(segment);
                        going_on.push((place, recording));
                    }
                    Ok(None) => end(place, Ok(recording.total.of_clip(recording.segments.seconds()))),
                    Err(error) => end(place, Err(error.into())),
                }
            }
            if batch.is_empty() {
                break;
            }
            match self.score_batch(&batch) {
                Ok(scored) => {
                    for ((place, recording), windows) in going_on.iter_mut().zip(scored) {
                        for scored in windows {
                            recording.total.add(&scored);
                            on_window(*place, scored.window);
                        }
                    }
                    under_way = going_on;
                }
                Err(error) => {
                    let reason = error.to_string();
                    for (place, _) in going_on {
                        end(place, Err(PipelineError::Classifier(reason.clone().into())));
                    }
                    break;
                }
            }
        }
        outcomes.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::audio::{AudioError, ReadLimits, wav_bytes};
    use crate::features::{Examples, FrontEnd};
    use crate::taxonomy::ClassScores;
    use crate::{Activation, Classifier, ClassifierError, Label, Logits, Mean};

    /// Sums its input, in two parts, for each window; fails on what is loud if it is told to.
    struct Sums {
        fails: bool,
        mean: Mean,
        batches: AtomicUsize,
    }

    impl Classifier for Sums {
        fn front_end(&self) -> FrontEnd {
            FrontEnd::Yamnet
        }

        fn labels(&self) -> &[Label] {
            &[]
        }

        fn activation(&self) -> Activation {
            Activation::Softmax { temperature: 5.0 }
        }

        fn shifts_s(&self) -> &[f64] {
            &[0.0, 0.2]
        }

        fn mean(&self) -> Mean {
            self.mean
        }

        fn logits(&self, batch: &[Examples]) -> Result<Vec<Logits>, ClassifierError> {
            self.batches.fetch_add(1, Ordering::SeqCst);
            if self.fails {
                return Err("no".into());
            }
            let one = |examples: &Examples| {
                let a_window = examples.values().len() / examples.count();
                let windows = examples.values().chunks_exact(a_window);
                let sums = windows.flat_map(|window| {
                    let (left, right) = window.split_at(a_window / 2);
                    [left.iter().sum::<f32>() / 99.0, right.iter().sum::<f32>() / 99.0]
                });
                Logits::new(2, sums.collect())
            };
            Ok(batch.iter().map(one).collect())
        }
    }

    fn scorer(fails: bool, mean: Mean) -> (Scorer, Arc<Sums>) {
        let sums = Arc::new(Sums {
            fails,
            mean,
            batches: AtomicUsize::new(0),
        });
        (
            Scorer::new(Arc::clone(&sums) as Arc<dyn Classifier>, ClassScores::Labels),
            sums,
        )
    }

    fn reader(samples: usize) -> AudioReader {
        let sound: Vec<f32> = (0..samples)
            .map(|t| (t as f32 * 0.1).sin() * ((t / 977) % 7) as f32 / 7.0)
            .collect();
        AudioReader::from_bytes(wav_bytes(&sound, 16_000), "test.wav").unwrap()
    }

    #[test]
    fn recordings_score_together_as_each_does_alone_to_the_bit() {
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            assert_as_alone(mean);
        }
    }

    fn assert_as_alone(mean: Mean) {
        let lengths = [16_000, 200_000, 1, 84_720, 500_000, 16_000];
        let (scorer, sums) = scorer(false, mean);
        let alone: Vec<(ClipScores, Vec<WindowScores>)> = lengths
            .iter()
            .map(|&n| {
                let mut windows = Vec::new();
                let clip = scorer
                    .score(&mut reader(n), |window| windows.push(window))
                    .unwrap();
                (clip, windows)
            })
            .collect();
        let before = sums.batches.load(Ordering::SeqCst);
        let mut readers: Vec<AudioReader> = lengths.iter().map(|&n| reader(n)).collect();
        let mut windows = vec![Vec::new(); lengths.len()];
        let together = scorer.score_together(&mut readers, |place, window| windows[place].push(window));
        for ((together, windows), alone) in together.into_iter().zip(windows).zip(alone) {
            assert_eq!((together.unwrap(), windows), alone);
        }
        // As many batches as the longest has segments.
        assert_eq!(sums.batches.load(Ordering::SeqCst) - before, 7);
    }

    #[test]
    fn one_that_cannot_be_read_on_takes_no_other_with_it() {
        let (scorer, _) = scorer(false, Mean::Arithmetic);
        let mut readers = [reader(200_000), reader(200_000)];
        readers[0].limit(ReadLimits {
            max_duration_s: Some(6.0),
            stop: None,
        });
        let outcomes = scorer.score_together(&mut readers, |_, _| ());
        assert!(matches!(
            outcomes[0],
            Err(PipelineError::Audio(AudioError::TooLong { .. }))
        ));
        assert_eq!(
            *outcomes[1].as_ref().unwrap(),
            scorer.score(&mut reader(200_000), |_| ()).unwrap()
        );
    }

    #[test]
    fn a_network_that_fails_is_the_outcome_of_all() {
        let (scorer, _) = scorer(true, Mean::Arithmetic);
        let outcomes = scorer.score_together(&mut [reader(16_000), reader(16_000)], |_, _| ());
        assert!(outcomes.len() == 2 && outcomes.iter().all(Result::is_err));
        assert!(scorer.score_together(&mut [], |_, _| ()).is_empty());
    }
}
