//! The chunks before the samples of a WAV: RIFF WAVE, and RF64 (EBU Tech 3306) for more than 4 GiB.

use std::io::{self, Read, Seek as _, SeekFrom};

use super::checks::{check_channels, check_rate};
use super::error::AudioError;
use super::format::Container;
use super::pcm::{ByteOrder, Encoding, PcmLayout};
use super::source::Source;

/// So many chunks are followed behind data whose length is given as zero.
const MAX_CHUNKS_BEHIND: usize = 1024;

/// What a WAV holds.
#[derive(Debug, PartialEq)]
pub(super) enum WavBody {
    /// Plain samples, and the source stands at the first of them.
    Pcm(PcmLayout),
    /// Compressed blocks that Symphonia can read from the start of the file.
    Adpcm,
}

/// The `fmt ` chunk.
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    bits: u16,
}

/// Reads the chunks up to the first byte of the data.
///
/// Lengths are believed only as far as the file goes: zero and all ones mean "not known" as recorders and pipes
/// write them, unless whole chunks follow up to the end of the file, and a length beyond the end of the file is found
/// out when the data break off.
pub(super) fn read_wav_header(source: &mut Source) -> Result<WavBody, AudioError> {
    let damaged = |source: &Source, reason: &str| AudioError::Damaged {
        file: source.name().into(),
        container: Container::Wav.name(),
        reason: reason.into(),
    };
    let mut format = None;
    let mut long_data_len = None;
    take::<12>(source).map_err(|error| end_or_error(source, error))?;
    loop {
        let header = take::<8>(source).map_err(|error| end_or_error(source, error))?;
        let [a, b, c, d, l0, l1, l2, l3] = header;
        let len = u32::from_le_bytes([l0, l1, l2, l3]);
        match &[a, b, c, d] {
            b"fmt " => {
                let body = take_up_to(source, len, 40).map_err(|error| end_or_error(source, error))?;
                format = Some(
                    parse_format(&body).ok_or_else(|| damaged(source, "its format chunk is too short"))?,
                );
            }
            b"ds64" => {
                let body = take_up_to(source, len, 24).map_err(|error| end_or_error(source, error))?;
                long_data_len = body
                    .get(8..16)
                    .and_then(|b| b.try_into().ok())
                    .map(u64::from_le_bytes);
            }
            b"data" => {
                let format = format.ok_or_else(|| damaged(source, "its data come before its format"))?;
                let data_len = match (len, long_data_len) {
                    (u32::MAX, Some(long)) => long,
                    (u32::MAX, None) => u64::MAX,
                    (len, _) => u64::from(len),
                };
                // A recorder that was switched off leaves 0, a pipe leaves 0 or all ones.
                let data_len = match data_len {
                    0 if holds_only_chunks(source).map_err(|error| source.read_error(error))? => Some(0),
                    0 | u64::MAX => None,
                    len => Some(len),
                };
                return body_of(source, &format, data_len);
            }
            _ => {
                let padded = u64::from(len) + u64::from(len & 1);
                source.skip(padded).map_err(|error| source.read_error(error))?;
            }
        }
    }
}

fn body_of(source: &Source, format: &Format, data_len: Option<u64>) -> Result<WavBody, AudioError> {
    let unsupported = |what: String| AudioError::Unsupported {
        file: source.name().into(),
        what,
    };
    let rate_hz = check_rate(source.name(), f64::from(format.rate_hz))?;
    let channels = check_channels(source.name(), u64::from(format.channels))?;
    let little = ByteOrder::Little;
    // Widths that are no whole number of bytes lie in the next larger container, shifted to its top.
    let encoding = match (format.tag, format.bits.div_ceil(8)) {
        (1, 1) => Encoding::U8,
        (1, 2) => Encoding::S16(little),
        (1, 3) => Encoding::S24(little),
        (1, 4) => Encoding::S32(little),
        (3, 4) => Encoding::F32(little),
        (3, 8) => Encoding::F64(little),
        (6, _) => Encoding::ALaw,
        (7, _) => Encoding::MuLaw,
        (0x02 | 0x11, _) => return Ok(WavBody::Adpcm),
        (1 | 3, _) => {
            let kind = if format.tag == 1 { "integer" } else { "float" };
            return Err(unsupported(format!(
                "WAV with {kind} samples of {} bits",
                format.bits
            )));
        }
        (tag, _) => return Err(unsupported(format!("WAV with {}", codec_name(tag)))),
    };
    Ok(WavBody::Pcm(PcmLayout {
        encoding,
        rate_hz,
        channels,
        data_len,
    }))
}

