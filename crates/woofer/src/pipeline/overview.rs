use super::segment_reader::Stretch;
use crate::audio::{AudioError, AudioReader, Resampler, sample_at};
use crate::features::{FrontEnd, LogMel, LogMelPlan, LogMelStream};
use crate::render::Pooled;

/// Most columns of an overview; a picture is not wider.
const MAX_COLUMNS: usize = 2_000;

/// A recording as one looks at it: its log-mel and the reach of its waveform along time, in bounded memory.
#[derive(Debug, Clone)]
pub struct Overview {
    /// What the log-mel was made by.
    pub front_end: FrontEnd,
    /// Length in seconds.
    pub duration_s: f64,
    /// A row a frame.
    pub log_mel: Pooled,
    /// A row a hop of the front end: the negative of its lowest sample, and its highest.
    pub waveform: Pooled,
}

impl Overview {
    /// Listens to a stretch of a recording; the reader stands at the start.
    ///
    /// # Errors
    ///
    /// The recording cannot be read on, or its rate is out of range.
    pub fn listen(
        reader: &mut AudioReader,
        front_end: FrontEnd,
        stretch: Stretch,
    ) -> Result<Self, AudioError> {
        let rate_hz = reader.rate_hz();
        let spec = front_end.spec();
        let skip = stretch.onset_s.map_or(0, |s| sample_at(s, rate_hz));
        let end = stretch.offset_s.map_or(u64::MAX, |s| sample_at(s, rate_hz));
        let mut resampler = Resampler::new(rate_hz, front_end.rate_hz())?;
        let mut features = LogMelStream::new(&LogMelPlan::new(front_end));
        let mut overview = Self {
            front_end,
            duration_s: 0.0,
            log_mel: Pooled::new(spec.n_mels, MAX_COLUMNS),
            waveform: Pooled::new(2, MAX_COLUMNS),
        };
        let mut taken = 0u64;
        let mut at = 0u64;
        let mut samples = Vec::new();
        while at < end
            && let Some(block) = reader.next_block()?
        {
            let place = |sample: u64| {
                let place = usize::try_from(sample.saturating_sub(at)).unwrap_or(usize::MAX);
                place.min(block.len())
            };
            let wanted = block.get(place(skip)..place(end)).unwrap_or_default();
            taken += wanted.len() as u64;
            resampler.push(wanted, &mut samples);
            at += block.len() as u64;
            let whole = samples.len() / spec.hop_length * spec.hop_length;
            overview.hear(&samples[..whole], &mut features, spec.hop_length);
            samples.drain(..whole);
        }
        resampler.finish(&mut samples);
        overview.hear(&samples, &mut features, spec.hop_length);
        let mut last = LogMel::new(spec.n_mels);
        features.finish(&mut last);
        last.rows().for_each(|row| overview.log_mel.push(row));
        overview.duration_s = taken as f64 / f64::from(rate_hz);
        Ok(overview)
    }

    fn hear(&mut self, samples: &[f32], features: &mut LogMelStream, hop: usize) {
        let mut frames = LogMel::new(self.log_mel.width());
        features.push(samples, &mut frames);
        frames.rows().for_each(|row| self.log_mel.push(row));
        for piece in samples.chunks(hop) {
            let (low, high) = piece
                .iter()
                .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &s| {
                    (low.min(s), high.max(s))
                });
            self.waveform.push(&[-low, high]);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;
    use crate::audio::wav_bytes;

    fn overview(samples: &[f32], stretch: Stretch) -> Overview {
        let mut reader = AudioReader::from_bytes(wav_bytes(samples, 16_000), "x").unwrap();
        Overview::listen(&mut reader, FrontEnd::Vggish, stretch).unwrap()
    }

    fn sound(samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|i| (i as f32 * 0.3).sin() * (i % 40_000) as f32 / 50_000.0)
            .collect()
    }

    #[test]
    fn a_short_recording_is_seen_frame_by_frame() {
        let samples = sound(20_000);
        let seen = overview(&samples, Stretch::default());
        let whole = LogMelStream::new(&LogMelPlan::new(FrontEnd::Vggish));
        let mut whole = whole;
        // What was written has 16 bits.
        let read: Vec<f32> = samples
            .iter()
            .map(|s| (s * 32_768.0).round() / 32_768.0)
            .collect();
        assert_eq!(seen.log_mel.values(), whole.whole(&read).values());
        assert_eq!(seen.waveform.rows(), 125);
        assert_eq!(seen.duration_s, 1.25);
    }

    #[test]
    fn a_long_recording_takes_no_more_room() {
        let seen = overview(&sound(2_000_000), Stretch::default());
        assert_eq!(seen.waveform.rows(), 12_500);
        let columns = seen.waveform.columns().len();
        assert!((MAX_COLUMNS / 2..=MAX_COLUMNS).contains(&columns), "{columns}");
        assert!(seen.log_mel.columns().len() <= MAX_COLUMNS);
    }

    #[test]
    fn a_stretch_is_seen_as_if_it_were_all() {
        let samples = sound(48_000);
        let stretch = Stretch {
            onset_s: Some(1.0),
            offset_s: Some(2.5),
        };
        let part = overview(&samples, stretch);
        let alone = overview(&samples[16_000..40_000], Stretch::default());
        assert_eq!(part.log_mel.values(), alone.log_mel.values());
        assert_eq!(part.waveform.values(), alone.waveform.values());
        assert_eq!((part.duration_s, alone.duration_s), (1.5, 1.5));
    }
}
