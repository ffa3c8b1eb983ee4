/// Bytes before the samples.
const HEADER: u32 = 44;

/// A mono recording as the bytes of a WAV of 16 bits.
///
/// Samples beyond -1 to 1 are cut off, such that are no number are silence, and what does not fit into the 4 GiB of a
/// WAV is left out.
///
/// Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991.
#[must_use]
pub fn wav_bytes(samples: &[f32], rate_hz: u32) -> Vec<u8> {
    let most = ((u32::MAX - HEADER) / 2) as usize;
    let samples = samples.get(..most).unwrap_or(samples);
    let data = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - HEADER);
    let mut bytes = Vec::with_capacity(samples.len() * 2 + HEADER as usize);
    bytes.extend(b"RIFF");
    bytes.extend((HEADER - 8 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    // PCM, one channel.
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend(rate_hz.saturating_mul(2).to_le_bytes());
    // Two bytes a frame, 16 bits a sample.
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(
        samples
            .iter()
            .flat_map(|&sample| sixteen_bits(sample).to_le_bytes()),
    );
    bytes
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
}
