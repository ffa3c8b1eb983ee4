use crate::audio::{AudioError, AudioReader, Resampler};
use crate::features::{FrontEnd, LogMel, LogMelPlan, LogMelStream};

/// What a recording looks like: its waveform and its log-mel spectrogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Length in seconds.
    pub duration_s: f64,
    /// The lowest and the highest sample of each of so many equal parts of the recording, from -1 to 1.
    pub peaks: Vec<(f32, f32)>,
    /// All of it as the front end sees it.
    pub log_mel: LogMel,
}

/// Samples that share a pair of extremes at first; pairs are merged by twos as the recording goes on.
const FIRST_PART: u64 = 64;

impl Preview {
    /// Reads a recording from where the reader stands to its end; `columns` is the largest number of peaks.
    ///
    /// The log-mel takes some 50 kB a second, so whoever calls limits the reader's duration.
    ///
    /// # Errors
    ///
    /// The recording cannot be read to its end.
    pub fn read(reader: &mut AudioReader, front_end: FrontEnd, columns: usize) -> Result<Self, AudioError> {
        let rate_hz = reader.rate_hz();
        let mut resampler = Resampler::new(rate_hz, front_end.rate_hz())?;
        let mut stream = LogMelStream::new(&LogMelPlan::new(front_end));
        let mut log_mel = LogMel::new(front_end.spec().n_mels);
        let mut envelope = Envelope::new(columns);
        let (mut samples, mut converted) = (0u64, Vec::new());
        while let Some(block) = reader.next_block()? {
            samples += block.len() as u64;
            for sample in block {
                envelope.add(*sample);
            }
            converted.clear();
            resampler.push(block, &mut converted);
            stream.push(&converted, &mut log_mel);
        }
        converted.clear();
        resampler.finish(&mut converted);
        stream.push(&converted, &mut log_mel);
        stream.finish(&mut log_mel);
        Ok(Self {
            duration_s: samples as f64 / f64::from(rate_hz),
            peaks: envelope.finish(),
            log_mel,
        })
    }
}

/// Extremes of equal parts of a stream whose length is not known.
struct Envelope {
    columns: usize,
    /// Samples that share a pair.
    part: u64,
    pairs: Vec<(f32, f32)>,
    last: Option<(f32, f32)>,
    in_last: u64,
}

impl Envelope {
    fn new(columns: usize) -> Self {
        Self {
            columns: columns.max(2),
            part: FIRST_PART,
            pairs: Vec::new(),
            last: None,
            in_last: 0,
        }
    }

    fn add(&mut self, sample: f32) {
        let sample = sample.clamp(-1.0, 1.0);
        let (low, high) = self.last.unwrap_or((sample, sample));
        self.last = Some((low.min(sample), high.max(sample)));
        self.in_last += 1;
        if self.in_last == self.part {
            self.pairs.extend(self.last.take());
            self.in_last = 0;
            if self.pairs.len() > self.columns {
                self.halve();
            }
        }
    }

    /// Joins pairs by twos; one that is left over goes on as the last.
    fn halve(&mut self) {
        let join = |a: (f32, f32), b: (f32, f32)| (a.0.min(b.0), a.1.max(b.1));
        let mut chunks = self.pairs.chunks_exact(2);
        let joined = chunks
            .by_ref()
            .filter_map(|two| match two {
                [a, b] => Some(join(*a, *b)),
                _ => None,
            })
            .collect();
        if let [odd] = chunks.remainder() {
            (self.last, self.in_last) = (Some(*odd), self.part);
        }
        self.pairs = joined;
        self.part *= 2;
    }

    fn finish(mut self) -> Vec<(f32, f32)> {
        self.pairs.extend(self.last);
        self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav_bytes;

    fn preview(samples: &[f32], columns: usize) -> Preview {
        let mut reader = AudioReader::from_bytes(wav_bytes(samples, 16_000), "test.wav").unwrap();
        Preview::read(&mut reader, FrontEnd::Vggish, columns).unwrap()
    }

    #[test]
    fn peaks_are_the_extremes_of_equal_parts() {
        for n in [1, 63, 64, 65, 1_000, 8_193, 100_000] {
            let samples: Vec<f32> = (0..n)
                .map(|t| (t as f32 * 0.7).sin() * t as f32 / n as f32)
                .collect();
            let found = preview(&samples, 100);
            assert!(found.peaks.len() <= 101, "{n}: {}", found.peaks.len());
            let part = (0..).map(|i| FIRST_PART << i).find(|part| n <= 101 * part);
            let part = usize::try_from(part.unwrap()).unwrap();
            let rounded = |x: f32| (x * 1e3).round();
            let expected: Vec<(f32, f32)> = samples
                .chunks(part)
                .map(|c| {
                    c.iter()
                        .fold((f32::MAX, f32::MIN), |(l, h), &s| (l.min(s), h.max(s)))
                })
                .collect();
            assert_eq!(found.peaks.len(), expected.len(), "{n}");
            for (a, b) in found.peaks.iter().zip(&expected) {
                assert!(
                    (rounded(a.0) - rounded(b.0)).abs() <= 1.0 && (rounded(a.1) - rounded(b.1)).abs() <= 1.0
                );
            }
        }
    }

    #[test]
    fn the_log_mel_is_that_of_the_whole_clip() {
        let samples: Vec<f32> = (0..40_000).map(|t| (t as f32 * 0.3).sin() * 0.5).collect();
        let bytes = wav_bytes(&samples, 16_000);
        let clip = AudioReader::from_bytes(bytes, "test.wav")
            .unwrap()
            .read_clip(9.0)
            .unwrap();
        let whole = LogMelStream::new(&LogMelPlan::new(FrontEnd::Vggish)).whole(&clip.samples);
        let found = preview(&samples, 50);
        assert_eq!(found.log_mel, whole);
        assert!((found.duration_s - 2.5).abs() < 1e-9);
    }
}
