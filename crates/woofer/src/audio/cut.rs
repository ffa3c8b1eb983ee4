//! Stretches of a recording as recordings of their own.

use std::io::{self, Seek, Write};
use std::ops::Range;

use super::error::AudioError;
use super::limits::sample_at;
use super::reader::AudioReader;
use super::wav_writer::WavWriter;

/// Why stretches could not be cut out.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// The recording cannot be read to the end of the last stretch.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// A clip cannot be written.
    #[error("{clip}: cannot be written")]
    Write {
        /// The clip's name.
        clip: String,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Where the clips go.
pub trait Clips {
    /// What a clip is written to.
    type File: Write + Seek;

    /// The name of a clip for messages, by the place of its stretch.
    fn name(&self, place: usize) -> String;

    /// Opens a clip.
    ///
    /// # Errors
    /// What the operating system says.
    fn begin(&mut self, place: usize) -> io::Result<Self::File>;

    /// Takes a clip that is complete.
    ///
    /// # Errors
    /// What the operating system says.
    fn end(&mut self, place: usize, file: Self::File) -> io::Result<()>;
}

/// Writes stretches of a recording as mono WAVs of 16 bits at its own rate, in one pass and in bounded memory.
///
/// A stretch is onset and offset in seconds; they come in the order of their onsets and may overlap. One that ends behind
/// the end of the recording ends with it, and one that begins there gives no clip. The reader stands at the start.
///
/// # Errors
/// [`CutError`].
pub fn cut(
    reader: &mut AudioReader,
    stretches: &[(f64, f64)],
    clips: &mut impl Clips,
) -> Result<(), CutError> {
    let rate_hz = reader.rate_hz();
    let mut waiting = stretches
        .iter()
        .map(|(onset_s, offset_s)| sample_at(*onset_s, rate_hz)..sample_at(*offset_s, rate_hz))
        .enumerate()
        .peekable();
    let mut growing = Vec::new();
    let mut at = 0u64;
    while waiting.peek().is_some() || !growing.is_empty() {
        let Some(block) = reader.next_block()? else { break };
        let end = at + block.len() as u64;
        while let Some((place, samples)) = waiting.next_if(|(_, samples)| samples.start < end) {
            let writer = clips.begin(place).and_then(|file| WavWriter::new(file, rate_hz));
            growing.push((place, samples, writer.map_err(|e| write_error(clips, place, e))?));
        }
        for (place, samples, writer) in &mut growing {
            let pushed = writer.push(shared_part(block, at, samples));
            pushed.map_err(|e| write_error(clips, *place, e))?;
        }
        for (place, _, writer) in growing.extract_if(.., |(_, samples, _)| samples.end <= end) {
            finish(place, writer, clips)?;
        }
        at = end;
    }
    growing
        .into_iter()
        .try_for_each(|(place, _, writer)| finish(place, writer, clips))
}

fn finish<C: Clips>(place: usize, writer: WavWriter<C::File>, clips: &mut C) -> Result<(), CutError> {
    let ended = writer.finish().and_then(|file| clips.end(place, file));
    ended.map_err(|e| write_error(clips, place, e))
}

fn write_error(clips: &impl Clips, place: usize, source: io::Error) -> CutError {
    CutError::Write {
        clip: clips.name(place),
        source,
    }
}

/// What a block that begins at sample `at` has of a range of samples.
fn shared_part<'a>(block: &'a [f32], at: u64, samples: &Range<u64>) -> &'a [f32] {
    let place = |sample: u64| {
        let place = usize::try_from(sample.saturating_sub(at)).unwrap_or(usize::MAX);
        place.min(block.len())
    };
    block
        .get(place(samples.start)..place(samples.end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav_bytes;
    use proptest::prelude::*;
    use std::io::Cursor;

    #[derive(Default)]
    struct InMemory(Vec<(usize, Vec<f32>)>);

    impl Clips for InMemory {
        type File = Cursor<Vec<u8>>;

        fn name(&self, place: usize) -> String {
            place.to_string()
        }

        fn begin(&mut self, _place: usize) -> io::Result<Self::File> {
            Ok(Cursor::new(Vec::new()))
        }

        fn end(&mut self, place: usize, file: Self::File) -> io::Result<()> {
            self.0.push((place, samples_of(file.into_inner())));
            Ok(())
        }
    }

    fn samples_of(bytes: Vec<u8>) -> Vec<f32> {
        let reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
        reader
            .into_samples::<i16>()
            .map(|s| f32::from(s.unwrap()) / 32_768.0)
            .collect()
    }

    fn recording(samples: usize) -> Vec<f32> {
        (0..samples).map(|i| (i % 30_000) as f32 / 32_768.0).collect()
    }

    proptest! {
        #[test]
        fn clips_hold_just_their_stretch(samples in 1usize..200_000, mut stretches in proptest::collection::vec((0u32..2_500, 0u32..2_500), 0..12)) {
            stretches.sort_by_key(|(onset, _)| *onset);
            let sound = recording(samples);
            let mut reader = AudioReader::from_bytes(wav_bytes(&sound, 8_000), "x").unwrap();
            let seconds: Vec<(f64, f64)> = stretches
                .iter()
                .map(|&(onset, length)| (f64::from(onset) / 100.0, f64::from(onset + length) / 100.0))
                .collect();
            let mut clips = InMemory::default();
            cut(&mut reader, &seconds, &mut clips).unwrap();
            clips.0.sort_by_key(|(place, _)| *place);
            let expected: Vec<(usize, Vec<f32>)> = stretches
                .iter()
                .map(|&(onset, length)| (onset as usize * 80, (onset + length) as usize * 80))
                .enumerate()
                .filter(|(_, (from, _))| *from < samples)
                .map(|(place, (from, to))| (place, sound[from..to.min(samples)].to_vec()))
                .collect();
            prop_assert_eq!(clips.0, expected);
        }
    }
}
