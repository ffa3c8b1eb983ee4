use crate::features::SegmentRule;

/// A piece of a recording that goes through the network at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Place of its first sample in the recording.
    pub start: u64,
    /// Mono samples at the front end's rate.
    pub samples: Vec<f32>,
}

/// Cuts a stream of samples into segments; they do not depend on how the stream comes in pieces.
#[derive(Debug)]
pub struct Segmenter {
    rule: SegmentRule,
    start: u64,
    pending: Vec<f32>,
}

impl Segmenter {
    /// A segmenter at the start of a recording.
    #[must_use]
    pub const fn new(rule: SegmentRule) -> Self {
        Self {
            rule,
            start: 0,
            pending: Vec::new(),
        }
    }

    /// Where to put the next samples; call [`Segmenter::complete`] after.
    pub fn input(&mut self) -> &mut Vec<f32> {
        &mut self.pending
    }

    /// The next segment, if one is complete and what follows it is enough for another.
    pub fn complete(&mut self) -> Option<Segment> {
        let SegmentRule {
            length,
            hop,
            min_last,
        } = self.rule;
        if self.pending.len() < length + min_last {
            return None;
        }
        let samples = self.pending[..length].to_vec();
        self.pending.drain(..hop);
        let start = self.start;
        self.start += hop as u64;
        Some(Segment { start, samples })
    }

    /// Ends the recording: the last segment, if there is a sample that is in no other.
    ///
    /// A recording shorter than one segment gives one, however short.
    #[must_use]
    pub fn finish(self) -> Option<Segment> {
        let SegmentRule { length, hop, .. } = self.rule;
        let shared = if self.start == 0 { 0 } else { length - hop };
        (self.pending.len() > shared).then_some(Segment {
            start: self.start,
            samples: self.pending,
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::features::{Examples, FrontEnd, LogMelPlan};

    /// Start and length of a segment of a recording whose samples count up from 0.
    fn place(segment: &Segment) -> (u64, usize) {
        let (start, n) = (segment.start, segment.samples.len());
        let ends = [segment.samples[0], segment.samples[n - 1]];
        assert_eq!(ends, [start as f32, (start + n as u64 - 1) as f32]);
        (start, n)
    }

    fn segments(rule: SegmentRule, n: usize, piece: usize) -> Vec<(u64, usize)> {
        let mut segmenter = Segmenter::new(rule);
        let mut out = Vec::new();
        let samples: Vec<f32> = (0..n).map(|i| i as f32).collect();
        for part in samples.chunks(piece) {
            segmenter.input().extend_from_slice(part);
            while let Some(s) = segmenter.complete() {
                out.push(place(&s));
            }
        }
        out.extend(segmenter.finish().map(|s| place(&s)));
        out
    }

    #[test]
    fn less_than_a_second_at_the_end_joins_the_segment_before() {
        let rule = FrontEnd::Mn.spec().segments;
        for piece in [999, 160_000, 1_000_000] {
            assert_eq!(segments(rule, 10, piece), [(0, 10)]);
            assert_eq!(segments(rule, 31_999, piece), [(0, 31_999)]);
            assert_eq!(segments(rule, 160_000, piece), [(0, 160_000)]);
            assert_eq!(segments(rule, 160_001, piece), [(0, 160_001)]);
            assert_eq!(segments(rule, 191_999, piece), [(0, 191_999)]);
            assert_eq!(segments(rule, 192_000, piece), [(0, 160_000), (160_000, 32_000)]);
            assert_eq!(segments(rule, 320_000, piece), [(0, 160_000), (160_000, 160_000)]);
            assert_eq!(segments(rule, 349_000, piece), [(0, 160_000), (160_000, 189_000)]);
            assert!(segments(rule, 0, piece).is_empty());
        }
    }

    proptest! {
        #[test]
        fn every_sample_is_in_a_segment_and_each_has_enough_that_are_new(
            n in 0usize..900_000, piece in 1usize..400_000, front_end in 0usize..3
        ) {
            let rule = FrontEnd::ALL[front_end].spec().segments;
            let mut heard = 0;
            for (start, length) in segments(rule, n, piece) {
                let end = start + length as u64;
                prop_assert!(start <= heard && length < rule.length + rule.min_last.max(1));
                prop_assert!(start == 0 || end - heard >= rule.min_last.max(1) as u64);
                heard = end;
            }
            prop_assert_eq!(heard, n as u64);
        }
    }

    #[test]
    fn yamnet_windows_of_a_long_recording_are_those_of_the_whole() {
        let plan = LogMelPlan::new(FrontEnd::Yamnet);
        for n in [70_000, 84_720, 84_721, 161_520, 161_521, 170_000, 200_000] {
            let samples: Vec<f32> = (0..n)
                .map(|i| (i as f32 * 0.37).sin() * (i % 7_777) as f32)
                .collect();
            let whole = Examples::new(&plan, &samples);
            let mut segmenter = Segmenter::new(FrontEnd::Yamnet.spec().segments);
            segmenter.input().extend_from_slice(&samples);
            let mut pieces = Vec::new();
            while let Some(s) = segmenter.complete() {
                pieces.extend_from_slice(Examples::new(&plan, &s.samples).values());
            }
            if let Some(s) = segmenter.finish() {
                pieces.extend_from_slice(Examples::new(&plan, &s.samples).values());
            }
            assert_eq!(pieces, whole.values(), "{n} samples");
        }
    }
}
