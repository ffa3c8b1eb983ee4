//! Where a tensor's values are until somebody takes them.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use super::element::ElementType;

/// A stored tensor: what it is, and where its values are.
#[derive(Clone)]
pub(super) struct StoredTensor {
    pub(super) element: ElementType,
    pub(super) shape: Vec<usize>,
    pub(super) source: Source,
}

/// Where values are read from.
#[derive(Clone)]
pub(super) enum Source {
    /// A PyTorch file; the handle knows its storage, offset and strides.
    Pytorch(pytorch_reader::Tensor),
    /// A range of an open file.
    File {
        file: Arc<Mutex<File>>,
        start: u64,
        length: usize,
    },
    /// A range of bytes in memory, such as a file that is part of the program.
    Bytes {
        bytes: Arc<Cow<'static, [u8]>>,
        start: usize,
        length: usize,
    },
    /// Values put in by the program.
    Values(Arc<Vec<f32>>),
}

/// Why values cannot be had.
pub(super) enum Unreadable {
    Io(io::Error),
    NotFloat,
}

impl StoredTensor {
    /// Number of elements; cannot overflow once [`check_shapes`](super::shapes::check_shapes) has passed.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The values as float32, row-major; read anew with each call.
    pub(super) fn values(&self) -> Result<Cow<'_, [f32]>, Unreadable> {
        if let ElementType::Other(_) = self.element {
            return Err(Unreadable::NotFloat);
        }
        let decoded = match &self.source {
            Source::Values(values) => return Ok(Cow::Borrowed(values)),
            Source::Pytorch(tensor) => {
                let bytes = tensor.read().map_err(Unreadable::Io)?;
                self.element.to_f32(&bytes)
            }
            Source::File { file, start, length } => {
                let bytes = read_range(file, *start, *length).map_err(Unreadable::Io)?;
                self.element.to_f32(&bytes)
            }
            Source::Bytes { bytes, start, length } => {
                let range = start.checked_add(*length).and_then(|end| bytes.get(*start..end));
                self.element.to_f32(range.ok_or_else(|| short(0, *length))?)
            }
        };
        let values = decoded.ok_or(Unreadable::NotFloat)?;
        if values.len() == self.len() {
            Ok(Cow::Owned(values))
        } else {
            Err(short(values.len(), self.len()))
        }
    }
}

fn short(found: usize, expected: usize) -> Unreadable {
    Unreadable::Io(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!("{found} of {expected} are there"),
    ))
}

fn read_range(file: &Mutex<File>, start: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
