use std::sync::Arc;

use super::framing::Framing;
use super::front_end::FrontEnd;
use super::mel::MelBank;
use super::spectrum::{SpectrumBuffers, SpectrumPlan};

/// A log-mel spectrogram, `[frames, n_mels]`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct LogMel {
    n_mels: usize,
    values: Vec<f32>,
}

impl LogMel {
    /// An empty spectrogram of `n_mels` bands.
    #[must_use]
    pub const fn new(n_mels: usize) -> Self {
        Self {
            n_mels,
            values: Vec::new(),
        }
    }

    /// Number of mel bands.
    #[must_use]
    pub const fn n_mels(&self) -> usize {
        self.n_mels
    }

    /// Number of frames.
    #[must_use]
    pub const fn frames(&self) -> usize {
        self.values.len() / self.n_mels
    }

    /// All values, frame after frame.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The frames one by one, each of `n_mels` values.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.n_mels)
    }
}

/// The tables of a front end, made once and shared by all streams.
pub struct LogMelPlan {
    front_end: FrontEnd,
    spectrum: SpectrumPlan,
    bank: MelBank,
}

impl LogMelPlan {
    /// Makes the tables of `front_end`.
    #[must_use]
    pub fn new(front_end: FrontEnd) -> Arc<Self> {
        let spec = front_end.spec();
        Arc::new(Self {
            front_end,
            spectrum: SpectrumPlan::new(spec),
            bank: MelBank::new(spec),
        })
    }

    /// The front end that the tables belong to.
    #[must_use]
    pub const fn front_end(&self) -> FrontEnd {
        self.front_end
    }
}

/// Turns mono samples at the front end's rate into log-mel frames as they come.
///
/// The frames do not depend on how the samples are cut into pieces.
pub struct LogMelStream {
    plan: Arc<LogMelPlan>,
    framing: Framing,
    buffers: SpectrumBuffers,
}

impl LogMelStream {
    /// A stream at the start of a clip.
    #[must_use]
    pub fn new(plan: &Arc<LogMelPlan>) -> Self {
        Self {
            framing: Framing::new(plan.front_end.spec()),
            buffers: plan.spectrum.buffers(),
            plan: Arc::clone(plan),
        }
    }

    /// Takes samples and appends the frames that they complete to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut LogMel) {
        let (plan, buffers) = (&self.plan, &mut self.buffers);
        self.framing
            .push(samples, |frame| plan.append(frame, buffers, out));
    }

    /// Ends the clip, appends its last frames to `out`, and stands ready for the next clip.
    pub fn finish(&mut self, out: &mut LogMel) {
        let (plan, buffers) = (&self.plan, &mut self.buffers);
        self.framing.finish(|frame| plan.append(frame, buffers, out));
    }

    /// The log-mel spectrogram of a whole clip, ended or not before: a clip under way is dropped.
    pub fn whole(&mut self, samples: &[f32]) -> LogMel {
        let spec = self.plan.front_end.spec();
        self.framing = Framing::new(spec);
        let mut out = LogMel::new(spec.n_mels);
        out.values
            .reserve((samples.len() / spec.hop_length + 1) * spec.n_mels);
        self.push(samples, &mut out);
        self.finish(&mut out);
        out
    }
}

impl LogMelPlan {
    fn append(&self, frame: &[f32], buffers: &mut SpectrumBuffers, out: &mut LogMel) {
        let spectrum = self.spectrum.measure(frame, buffers);
        let start = out.values.len();
        self.bank.apply(spectrum, |_, band| out.values.push(band));
        let bands = out.values.get_mut(start..).unwrap_or_default();
        self.front_end.spec().compress(bands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(n: usize, seed: u64) -> Vec<f32> {
        let mut state = seed | 1;
        (0..n)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_stream_in_pieces_equals_the_whole_clip_bit_for_bit(
            n in 0usize..20_000,
            seed in any::<u64>(),
            pieces in proptest::collection::vec(1usize..4_000, 1..40),
        ) {
            let samples = noise(n, seed);
            for front_end in FrontEnd::ALL {
                let plan = LogMelPlan::new(front_end);
                let whole = LogMelStream::new(&plan).whole(&samples);
                let mut stream = LogMelStream::new(&plan);
                let mut streamed = LogMel::new(front_end.spec().n_mels);
                let mut rest = samples.as_slice();
                for piece in pieces.iter().cycle() {
                    if rest.is_empty() { break; }
                    let (head, tail) = rest.split_at((*piece).min(rest.len()));
                    stream.push(head, &mut streamed);
                    rest = tail;
                }
                stream.finish(&mut streamed);
                prop_assert_eq!(&whole, &streamed);
            }
        }
    }

    #[test]
    fn a_clip_under_way_does_not_leak_into_a_whole_one() {
        let plan = LogMelPlan::new(FrontEnd::Mn);
        let samples = noise(5_000, 3);
        let fresh = LogMelStream::new(&plan).whole(&samples);
        let mut used = LogMelStream::new(&plan);
        used.push(&noise(3_333, 9), &mut LogMel::new(128));
        assert_eq!(used.whole(&samples), fresh);
    }

    #[test]
    fn silence_is_the_logarithm_of_the_offset() {
        let expected = [(0.01f32).ln(), (0.001f32).ln(), ((1e-5f32).ln() + 4.5) / 5.0];
        for (front_end, value) in FrontEnd::ALL.into_iter().zip(expected) {
            let mel = LogMelStream::new(&LogMelPlan::new(front_end)).whole(&vec![0.0; 32_000]);
            assert!(mel.frames() > 90);
            assert!(mel.values().iter().all(|v| (v - value).abs() < 1e-6));
        }
    }
}
