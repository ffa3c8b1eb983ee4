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

    /// The next segment that is complete, if one is.
    pub fn complete(&mut self) -> Option<Segment> {
        if self.pending.len() < self.rule.length {
            return None;
        }
        let samples = self.pending[..self.rule.length].to_vec();
        self.pending.drain(..self.rule.hop);
        let start = self.start;
        self.start += self.rule.hop as u64;
        Some(Segment { start, samples })
    }

    /// Ends the recording: the last segment, unless too little of it is left.
    ///
    /// A recording shorter than one segment gives one, however short.
    #[must_use]
    pub fn finish(mut self) -> Option<Segment> {
        let wanted = if self.start == 0 { 1 } else { self.rule.min_last };
        (self.pending.len() >= wanted).then(|| Segment {
            start: self.start,
            samples: std::mem::take(&mut self.pending),
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;
    use crate::features::{Examples, FrontEnd, LogMelPlan};

    fn segments(rule: SegmentRule, n: usize, piece: usize) -> Vec<(u64, usize)> {
        let mut segmenter = Segmenter::new(rule);
        let mut out = Vec::new();
        let samples: Vec<f32> = (0..n).map(|i| i as f32).collect();
        for part in samples.chunks(piece) {
            segmenter.input().extend_from_slice(part);
            while let Some(s) = segmenter.complete() {
                assert_eq!(s.samples[0], s.start as f32);
                out.push((s.start, s.samples.len()));
            }
        }
        out.extend(segmenter.finish().map(|s| (s.start, s.samples.len())));
        out
    }

    #[test]
    fn a_last_segment_under_a_second_is_left_out_unless_it_is_the_only_one() {
        let rule = FrontEnd::Mn.spec().segments;
        for piece in [999, 160_000, 1_000_000] {
            assert_eq!(segments(rule, 10, piece), [(0, 10)]);
            assert_eq!(segments(rule, 160_000, piece), [(0, 160_000)]);
            assert_eq!(segments(rule, 191_999, piece), [(0, 160_000)]);
            assert_eq!(segments(rule, 192_000, piece), [(0, 160_000), (160_000, 32_000)]);
            assert_eq!(segments(rule, 320_000, piece), [(0, 160_000), (160_000, 160_000)]);
            assert!(segments(rule, 0, piece).is_empty());
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
