//! Writing safetensors: the same tensors give the same bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use half::f16;
use serde_json::{Map, Value, json};

use super::digest::HashingWriter;
use super::element::ElementType;

/// The key under which safetensors keeps strings about the file.
pub(super) const METADATA_KEY: &str = "__metadata__";

/// The length prefix and JSON header for tensors that follow in this order, float16 where they are that, else float32.
///
/// Written here and not by the crate `safetensors`, whose metadata is a `HashMap`: its order changes from run to run.
pub(super) fn header<'a>(
    tensors: impl Iterator<Item = (&'a str, &'a [usize], ElementType)>,
    metadata: &BTreeMap<String, String>,
) -> Vec<u8> {
    // `serde_json::Map` sorts by key unless some crate turns on `preserve_order`, hence one object at a time.
    let mut parts = Vec::new();
    if !metadata.is_empty() {
        parts.push(format!("\"{METADATA_KEY}\":{}", json!(metadata)));
    }
    let mut offset = 0_usize;
    for (name, shape, element) in tensors {
        let (dtype, bytes) = match element {
            ElementType::F16 => ("F16", 2),
            _ => ("F32", 4),
        };
        let end = offset + bytes * shape.iter().product::<usize>();
        let mut entry = Map::new();
        entry.insert("data_offsets".to_owned(), json!([offset, end]));
        entry.insert("dtype".to_owned(), json!(dtype));
        entry.insert("shape".to_owned(), json!(shape));
        parts.push(format!("{}:{}", Value::from(name), Value::from(entry)));
        offset = end;
    }
    let mut text = format!("{{{}}}", parts.join(","));
    // Padded so that the data starts at a multiple of eight bytes, as the format asks.
    text.extend(std::iter::repeat_n(
        ' ',
        text.len().next_multiple_of(8) - text.len(),
    ));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Writes values as little-endian float32.
pub(crate) fn write_values(to: &mut impl Write, values: &[f32]) -> io::Result<()> {
    let mut piece = Vec::with_capacity(1 << 16);
    for values in values.chunks(1 << 14) {
        piece.clear();
        piece.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        to.write_all(&piece)?;
    }
    Ok(())
}

/// Writes values as little-endian float16, each the nearest to its value.
pub(super) fn write_halves(to: &mut impl Write, values: &[f32]) -> io::Result<()> {
    let halves = values.iter().map(|&value| f16::from_f32(value));
    let bytes: Vec<u8> = halves.flat_map(f16::to_le_bytes).collect();
    to.write_all(&bytes)
}

/// Counts the files written, so that two threads never share a temporary file.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Fills a temporary file beside `path` by `fill` and renames it; gives the SHA-256 of what was written.
///
/// A failure leaves whatever was at `path` as it was.
pub(crate) fn replace_file<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<String, E> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut beside = name.to_os_string();
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    beside.push(format!(".{}-{number}.partial", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = fill_file(&beside, fill).and_then(|digest| {
        fs::rename(&beside, path)?;
        Ok(digest)
    });
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn fill_file<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<String, E> {
    let mut hashing = HashingWriter::new(BufWriter::new(File::create(path)?));
    fill(&mut hashing)?;
    let (buffered, digest) = hashing.finish();
    let written = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
    written.sync_all()?;
    Ok(digest)
}
