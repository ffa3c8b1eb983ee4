//! Writing tensors to a safetensors file.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use half::f16;

use super::element::ElementType;
use super::error::WeightsError;
use super::safetensors_writer::{METADATA_KEY, header, replace_file, write_halves, write_values};
use super::source::{Source, StoredTensor};
use super::tensors::Weights;

impl Weights {
    /// The tensors not yet taken as the bytes of a safetensors file: sorted by name, float16 where they
    /// were read or rounded as such, else float32.
    ///
    /// The same tensors and metadata give the same bytes.
    ///
    /// # Errors
    ///
    /// A tensor holds no floating-point numbers, one that is not finite, or cannot be read.
    pub fn to_safetensors_bytes(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, WeightsError> {
        let mut bytes = Vec::new();
        self.write_all(&mut bytes, metadata)
            .map_err(|failure| failure.naming(&self.name))?;
        Ok(bytes)
    }

    /// Writes [`Weights::to_safetensors_bytes`] to a file and gives its SHA-256 in lower-case hexadecimal.
    ///
    /// The file is written beside `path`, one tensor in memory at a time, and renamed when complete.
    ///
    /// # Errors
    ///
    /// As [`Weights::to_safetensors_bytes`], or the file cannot be written; what was at `path` is kept then.
    pub fn write_safetensors(
        &self,
        path: &Path,
        metadata: &BTreeMap<String, String>,
    ) -> Result<String, WeightsError> {
        replace_file(path, |mut to| self.write_all(&mut to, metadata))
            .map_err(|failure: WriteFailure| failure.naming(&path.display().to_string()))
    }

    /// The tensors not yet taken, each value rounded to the nearest float16, as which they are written: half the size.
    ///
    /// # Errors
    ///
    /// A tensor cannot be read, or holds a value beyond float16, which ends at 65,504.
    pub fn in_half_precision(&self) -> Result<Self, WeightsError> {
        let mut rounded = self.clone();
        for (name, tensor) in &self.tensors {
            let mut values = self.read(name, tensor)?.into_owned();
            for (index, value) in values.iter_mut().enumerate() {
                *value = f16::from_f32(*value).to_f32();
                if !value.is_finite() {
                    return Err(WeightsError::NotFinite {
                        file: self.name.clone(),
                        name: name.clone(),
                        index,
                        value: *value,
                    });
                }
            }
            let tensor = StoredTensor {
                element: ElementType::F16,
                shape: tensor.shape.clone(),
                source: Source::Values(Arc::new(values)),
            };
            rounded.tensors.insert(name.clone(), tensor);
        }
        rounded.sha256 = None;
        Ok(rounded)
    }

    fn write_all(
        &self,
        to: &mut impl Write,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), WriteFailure> {
        let shapes = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice(), tensor.element));
        to.write_all(&header(shapes, metadata))?;
        for (name, tensor) in &self.tensors {
            if name == METADATA_KEY {
                return Err(WriteFailure::Tensor(WeightsError::ReservedName {
                    file: self.name.clone(),
                    name: name.clone(),
                }));
            }
            let values = self.read(name, tensor).map_err(WriteFailure::Tensor)?;
            match tensor.element {
                ElementType::F16 => write_halves(to, &values)?,
                _ => write_values(to, &values)?,
            }
        }
        Ok(())
    }
}

/// Why writing stopped: at a tensor or at the file.
enum WriteFailure {
    Tensor(WeightsError),
    Io(io::Error),
}

impl From<io::Error> for WriteFailure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl WriteFailure {
    fn naming(self, file: &str) -> WeightsError {
        match self {
            Self::Tensor(error) => error,
            Self::Io(source) => WeightsError::Write {
                file: file.to_owned(),
                source,
            },
        }
    }
}
