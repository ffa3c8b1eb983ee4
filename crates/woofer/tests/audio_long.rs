//! Hours of sound pass through in bounded memory.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::io::{self, Read};

use woofer::audio::{AudioReader, Resampler};

const HOURS: u64 = 10;
const RATE_HZ: u32 = 8_000;

/// A WAV of 8 bits that is made while it is read.
struct Synthetic {
    header: Vec<u8>,
    at: u64,
    end: u64,
}

impl Synthetic {
    fn new() -> Self {
        let frames = HOURS * 3600 * u64::from(RATE_HZ);
        let mut header = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        header.extend(RATE_HZ.to_le_bytes());
        header.extend(RATE_HZ.to_le_bytes());
        header.extend([1, 0, 8, 0]);
        header.extend(b"data\xFF\xFF\xFF\xFF");
        let end = header.len() as u64 + frames;
        Self { header, at: 0, end }
    }
}

impl Read for Synthetic {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.at)
            .ok()
            .and_then(|at| self.header.get(at..))
            .unwrap_or_default();
        let count = if rest.is_empty() {
            let count = buffer.len().min(usize::try_from(self.end - self.at).unwrap());
            buffer[..count].fill(160);
            count
        } else {
            let count = buffer.len().min(rest.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            count
        };
        self.at += count as u64;
        Ok(count)
    }
}

#[test]
fn ten_hours_from_a_stream_pass_in_small_blocks() {
    let mut reader = AudioReader::from_stream(Box::new(Synthetic::new()), "ten hours").unwrap();
    let (mut frames, mut largest) = (0, 0);
    while let Some(block) = reader.next_block().unwrap() {
        assert!((block[0] - 0.25).abs() < 1e-6);
        frames += block.len() as u64;
        largest = largest.max(block.len());
    }
    assert_eq!(frames, HOURS * 3600 * u64::from(RATE_HZ));
    assert_eq!(reader.frames_read(), frames);
    assert!(
        largest <= 65_536 && reader.repairs().is_clean(),
        "blocks of {largest} samples"
    );
}

#[test]
fn minutes_resampled_piece_by_piece_is_exact_in_length_and_keeps_little_back() {
    for (from_hz, frames) in [(44_100, 600 * 44_100u64), (7_919, 60 * 7_919)] {
        let mut resampler = Resampler::new(from_hz, 16_000).unwrap();
        let piece = vec![0.25; 50_000];
        let (mut left, mut given, mut out, mut largest) = (frames, 0, Vec::new(), 0);
        while left > 0 {
            let count = left.min(50_000);
            resampler.push(&piece[..usize::try_from(count).unwrap()], &mut out);
            left -= count;
            given += out.len() as u64;
            largest = largest.max(out.capacity());
            out.clear();
        }
        resampler.finish(&mut out);
        given += out.len() as u64;
        assert_eq!(given, frames * 16_000 / u64::from(from_hz));
        assert!(largest < 300_000, "{largest}");
    }
}
