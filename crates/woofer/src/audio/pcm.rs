//! Plain samples: bytes of a WAV or AIFF to mono `f32`.
//!
//! Symphonia reads these too, but hands out 1152 frames a packet, drops the last packet of a file that breaks off,
//! and refuses a file whose chunk lengths lie. Reading them here is simpler than repairing that, and faster.

use std::io::{self, Read};

use super::error::AudioError;
use super::source::Source;

/// Bytes read at a time.
const READ_LEN: usize = 64 * 1024;

/// The order of the bytes in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// How one sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    U8,
    S8,
    S16(ByteOrder),
    S24(ByteOrder),
    S32(ByteOrder),
    F32(ByteOrder),
    F64(ByteOrder),
    ALaw,
    MuLaw,
}

impl Encoding {
    /// Bytes in one sample.
    pub fn width(self) -> usize {
        match self {
            Self::U8 | Self::S8 | Self::ALaw | Self::MuLaw => 1,
            Self::S16(_) => 2,
            Self::S24(_) => 3,
            Self::S32(_) | Self::F32(_) => 4,
            Self::F64(_) => 8,
        }
    }

    /// The name that ffmpeg gives it.
    pub fn name(self) -> &'static str {
        use ByteOrder::{Big, Little};
        match self {
            Self::U8 => "pcm_u8",
            Self::S8 => "pcm_s8",
            Self::S16(Little) => "pcm_s16le",
            Self::S16(Big) => "pcm_s16be",
            Self::S24(Little) => "pcm_s24le",
            Self::S24(Big) => "pcm_s24be",
            Self::S32(Little) => "pcm_s32le",
            Self::S32(Big) => "pcm_s32be",
            Self::F32(Little) => "pcm_f32le",
            Self::F32(Big) => "pcm_f32be",
            Self::F64(Little) => "pcm_f64le",
            Self::F64(Big) => "pcm_f64be",
            Self::ALaw => "pcm_alaw",
            Self::MuLaw => "pcm_mulaw",
        }
    }

    /// Whole bytes of frames to mono samples, appended to `out`.
    #[expect(
        clippy::cast_precision_loss,
        reason = "f32 keeps 24 of 32 bits, which is the format of all samples here"
    )]
    #[expect(clippy::cast_possible_truncation, reason = "f64 samples are wanted as f32")]
    fn mix(self, bytes: &[u8], channels: usize, out: &mut Vec<f32>) {
        use ByteOrder::{Big, Little};
        const S8: f32 = 1.0 / 128.0;
        const S16: f32 = 1.0 / 32_768.0;
        const S32: f32 = 1.0 / 2_147_483_648.0;
        match self {
            Self::U8 => mix(bytes, channels, out, |[b]| (f32::from(b) - 128.0) * S8),
            Self::S8 => mix(bytes, channels, out, |b| f32::from(i8::from_le_bytes(b)) * S8),
            Self::S16(Little) => mix(bytes, channels, out, |b| f32::from(i16::from_le_bytes(b)) * S16),
            Self::S16(Big) => mix(bytes, channels, out, |b| f32::from(i16::from_be_bytes(b)) * S16),
            Self::S24(Little) => mix(bytes, channels, out, |[l, m, h]| {
                i32::from_le_bytes([0, l, m, h]) as f32 * S32
            }),
            Self::S24(Big) => mix(bytes, channels, out, |[h, m, l]| {
                i32::from_le_bytes([0, l, m, h]) as f32 * S32
            }),
            Self::S32(Little) => mix(bytes, channels, out, |b| i32::from_le_bytes(b) as f32 * S32),
            Self::S32(Big) => mix(bytes, channels, out, |b| i32::from_be_bytes(b) as f32 * S32),
            Self::F32(Little) => mix(bytes, channels, out, f32::from_le_bytes),
            Self::F32(Big) => mix(bytes, channels, out, f32::from_be_bytes),
            Self::F64(Little) => mix(bytes, channels, out, |b| f64::from_le_bytes(b) as f32),
            Self::F64(Big) => mix(bytes, channels, out, |b| f64::from_be_bytes(b) as f32),
            Self::ALaw => mix(bytes, channels, out, |[b]| f32::from(expand_a_law(b)) * S16),
            Self::MuLaw => mix(bytes, channels, out, |[b]| f32::from(expand_mu_law(b)) * S16),
        }
    }
}

fn mix<const N: usize>(bytes: &[u8], channels: usize, out: &mut Vec<f32>, convert: impl Fn([u8; N]) -> f32) {
    let (samples, _) = bytes.as_chunks::<N>();
    match channels {
        1 => out.extend(samples.iter().map(|sample| convert(*sample))),
        // Halved before they are added: two huge samples must not overflow.
        2 => out.extend(
            samples
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[l, r]| convert(*l) * 0.5 + convert(*r) * 0.5),
        ),
        _ => {
            #[expect(clippy::cast_precision_loss, reason = "channels are few")]
            let share = 1.0 / channels as f32;
            let frames = samples.chunks_exact(channels);
            out.extend(frames.map(|frame| frame.iter().map(|sample| convert(*sample) * share).sum::<f32>()));
        }
    }
}

