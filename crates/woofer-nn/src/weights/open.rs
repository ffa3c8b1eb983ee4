//! Opening a weight file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::detection::{HEAD_BYTES, detect};
use super::error::WeightsError;
use super::format::WeightsFormat;
use super::limits::MAX_FILE_BYTES;
use super::safetensors_header::{self, Header, Placed};
use super::source::{Source, StoredTensor};
use super::tensors::Weights;
use super::{digest, pytorch};

impl Weights {
    /// Opens a weight file: PyTorch (zip, legacy, tar) or safetensors, told by its content.
    ///
    /// Tensor data stays in the file until taken, so the file must not change meanwhile. A PyTorch checkpoint that
    /// nests the state dict under `state_dict`, `model_state_dict` or `model` gives the tensors below that key.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is larger than [`MAX_FILE_BYTES`], of another format, damaged, without tensors, beyond
    /// the limits of this module, or names functions such as `os.system` for the reader to call.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let name = path.display().to_string();
        let unopened = |source| WeightsError::Open {
            file: name.clone(),
            source,
        };
        let about = std::fs::metadata(path).map_err(unopened)?;
        if !about.is_file() {
            return Err(WeightsError::NotAFile { file: name });
        }
        if about.len() > MAX_FILE_BYTES {
            return Err(WeightsError::FileTooLarge {
                file: name,
                found: about.len(),
            });
        }
        let mut file = File::open(path).map_err(unopened)?;
        let mut head = Vec::with_capacity(HEAD_BYTES);
        file.by_ref()
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)
            .map_err(unopened)?;
        let format = detect(&name, &head)?;
        let (tensors, metadata) = if format == WeightsFormat::Safetensors {
            file.seek(SeekFrom::Start(0)).map_err(unopened)?;
            let header = safetensors_header::read(&name, about.len(), &mut file)?;
            let shared = Arc::new(Mutex::new(file.try_clone().map_err(unopened)?));
            let place = |placed: &Placed| Source::File {
                file: Arc::clone(&shared),
                start: placed.start,
                length: placed.length,
            };
            stored(header, place)
        } else {
            let tensors = pytorch::open(&name, path, format)?
                .into_iter()
                .map(|(name, tensor)| {
                    let stored = StoredTensor {
                        element: tensor.dtype().into(),
                        shape: tensor.shape().to_vec(),
                        source: Source::Pytorch(tensor),
                    };
                    (name, stored)
                })
                .collect();
            (tensors, BTreeMap::new())
        };
        if tensors.is_empty() {
            return Err(WeightsError::NoTensors { file: name });
        }
        file.seek(SeekFrom::Start(0)).map_err(unopened)?;
        let sha256 = digest::of_reader(&mut file).map_err(unopened)?;
        Ok(Self {
            name,
            format,
            sha256: Some(sha256),
            metadata,
            tensors,
        })
    }

    /// Reads safetensors in memory, such as weights that are part of the program; `name` stands for the file.
    ///
    /// # Errors
    ///
    /// As [`Weights::open`].
    pub fn from_safetensors_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        name: &str,
    ) -> Result<Self, WeightsError> {
        let bytes = Arc::new(bytes.into());
        let header = safetensors_header::read(name, bytes.len() as u64, &mut Cursor::new(bytes.as_ref()))?;
        let (tensors, metadata) = stored(header, |placed| Source::Bytes {
            bytes: Arc::clone(&bytes),
            start: usize::try_from(placed.start).unwrap_or(usize::MAX),
            length: placed.length,
        });
        if tensors.is_empty() {
            return Err(WeightsError::NoTensors { file: name.into() });
        }
        let sha256 = digest::of_reader(bytes.as_ref().as_ref()).map_err(|source| WeightsError::Open {
            file: name.into(),
            source,
        })?;
        Ok(Self {
            name: name.to_owned(),
            format: WeightsFormat::Safetensors,
            sha256: Some(sha256),
            metadata,
            tensors,
        })
    }
}

fn stored(
    header: Header,
    place: impl Fn(&Placed) -> Source,
) -> (BTreeMap<String, StoredTensor>, BTreeMap<String, String>) {
    let tensors = header
        .tensors
        .into_iter()
        .map(|(name, placed)| {
            let source = place(&placed);
            let tensor = StoredTensor {
                element: placed.element,
                shape: placed.shape,
                source,
            };
            (name, tensor)
        })
        .collect();
    (tensors, header.metadata)
}