fn parse_format(body: &[u8]) -> Option<Format> {
    let u16_at = |at: usize| Some(u16::from_le_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_le_bytes(body.get(at..at + 4)?.try_into().ok()?));
    let mut tag = u16_at(0)?;
    // WAVE_FORMAT_EXTENSIBLE: the tag proper starts the GUID at 24. The block align is not used: it follows from
    // the channels and bits, and files lie about it.
    if tag == 0xFFFE {
        tag = u16_at(24)?;
    }
    Some(Format {
        tag,
        channels: u16_at(2)?,
        rate_hz: u32_at(4)?,
        bits: u16_at(14)?,
    })
}

/// The codec of a format tag (Microsoft `mmreg.h`).
fn codec_name(tag: u16) -> String {
    let name = match tag {
        0x31 => "GSM 6.10",
        0x40 | 0x45 | 0x64 | 0x65 => "G.72x ADPCM",
        0x50 => "MPEG Layer I or II",
        0x55 => "MP3",
        0xFF | 0x1600 | 0x1610 | 0x706D => "AAC",
        0x160..=0x163 => "Windows Media Audio",
        0x2000 => "AC-3",
        0x2001 => "DTS",
        0x674F..=0x6771 => "Ogg Vorbis",
        0xF1AC => "FLAC",
        other => return format!("codec 0x{other:04x}"),
    };
    name.into()
}

/// Whether what is left is nothing, or whole chunks that end where the file ends; the position is kept.
///
/// Only a source of known length can tell.
fn holds_only_chunks(source: &mut Source) -> io::Result<bool> {
    if source.remaining().is_none() {
        return Ok(false);
    }
    let start = source.stream_position()?;
    let result = pass_chunks(source);
    source.seek(SeekFrom::Start(start))?;
    result
}

/// Passes over the chunks up to the end; false at the first that is none.
fn pass_chunks(source: &mut Source) -> io::Result<bool> {
    for _ in 0..MAX_CHUNKS_BEHIND {
        match source.remaining() {
            Some(0) => return Ok(true),
            Some(8..) => {}
            _ => return Ok(false),
        }
        let [a, b, c, d, l0, l1, l2, l3] = take::<8>(source)?;
        let len = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let left = source.remaining().unwrap_or(0);
        if ![a, b, c, d].iter().all(|letter| matches!(letter, b' '..=b'~')) || len > left {
            return Ok(false);
        }
        // The byte that makes the length even is sometimes left out at the end.
        source.skip((len + (len & 1)).min(left))?;
    }
    Ok(false)
}

/// Reads exactly `N` bytes.
pub(super) fn take<const N: usize>(source: &mut Source) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads a chunk of `len` bytes with its padding, and returns at most `max` bytes of it.
pub(super) fn take_up_to(source: &mut Source, len: u32, max: u32) -> io::Result<Vec<u8>> {
    let kept = len.min(max);
    let mut bytes = Vec::new();
    source.by_ref().take(u64::from(kept)).read_to_end(&mut bytes)?;
    source.skip(u64::from(len - kept) + u64::from(len & 1))?;
    Ok(bytes)
}

fn end_or_error(source: &Source, error: io::Error) -> AudioError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        let (file, container) = (source.name().into(), Container::Wav.name());
        return AudioError::Damaged {
            file,
            container,
            reason: "it ends before its samples".into(),
        };
    }
    source.read_error(error)
}
