use std::fmt;

use super::segments::{Segment, Segmenter};
use crate::audio::{AudioError, AudioReader, Resampler, sample_at};
use crate::features::FrontEnd;

/// A stretch of a recording in seconds, from `onset_s` up to `offset_s`; open where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stretch {
    /// Start; the recording's own if none.
    pub onset_s: Option<f64>,
    /// End; the recording's own if none.
    pub offset_s: Option<f64>,
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.onset_s, self.offset_s) {
            (None, None) => f.write_str("the whole recording"),
            (onset, None) => write!(f, "{} s to its end", onset.unwrap_or_default()),
            (onset, Some(offset)) => write!(f, "{} s to {offset} s", onset.unwrap_or_default()),
        }
    }
}

/// Reads a recording segment by segment at a front end's rate, in bounded memory.
pub struct SegmentReader<'a> {
    reader: &'a mut AudioReader,
    resampler: Resampler,
    /// None once the recording has ended.
    segmenter: Option<Segmenter>,
    /// Samples at the source rate that are still to be passed over.
    to_skip: u64,
    /// Samples at the source rate that are still to be taken.
    to_take: u64,
    taken: u64,
}

impl<'a> SegmentReader<'a> {
    /// Reads on from where `reader` stands, which is taken for the start of the recording.
    ///
    /// # Errors
    ///
    /// The recording's rate is out of range.
    pub fn new(
        reader: &'a mut AudioReader,
        front_end: FrontEnd,
        stretch: Stretch,
    ) -> Result<Self, AudioError> {
        let rate_hz = reader.rate_hz();
        let sample = |seconds: f64| sample_at(seconds, rate_hz);
        let to_skip = stretch.onset_s.map_or(0, sample);
        Ok(Self {
            resampler: Resampler::new(rate_hz, front_end.rate_hz())?,
            segmenter: Some(Segmenter::new(front_end.spec().segments)),
            to_skip,
            to_take: stretch.offset_s.map_or(u64::MAX, sample).saturating_sub(to_skip),
            taken: 0,
            reader,
        })
    }

    /// The next segment, none at the end.
    ///
    /// # Errors
    ///
    /// The recording cannot be read on.
    pub fn next_segment(&mut self) -> Result<Option<Segment>, AudioError> {
        loop {
            let Some(segmenter) = &mut self.segmenter else {
                return Ok(None);
            };
            if let Some(segment) = segmenter.complete() {
                return Ok(Some(segment));
            }
            let block = if self.to_take > 0 {
                self.reader.next_block()?
            } else {
                None
            };
            let Some(block) = block else {
                self.resampler.finish(segmenter.input());
                let last = segmenter.complete();
                if last.is_some() {
                    // What the resampler held back may fill a segment and begin another.
                    self.to_take = 0;
                    return Ok(last);
                }
                return Ok(self.segmenter.take().and_then(Segmenter::finish));
            };
            let skipped = block
                .len()
                .min(usize::try_from(self.to_skip).unwrap_or(usize::MAX));
            self.to_skip -= skipped as u64;
            let rest = &block[skipped..];
            let taken = rest
                .len()
                .min(usize::try_from(self.to_take).unwrap_or(usize::MAX));
            self.to_take -= taken as u64;
            self.taken += taken as u64;
            self.resampler.push(&rest[..taken], segmenter.input());
        }
    }

    /// Length in seconds of what has been taken so far.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.taken as f64 / f64::from(self.reader.rate_hz())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 16-bit WAV at 16 kHz whose sample `t` is `t % 20_000`.
    fn wav(samples: usize) -> AudioReader {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for t in 0..samples {
            writer.write_sample(i16::try_from(t % 20_000).unwrap()).unwrap();
        }
        writer.finalize().unwrap();
        AudioReader::from_bytes(bytes.into_inner(), "test.wav").unwrap()
    }

    fn segments(samples: usize, stretch: Stretch) -> (Vec<(u64, usize, f32)>, f64) {
        let mut reader = wav(samples);
        let mut segments = SegmentReader::new(&mut reader, FrontEnd::Vggish, stretch).unwrap();
        let mut out = Vec::new();
        while let Some(s) = segments.next_segment().unwrap() {
            out.push((s.start, s.samples.len(), (s.samples[0] * 32_768.0).round()));
        }
        assert!(segments.next_segment().unwrap().is_none());
        (out, segments.seconds())
    }

    #[test]
    fn a_recording_is_read_to_its_end() {
        let (read, seconds) = segments(200_000, Stretch::default());
        assert_eq!(
            read,
            [(0, 80_000, 0.0), (80_000, 80_000, 0.0), (160_000, 40_000, 0.0)]
        );
        assert!((seconds - 12.5).abs() < 1e-9);
    }

    #[test]
    fn a_stretch_is_cut_to_the_sample() {
        let stretch = Stretch {
            onset_s: Some(0.5),
            offset_s: Some(2.0),
        };
        assert_eq!(segments(100_000, stretch), (vec![(0, 24_000, 8_000.0)], 1.5));
    }

    #[test]
    fn a_stretch_beyond_the_end_is_what_is_there() {
        let from = |onset_s| Stretch {
            onset_s: Some(onset_s),
            offset_s: Some(99.0),
        };
        assert_eq!(segments(16_000, from(0.75)), (vec![(0, 4_000, 12_000.0)], 0.25));
        assert_eq!(segments(16_000, from(50.0)), (vec![], 0.0));
    }
}