/// ITU-T G.711 A-law to 16 bits.
fn expand_a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let exponent = (code >> 4) & 7;
    let mantissa = i16::from(code & 15);
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// ITU-T G.711 mu-law to 16 bits.
fn expand_mu_law(code: u8) -> i16 {
    let code = !code;
    let exponent = (code >> 4) & 7;
    let magnitude = (((i16::from(code & 15) << 3) + 0x84) << exponent) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

/// What a WAV or AIFF header says about its plain samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PcmLayout {
    pub encoding: Encoding,
    pub rate_hz: u32,
    pub channels: usize,
    /// Length of the data; `None` when the header does not know it and the data go on to the end.
    pub data_len: Option<u64>,
}

impl PcmLayout {
    /// Bytes in one frame: a sample of each channel.
    pub fn frame_len(&self) -> usize {
        self.encoding.width() * self.channels
    }
}

/// Plain samples, block by block.
pub(super) struct PcmStream {
    source: Source,
    layout: PcmLayout,
    left: u64,
    buffer: Vec<u8>,
    /// Bytes of a frame that is not complete yet, at the start of `buffer`.
    carried: usize,
    ended_early: bool,
}

impl PcmStream {
    /// Starts at the first byte of the data.
    pub fn new(source: Source, layout: PcmLayout) -> Self {
        source.budget().lift();
        let len = READ_LEN.max(layout.frame_len());
        Self {
            source,
            layout,
            left: layout.data_len.unwrap_or(u64::MAX),
            buffer: vec![0; len],
            carried: 0,
            ended_early: false,
        }
    }

    /// Appends the next samples to `out`; false at the end.
    pub fn next_block(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        let frame_len = self.layout.frame_len();
        loop {
            let room = usize::try_from(self.left)
                .unwrap_or(usize::MAX)
                .min(self.buffer.len() - self.carried);
            let free = self
                .buffer
                .get_mut(self.carried..self.carried + room)
                .unwrap_or_default();
            let count = match self.source.read(free) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.source.read_error(error)),
            };
            if count == 0 {
                let broke_off = self.layout.data_len.is_some() && self.left > 0;
                self.ended_early |= broke_off || self.carried > 0;
                self.carried = 0;
                return Ok(false);
            }
            self.left -= count as u64;
            let filled = self.carried + count;
            let whole = filled - filled % frame_len;
            self.layout.encoding.mix(
                self.buffer.get(..whole).unwrap_or_default(),
                self.layout.channels,
                out,
            );
            self.buffer.copy_within(whole..filled, 0);
            self.carried = filled - whole;
            if whole > 0 {
                return Ok(true);
            }
        }
    }

    /// True when the data broke off.
    pub fn ended_early(&self) -> bool {
        self.ended_early
    }

    pub fn layout(&self) -> &PcmLayout {
        &self.layout
    }

    pub fn name(&self) -> &str {
        self.source.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(encoding: Encoding, bytes: &[u8]) -> f32 {
        let mut out = Vec::new();
        encoding.mix(bytes, 1, &mut out);
        assert_eq!(out.len(), 1);
        out[0]
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact")]
    fn full_scale_is_one_in_every_width() {
        use ByteOrder::{Big, Little};
        assert_eq!(one(Encoding::U8, &[0]), -1.0);
        assert_eq!(one(Encoding::U8, &[128]), 0.0);
        assert_eq!(one(Encoding::S8, &[0x80]), -1.0);
        assert_eq!(one(Encoding::S16(Little), &[0, 0x40]), 0.5);
        assert_eq!(one(Encoding::S16(Big), &[0x40, 0]), 0.5);
        assert_eq!(one(Encoding::S24(Little), &[0, 0, 0xC0]), -0.5);
        assert_eq!(one(Encoding::S24(Big), &[0xC0, 0, 0]), -0.5);
        assert_eq!(one(Encoding::S32(Little), &[0, 0, 0, 0x80]), -1.0);
        assert_eq!(one(Encoding::F32(Big), &2.5f32.to_be_bytes()), 2.5);
        assert_eq!(one(Encoding::F64(Little), &(-7.25f64).to_le_bytes()), -7.25);
    }

    #[test]
    fn g711_codes_expand_as_the_standard_says() {
        assert_eq!(
            [expand_mu_law(0xFF), expand_mu_law(0x00), expand_mu_law(0x80)],
            [0, -32_124, 32_124]
        );
        assert_eq!(
            [expand_a_law(0xD5), expand_a_law(0x2A), expand_a_law(0xAA)],
            [8, -32_256, 32_256]
        );
    }

    #[test]
    fn huge_samples_of_many_channels_do_not_overflow() {
        let mut out = Vec::new();
        let bytes = f32::MAX.to_le_bytes().repeat(4);
        Encoding::F32(ByteOrder::Little).mix(&bytes, 2, &mut out);
        Encoding::F32(ByteOrder::Little).mix(&bytes, 4, &mut out);
        assert_eq!(out, [f32::MAX; 3]);
    }
}
