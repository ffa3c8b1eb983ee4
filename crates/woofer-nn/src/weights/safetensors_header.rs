//! The header of a safetensors file, checked against the file's size.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read};

use safetensors::tensor::Metadata;

use super::element::ElementType;
use super::error::WeightsError;
use super::format::WeightsFormat;
use super::limits::MAX_HEADER_BYTES;
use super::shapes::check_shapes;

/// Where one tensor lies in a safetensors file.
pub(super) struct Placed {
    pub(super) element: ElementType,
    pub(super) shape: Vec<usize>,
    /// First byte, counted from the start of the file.
    pub(super) start: u64,
    /// Bytes.
    pub(super) length: usize,
}

/// What a safetensors header says.
pub(super) struct Header {
    pub(super) tensors: BTreeMap<String, Placed>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Reads the header from the start of a file of `size` bytes.
///
/// Format: eight bytes of little-endian length, that much JSON, then the data. The crate `safetensors` checks that the
/// tensors fill the data without hole or overlap, each with as many bytes as its shape needs.
pub(super) fn read(file: &str, size: u64, reader: &mut impl Read) -> Result<Header, WeightsError> {
    let damaged = |source: Box<dyn Error + Send + Sync>| WeightsError::Damaged {
        file: file.to_owned(),
        format: WeightsFormat::Safetensors,
        source,
    };
    let mut prefix = [0; 8];
    reader
        .read_exact(&mut prefix)
        .map_err(|error| damaged(error.into()))?;
    let length = u64::from_le_bytes(prefix);
    if length > MAX_HEADER_BYTES || length > size.saturating_sub(8) {
        return Err(damaged(
            format!("it declares a header of {length} bytes; the file has {size}, and at most {MAX_HEADER_BYTES} are read").into(),
        ));
    }
    let mut json = Vec::new();
    reader
        .by_ref()
        .take(length)
        .read_to_end(&mut json)
        .map_err(|error| damaged(error.into()))?;
    if json.len() as u64 != length {
        return Err(damaged(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
    }
    let header: Metadata = serde_json::from_slice(&json).map_err(|error| damaged(error.into()))?;

    let data_start = length + 8;
    let declared = data_start.saturating_add(header.data_len() as u64);
    if declared != size {
        return Err(damaged(
            format!("its tensors end at byte {declared}; the file has {size}").into(),
        ));
    }
    let listed = header.tensors();
    check_shapes(
        file,
        listed
            .values()
            .map(|tensor| tensor.shape.as_slice())
            .collect::<Vec<_>>()
            .into_iter(),
    )?;
    let tensors = listed
        .into_iter()
        .map(|(name, tensor)| {
            let (start, end) = tensor.data_offsets;
            let placed = Placed {
                element: tensor.dtype.into(),
                shape: tensor.shape.clone(),
                start: data_start + start as u64,
                length: end.saturating_sub(start),
            };
            (name, placed)
        })
        .collect();
    Ok(Header {
        tensors,
        metadata: header
            .metadata()
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    })
}
