//! Which format a weight file has, told by its first bytes.

use super::error::WeightsError;
use super::format::WeightsFormat;

/// How many bytes [`detect`] looks at.
pub(super) const HEAD_BYTES: usize = 512;

/// 0x1950a86a20f9469cfc6c, `MAGIC_NUMBER` in torch/serialization.py, as pickle protocols 2 and up write it.
const LEGACY_MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// Where the magic number lies at most: protocol 4 puts twelve bytes before it.
const LEGACY_SEARCH: usize = 64;

/// Offset of `ustar` in a POSIX tar header (IEEE 1003.1, pax).
const TAR_MAGIC_OFFSET: usize = 257;

/// The `PROTO` opcode that begins a Python pickle of protocol 2 and up.
const PICKLE_PROTO: u8 = 0x80;

/// Tells the format from the first [`HEAD_BYTES`] bytes of a file.
pub(super) fn detect(file: &str, head: &[u8]) -> Result<WeightsFormat, WeightsError> {
    let legacy = head.get(..LEGACY_SEARCH).unwrap_or(head);
    if head.is_empty() {
        Err(WeightsError::Empty { file: file.into() })
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Ok(WeightsFormat::PytorchZip)
    } else if head.get(TAR_MAGIC_OFFSET..TAR_MAGIC_OFFSET + 5) == Some(b"ustar") {
        Ok(WeightsFormat::PytorchTar)
    } else if legacy
        .windows(LEGACY_MAGIC.len())
        .any(|bytes| bytes == LEGACY_MAGIC)
    {
        Ok(WeightsFormat::PytorchLegacy)
    } else if begins_like_safetensors(head) {
        Ok(WeightsFormat::Safetensors)
    } else if head.first() == Some(&PICKLE_PROTO) {
        Err(WeightsError::BarePickle { file: file.into() })
    } else {
        Err(WeightsError::UnknownFormat {
            file: file.into(),
            begins: readable(head),
        })
    }
}

/// Whether eight bytes of length are followed by the `{` of a JSON header.
fn begins_like_safetensors(head: &[u8]) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else {
        return false;
    };
    // Eight printable characters are text: as a length they would be far beyond any file.
    let text = length.iter().all(|byte| (0x20..0x7f).contains(byte));
    rest.first() == Some(&b'{') && !text
}

/// The first bytes of a file for a message.
fn readable(head: &[u8]) -> String {
    let shown = head.get(..16).unwrap_or(head);
    format!("\"{}\"", shown.escape_ascii())
}
