use super::scorer::{ClipScores, PipelineError, Scorer, Total, WindowScores};
use super::segment_reader::{SegmentReader, Stretch};
use super::segments::Segment;
use crate::audio::AudioReader;

/// One of the recordings that are scored together.
struct Recording<'a> {
    segments: SegmentReader<'a>,
    total: Total,
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
                    let total = Total::default();
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
                        for window in windows {
                            recording.total.add(&window.scores);
                            on_window(*place, window);
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
