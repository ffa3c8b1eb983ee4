use std::io::{self, Seek, SeekFrom, Write};

/// Bytes before the samples.
const HEADER: u32 = 44;

/// Most samples of a WAV, whose length must fit 4 GiB.
const MAX_SAMPLES: u32 = (u32::MAX - HEADER) / 2;

/// A mono recording as the bytes of a WAV of 16 bits.
///
/// Samples beyond -1 to 1 are cut off, such that are no number are silence, and what does not fit into the 4 GiB of a
/// WAV is left out.
#[must_use]
pub fn wav_bytes(samples: &[f32], rate_hz: u32) -> Vec<u8> {
    let samples = samples.get(..MAX_SAMPLES as usize).unwrap_or(samples);
    let mut bytes = header(rate_hz, u32::try_from(samples.len()).unwrap_or(MAX_SAMPLES)).to_vec();
    bytes.reserve(samples.len() * 2);
    bytes.extend(
        samples
            .iter()
            .flat_map(|&sample| sixteen_bits(sample).to_le_bytes()),
    );
    bytes
}

/// Writes a mono recording as a WAV of 16 bits, piece by piece, as [`wav_bytes`] does at once.
pub struct WavWriter<W: Write + Seek> {
    to: W,
    rate_hz: u32,
    samples: u32,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Begins a recording; `to` stands at its start.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn new(mut to: W, rate_hz: u32) -> io::Result<Self> {
        to.write_all(&header(rate_hz, 0))?;
        Ok(Self {
            to,
            rate_hz,
            samples: 0,
        })
    }

    /// Appends samples.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn push(&mut self, samples: &[f32]) -> io::Result<()> {
        let room = (MAX_SAMPLES - self.samples) as usize;
        let samples = samples.get(..room).unwrap_or(samples);
        for piece in samples.chunks(4_096) {
            let bytes: Vec<u8> = piece
                .iter()
                .flat_map(|&s| sixteen_bits(s).to_le_bytes())
                .collect();
            self.to.write_all(&bytes)?;
        }
        self.samples += u32::try_from(samples.len()).unwrap_or(0);
        Ok(())
    }

    /// Writes the length into the header and gives back what was written to.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(mut self) -> io::Result<W> {
        let len = i64::from(HEADER) + 2 * i64::from(self.samples);
        self.to.seek(SeekFrom::Current(-len))?;
        self.to.write_all(&header(self.rate_hz, self.samples))?;
        self.to.seek(SeekFrom::Current(len - i64::from(HEADER)))?;
        self.to.flush()?;
        Ok(self.to)
    }
}

/// Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
fn header(rate_hz: u32, samples: u32) -> [u8; HEADER as usize] {
    let data = samples * 2;
    let fields: [&[u8]; 12] = [
        b"RIFF",
        &(HEADER - 8 + data).to_le_bytes(),
        b"WAVEfmt ",
        &16u32.to_le_bytes(),
        // PCM.
        &1u16.to_le_bytes(),
        // One channel.
        &1u16.to_le_bytes(),
        &rate_hz.to_le_bytes(),
        // Bytes a second.
        &rate_hz.saturating_mul(2).to_le_bytes(),
        // Bytes a frame.
        &2u16.to_le_bytes(),
        // Bits a sample.
        &16u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    let mut header = [0; HEADER as usize];
    for (to, from) in header.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    header
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond 16 bits becomes the nearest of them"
)]
fn sixteen_bits(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hound_reads_what_was_written() {
        let samples = [0.0, 0.5, -0.5, 1.0, -1.0, 7.0, f32::NAN];
        let bytes = wav_bytes(&samples, 16_000);
        let reader = hound::WavReader::new(bytes.as_slice()).unwrap();
        let spec = reader.spec();
        assert_eq!(
            (spec.channels, spec.sample_rate, spec.bits_per_sample),
            (1, 16_000, 16)
        );
        let read: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
        assert_eq!(read, [0, 16_384, -16_384, 32_767, -32_768, 32_767, 0]);
    }

    #[test]
    fn pieces_are_written_as_the_whole() {
        let samples: Vec<f32> = (0..10_000).map(|i| (i as f32 * 0.01).sin()).collect();
        let mut writer = WavWriter::new(io::Cursor::new(Vec::new()), 8_000).unwrap();
        for piece in samples.chunks(777) {
            writer.push(piece).unwrap();
        }
        let written = writer.finish().unwrap().into_inner();
        assert_eq!(written, wav_bytes(&samples, 8_000));
    }
}
