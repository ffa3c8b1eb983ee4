//! The chunks before the samples of an AIFF or AIFF-C.

use std::io;

use super::checks::{check_channels, check_rate};
use super::error::AudioError;
use super::format::Container;
use super::pcm::{ByteOrder, Encoding, PcmLayout};
use super::source::Source;
use super::wav_header::{take, take_up_to};

/// The `COMM` chunk.
struct Common {
    channels: u16,
    bits: u16,
    rate_hz: f64,
    /// Four letters that name the codec; `NONE` for AIFF.
    codec: [u8; 4],
}

/// Reads the chunks up to the first byte of the data.
///
/// The format may stand behind the data, and then a file is read twice; a stream must have it in front.
pub(super) fn read_aiff_header(source: &mut Source) -> Result<PcmLayout, AudioError> {
    let mut common = None;
    let mut data = None;
    take::<12>(source).map_err(|error| end_or_error(source, error))?;
    let mut at = 12u64;
    loop {
        let header = match take::<8>(source) {
            Ok(header) => header,
            // The data may have come first.
            Err(error)
                if error.kind() == io::ErrorKind::UnexpectedEof && common.is_some() && data.is_some() =>
            {
                break;
            }
            Err(error) => return Err(end_or_error(source, error)),
        };
        let [a, b, c, d, l0, l1, l2, l3] = header;
        let len = u32::from_be_bytes([l0, l1, l2, l3]);
        at += 8;
        match &[a, b, c, d] {
            b"COMM" => {
                let body = take_up_to(source, len, 22).map_err(|error| end_or_error(source, error))?;
                common = Some(
                    parse_common(&body).ok_or_else(|| damaged(source, "its format chunk is too short"))?,
                );
            }
            b"SSND" => {
                let [o0, o1, o2, o3, ..] = take::<8>(source).map_err(|error| end_or_error(source, error))?;
                let offset = u32::from_be_bytes([o0, o1, o2, o3]);
                // A length of nothing or all ones is left by a writer that could not go back.
                let body = len.checked_sub(8).and_then(|len| len.checked_sub(offset));
                let data_len = if len == u32::MAX || len <= 8 {
                    None
                } else {
                    body.map(u64::from)
                };
                if common.is_some() {
                    source
                        .skip(u64::from(offset))
                        .map_err(|error| source.read_error(error))?;
                    return layout_of(source, common, data_len);
                }
                if !source.can_rewind() {
                    return Err(damaged(
                        source,
                        "its data come before its format, which a stream cannot have",
                    ));
                }
                data = Some((at + 8 + u64::from(offset), data_len));
                let rest = (u64::from(len) + u64::from(len & 1)).saturating_sub(8);
                source.skip(rest).map_err(|error| source.read_error(error))?;
            }
            _ => {
                let padded = u64::from(len) + u64::from(len & 1);
                source.skip(padded).map_err(|error| source.read_error(error))?;
            }
        }
        at += u64::from(len) + u64::from(len & 1);
        if common.is_some() && data.is_some() {
            break;
        }
    }
    let (start, data_len) = data.ok_or_else(|| damaged(source, "it has no data"))?;
    let go_back = source.rewind_to_base().and_then(|()| source.skip(start));
    go_back.map_err(|error| source.read_error(error))?;
    layout_of(source, common, data_len)
}

fn layout_of(
    source: &Source,
    common: Option<Common>,
    data_len: Option<u64>,
) -> Result<PcmLayout, AudioError> {
    let common = common.ok_or_else(|| damaged(source, "it has no format chunk"))?;
    let rate_hz = check_rate(source.name(), common.rate_hz)?;
    let channels = check_channels(source.name(), u64::from(common.channels))?;
    let order = if &common.codec == b"sowt" {
        ByteOrder::Little
    } else {
        ByteOrder::Big
    };
    let encoding = match (&common.codec, common.bits.div_ceil(8)) {
        (b"NONE" | b"twos" | b"sowt", 1) => Encoding::S8,
        (b"NONE" | b"twos" | b"sowt", 2) => Encoding::S16(order),
        (b"NONE" | b"twos" | b"sowt", 3) | (b"in24", _) => Encoding::S24(order),
        (b"NONE" | b"twos" | b"sowt", 4) | (b"in32", _) => Encoding::S32(order),
        (b"raw ", 1) => Encoding::U8,
        (b"fl32" | b"FL32", _) => Encoding::F32(order),
        (b"fl64" | b"FL64", _) => Encoding::F64(order),
        (b"alaw" | b"ALAW", _) => Encoding::ALaw,
        (b"ulaw" | b"ULAW", _) => Encoding::MuLaw,
        (codec, _) => {
            let what = format!("AIFF with codec {} of {} bits", codec.escape_ascii(), common.bits);
            return Err(AudioError::Unsupported {
                file: source.name().into(),
                what,
            });
        }
    };
    Ok(PcmLayout {
        encoding,
        rate_hz,
        channels,
        data_len,
    })
}

fn parse_common(body: &[u8]) -> Option<Common> {
    let u16_at = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let mantissa = u64::from_be_bytes(body.get(10..18)?.try_into().ok()?);
    let codec = body
        .get(18..22)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or(*b"NONE");
    Some(Common {
        channels: u16_at(0)?,
        bits: u16_at(6)?,
        rate_hz: extended(u16_at(8)?, mantissa),
        codec,
    })
}

/// An IEEE 754 number of 80 bits.
#[expect(clippy::cast_precision_loss, reason = "rates are small whole numbers")]
fn extended(sign_and_exponent: u16, mantissa: u64) -> f64 {
    let exponent = i32::from(sign_and_exponent & 0x7FFF) - 16_383 - 63;
    let sign = if sign_and_exponent & 0x8000 == 0 {
        1.0
    } else {
        -1.0
    };
    sign * mantissa as f64 * 2f64.powi(exponent)
}

fn damaged(source: &Source, reason: &str) -> AudioError {
    AudioError::Damaged {
        file: source.name().into(),
        container: Container::Aiff.name(),
        reason: reason.into(),
    }
}

fn end_or_error(source: &Source, error: io::Error) -> AudioError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return damaged(source, "it ends before its samples");
    }
    source.read_error(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact")]
    fn an_80_bit_float_gives_the_rate() {
        assert_eq!(extended(0x400E, 0xAC44_0000_0000_0000), 44_100.0);
        assert_eq!(extended(0x400B, 0xFA00_0000_0000_0000), 8_000.0);
        assert_eq!(extended(0, 0), 0.0);
    }
}
