//! Writing tensors to a safetensors file.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::error::WeightsError;
use super::safetensors_writer::{METADATA_KEY, header, replace_file, write_values};
use super::tensors::Weights;

impl Weights {
    /// The tensors not yet taken as the bytes of a safetensors file: float32, sorted by name.
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

    fn write_all(
        &self,
        to: &mut impl Write,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), WriteFailure> {
        let shapes = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice()));
        to.write_all(&header(shapes, metadata))?;
        for (name, tensor) in &self.tensors {
            if name == METADATA_KEY {
                return Err(WriteFailure::Tensor(WeightsError::ReservedName {
                    file: self.name.clone(),
                    name: name.clone(),
                }));
            }
            let values = self.read(name, tensor).map_err(WriteFailure::Tensor)?;
            write_values(to, &values)?;
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
