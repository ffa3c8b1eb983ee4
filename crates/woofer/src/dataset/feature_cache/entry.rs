//! The file of one value.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | `WOOFROWS` |
//! | 8..12 | version of this layout, 1 |
//! | 12..16 | CRC-32 (IEEE 802.3) of all that follows |
//! | 16..48 | the key |
//! | 48..56, 56..64 | rows, values a row |
//! | 64.. | the values as float32, row after row |
//!
//! Numbers are little-endian. The values begin at a multiple of 64, so that a mapped file is aligned.

use std::borrow::Cow;
use std::io::{self, Write};

use super::key::CacheKey;

/// Bytes before the first value.
pub(super) const HEADER_BYTES: usize = 64;

const MAGIC: [u8; 8] = *b"WOOFROWS";
const VERSION: u32 = 1;
/// What stands before the bytes that the checksum covers.
const UNCHECKED_BYTES: usize = 16;

/// Writes the file of a value whose rows are all of `shape[1]` values.
pub(super) fn write<R: AsRef<[f32]>>(
    to: &mut impl Write,
    key: &CacheKey,
    shape: [usize; 2],
    rows: &[R],
) -> io::Result<()> {
    let mut checked = Vec::with_capacity(HEADER_BYTES - UNCHECKED_BYTES);
    checked.extend_from_slice(key.bytes());
    for length in shape {
        checked.extend_from_slice(&(length as u64).to_le_bytes());
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(&checked);
    for row in rows {
        crc.update(&little_endian(row.as_ref()));
    }
    to.write_all(&MAGIC)?;
    to.write_all(&VERSION.to_le_bytes())?;
    to.write_all(&crc.finalize().to_le_bytes())?;
    to.write_all(&checked)?;
    for row in rows {
        to.write_all(&little_endian(row.as_ref()))?;
    }
    Ok(())
}

/// The rows and values a row of a file that is whole, unaltered and this key's; none of any other.
pub(super) fn check(bytes: &[u8], key: &CacheKey) -> Option<[usize; 2]> {
    let (magic, rest) = bytes.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let (crc, checked) = rest.split_first_chunk::<4>()?;
    let (found_key, rest) = checked.split_first_chunk::<32>()?;
    let (rows, rest) = rest.split_first_chunk::<8>()?;
    let (values, data) = rest.split_first_chunk::<8>()?;
    let told = *magic == MAGIC && u32::from_le_bytes(*version) == VERSION && found_key == key.bytes();
    let rows = usize::try_from(u64::from_le_bytes(*rows)).ok()?;
    let values = usize::try_from(u64::from_le_bytes(*values)).ok()?;
    // Rows without values could be any number.
    let length = rows.checked_mul(values)?.checked_mul(4)?;
    let shaped = length == data.len() && (rows == 0) == (values == 0);
    // Last, since it reads all of it.
    let whole = told && shaped && crc32fast::hash(checked) == u32::from_le_bytes(*crc);
    whole.then_some([rows, values])
}

/// The values of a file that was found to be whole, copied.
pub(super) fn decode(bytes: &[u8]) -> Vec<f32> {
    let (values, _) = bytes.get(HEADER_BYTES..).unwrap_or_default().as_chunks::<4>();
    values.iter().map(|value| f32::from_le_bytes(*value)).collect()
}

fn little_endian(values: &[f32]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        Cow::Borrowed(bytemuck::cast_slice(values))
    } else {
        Cow::Owned(values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::feature_cache::ContentHash;
    use crate::pipeline::Stretch;

    fn key(settings: &str) -> CacheKey {
        CacheKey::new(&ContentHash::of_bytes(b"a"), Stretch::default(), settings)
    }

    fn written(shape: [usize; 2], rows: &[Vec<f32>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, &key("s"), shape, rows).unwrap();
        bytes
    }

    #[test]
    fn what_was_written_is_found_whole() {
        let bytes = written([2, 3], &[vec![1.0, -0.0, 3.5], vec![4.0, f32::INFINITY, 1e-45]]);
        assert_eq!(bytes.len(), HEADER_BYTES + 24);
        assert_eq!(bytes[64..68], [0, 0, 0x80, 0x3f]);
        assert_eq!(check(&bytes, &key("s")), Some([2, 3]));
        assert_eq!(decode(&bytes)[5].to_bits(), 1);
        assert_eq!(check(&written([0, 0], &[]), &key("s")), Some([0, 0]));
    }

    #[test]
    fn the_checksum_is_that_of_ieee_802_3() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn another_key_is_not_taken() {
        assert_eq!(check(&written([1, 1], &[vec![1.0]]), &key("t")), None);
    }

    #[test]
    fn no_single_flipped_bit_goes_unnoticed() {
        let bytes = written([2, 3], &[vec![1.0, 2.0, 3.5], vec![4.0, 5.0, 6.0]]);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(check(&flipped, &key("s")), None, "bit {bit}");
        }
    }

    #[test]
    fn no_cut_and_no_rest_goes_unnoticed() {
        let bytes = written([1, 3], &[vec![1.0, 2.0, 3.5]]);
        for length in 0..bytes.len() {
            assert_eq!(check(&bytes[..length], &key("s")), None, "{length} bytes");
        }
        assert_eq!(check(&[&bytes[..], &[0; 4]].concat(), &key("s")), None);
    }

    /// A header with a right checksum that lies about the shape.
    #[test]
    fn lengths_are_held_against_the_file() {
        let huge = usize::MAX / 2 + 1;
        for shape in [
            [3, 2],
            [1, 5],
            [0, 0],
            [huge, 8],
            [4, usize::MAX],
            [usize::MAX, 0],
            [0, 7],
        ] {
            for rows in [vec![vec![1.0, 2.0, 3.0, 4.0]], vec![]] {
                if shape != [0, 0] || !rows.is_empty() {
                    assert_eq!(check(&written(shape, &rows), &key("s")), None, "{shape:?}");
                }
            }
        }
    }
}
