use super::front_end::FrontEndSpec;

/// Cuts a stream of samples into overlapping frames, with pre-emphasis and reflection if asked.
///
/// Frames are the same whatever the sizes of the pieces pushed.
pub(super) struct Framing {
    win_length: usize,
    hop_length: usize,
    pre_emphasis: Option<f32>,
    last_sample: Option<f32>,
    /// Samples reflected at each end; 0 when frames are not centred.
    margin: usize,
    /// Whether the reflection at the start stands in `pending` already.
    begun: bool,
    pending: Vec<f32>,
}

impl Framing {
    pub(super) fn new(spec: &FrontEndSpec) -> Self {
        // What overlaps the next frame is kept, and the reflection at the end is taken from it.
        debug_assert!(!spec.centred || spec.win_length - spec.hop_length > spec.win_length / 2);
        Self {
            win_length: spec.win_length,
            hop_length: spec.hop_length,
            pre_emphasis: spec.pre_emphasis,
            last_sample: None,
            // The FFT is longer than the window, but what lies outside the window counts for nothing.
            margin: if spec.centred { spec.win_length / 2 } else { 0 },
            begun: false,
            pending: Vec::new(),
        }
    }

    /// Takes samples and hands every frame that is complete to `sink`.
    pub(super) fn push(&mut self, samples: &[f32], sink: impl FnMut(&[f32])) {
        match self.pre_emphasis {
            None => self.pending.extend_from_slice(samples),
            Some(c) => {
                if let (Some(before), Some(first)) = (self.last_sample, samples.first()) {
                    self.pending.push(first - c * before);
                }
                let next = samples.get(1..).unwrap_or_default();
                let pairs = samples.iter().zip(next);
                self.pending.extend(pairs.map(|(before, x)| x - c * before));
                self.last_sample = samples.last().copied().or(self.last_sample);
            }
        }
        if self.begin() {
            self.emit(sink);
        }
    }

    /// Ends the clip: reflects its end where frames are centred, hands over what is left, and
    /// stands ready for the next clip.
    ///
    /// A centred clip that is no longer than half a window has no frames.
    pub(super) fn finish(&mut self, sink: impl FnMut(&[f32])) {
        if self.begin() {
            if self.margin > 0 {
                let last = self.pending.len() - 1;
                self.pending.extend_from_within(last - self.margin..last);
                self.pending[last + 1..].reverse();
            }
            self.emit(sink);
        }
        self.pending.clear();
        self.last_sample = None;
        self.begun = false;
    }

    /// Whether frames can be cut: at once, or as soon as the reflection at the start is known.
    fn begin(&mut self) -> bool {
        if !self.begun && self.pending.len() > self.margin {
            let reflected: Vec<f32> = self.pending[1..=self.margin].iter().rev().copied().collect();
            self.pending.splice(0..0, reflected);
            self.begun = true;
        }
        self.begun
    }

    fn emit(&mut self, mut sink: impl FnMut(&[f32])) {
        let mut start = 0;
        while let Some(frame) = self.pending.get(start..start + self.win_length) {
            sink(frame);
            start += self.hop_length;
        }
        self.pending.drain(..start);
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_wrap,
    clippy::float_cmp,
    reason = "small whole numbers, exact in f32"
)]
mod tests {
    use super::*;
    use crate::features::FrontEnd;

    fn frames(spec: &FrontEndSpec, samples: &[f32], piece: usize) -> Vec<Vec<f32>> {
        let mut framing = Framing::new(spec);
        let mut out = Vec::new();
        for part in samples.chunks(piece) {
            framing.push(part, |f| out.push(f.to_vec()));
        }
        framing.finish(|f| out.push(f.to_vec()));
        out
    }

    #[test]
    fn plain_frames_start_every_hop_and_lie_inside_the_clip() {
        let samples: Vec<f32> = (0..1000).map(|i| i as f32).collect();
        let got = frames(FrontEnd::Vggish.spec(), &samples, 77);
        assert_eq!(got.len(), 1 + (1000 - 400) / 160);
        assert!(
            got.iter()
                .enumerate()
                .all(|(i, f)| f[0] == (i * 160) as f32 && f.len() == 400)
        );
    }

    #[test]
    fn centred_frames_are_reflected_at_both_ends() {
        let spec = FrontEndSpec {
            pre_emphasis: None,
            ..*FrontEnd::Mn.spec()
        };
        let n = 1601;
        let samples: Vec<f32> = (0..n).map(|i| i as f32).collect();
        let reflect = |i: i64| {
            let last = n as i64 - 1;
            let i = i.abs();
            (if i > last { 2 * last - i } else { i }) as f32
        };
        for piece in [1, 320, 401, n] {
            let got = frames(&spec, &samples, piece);
            assert_eq!(got.len(), 1 + n / 320);
            for (k, frame) in got.iter().enumerate() {
                let want: Vec<f32> = (0..800).map(|j| reflect(k as i64 * 320 - 400 + j)).collect();
                assert_eq!(frame, &want, "frame {k}, pieces of {piece}");
            }
        }
    }

    #[test]
    fn pre_emphasis_goes_across_pieces_and_not_across_clips() {
        let spec = FrontEndSpec {
            centred: false,
            ..*FrontEnd::Mn.spec()
        };
        let mut framing = Framing::new(&spec);
        let mut seen = Vec::new();
        for _ in 0..2 {
            framing.push(&[1.0; 400], |f| seen.push(f.to_vec()));
            framing.push(&[1.0; 401], |f| seen.push(f.to_vec()));
            framing.finish(|f| seen.push(f.to_vec()));
        }
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().flatten().all(|v| (v - 0.03).abs() < 1e-6));
    }

    #[test]
    fn clips_too_short_for_a_frame_give_none() {
        assert!(frames(FrontEnd::Vggish.spec(), &[0.5; 399], 50).is_empty());
        assert!(frames(FrontEnd::Mn.spec(), &[0.5; 401], 50).is_empty());
        assert!(frames(FrontEnd::Mn.spec(), &[], 50).is_empty());
        assert_eq!(frames(FrontEnd::Mn.spec(), &[0.5; 402], 50).len(), 2);
    }
}
