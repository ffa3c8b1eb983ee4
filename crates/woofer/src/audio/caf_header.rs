//! The chunks before the samples of a CAF (Apple, "Core Audio Format Specification 1.0").

use std::io;

use super::checks::{check_channels, check_rate};
use super::error::AudioError;
use super::format::Container;
use super::pcm::{ByteOrder, Encoding, PcmLayout};
use super::source::Source;
use super::wav_header::take;

/// What a CAF holds.
#[derive(Debug, PartialEq)]
pub(super) enum CafBody {
    /// Plain samples, and the source stands at the first of them.
    Pcm(PcmLayout),
    /// Packets that Symphonia can read from the start of the file.
    Packets,
}

/// Reads the chunks up to the first byte of the data.
pub(super) fn read_caf_header(source: &mut Source) -> Result<CafBody, AudioError> {
    take::<8>(source).map_err(|error| end_or_error(source, error))?;
    // The description must come first (2.3).
    let [kind @ .., l4, l5, l6, l7] = take::<12>(source).map_err(|error| end_or_error(source, error))?;
    if !kind.starts_with(b"desc") || u32::from_be_bytes([l4, l5, l6, l7]) != 32 {
        return Err(damaged(source, "it does not begin with a description"));
    }
    let description = take::<32>(source).map_err(|error| end_or_error(source, error))?;
    let Some(mut layout) = parse_description(source, &description)? else {
        return Ok(CafBody::Packets);
    };
    loop {
        let header = take::<12>(source).map_err(|error| end_or_error(source, error))?;
        let [a, b, c, d, l0, l1, l2, l3, l4, l5, l6, l7] = header;
        let len = i64::from_be_bytes([l0, l1, l2, l3, l4, l5, l6, l7]);
        // -1 is allowed for the data and means "to the end".
        let len = u64::try_from(len).ok();
        if &[a, b, c, d] == b"data" {
            // A count of edits stands before the samples.
            take::<4>(source).map_err(|error| end_or_error(source, error))?;
            layout.data_len = len.map(|len| len.saturating_sub(4));
            return Ok(CafBody::Pcm(layout));
        }
        let len = len.ok_or_else(|| damaged(source, "a chunk has a negative length"))?;
        source.skip(len).map_err(|error| source.read_error(error))?;
    }
}

/// The layout of plain samples; `None` for packets.
fn parse_description(source: &Source, description: &[u8; 32]) -> Result<Option<PcmLayout>, AudioError> {
    let (words, _) = description.as_chunks::<4>();
    let &[r0, r1, codec, flags, _, _, channels, bits] = words else {
        return Ok(None);
    };
    let [r0, r1, flags, channels, bits] = [r0, r1, flags, channels, bits].map(u32::from_be_bytes);
    let rate_hz = check_rate(source.name(), f64::from_bits(u64::from(r0) << 32 | u64::from(r1)))?;
    let channels = check_channels(source.name(), u64::from(channels))?;
    let order = if flags & 2 == 0 {
        ByteOrder::Big
    } else {
        ByteOrder::Little
    };
    let is_float = flags & 1 != 0;
    let encoding = match (&codec, is_float, bits) {
        (b"lpcm", false, 8) => Encoding::S8,
        (b"lpcm", false, 16) => Encoding::S16(order),
        (b"lpcm", false, 24) => Encoding::S24(order),
        (b"lpcm", false, 32) => Encoding::S32(order),
        (b"lpcm", true, 32) => Encoding::F32(order),
        (b"lpcm", true, 64) => Encoding::F64(order),
        (b"alaw", _, _) => Encoding::ALaw,
        (b"ulaw", _, _) => Encoding::MuLaw,
        (b"lpcm", _, _) => {
            let what = format!("CAF with samples of {bits} bits");
            return Err(AudioError::Unsupported {
                file: source.name().into(),
                what,
            });
        }
        _ => return Ok(None),
    };
    Ok(Some(PcmLayout {
        encoding,
        rate_hz,
        channels,
        data_len: None,
    }))
}

fn damaged(source: &Source, reason: &str) -> AudioError {
    AudioError::Damaged {
        file: source.name().into(),
        container: Container::Caf.name(),
        reason: reason.into(),
    }
}

fn end_or_error(source: &Source, error: io::Error) -> AudioError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return damaged(source, "it ends before its samples");
    }
    source.read_error(error)
}
