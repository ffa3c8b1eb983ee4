use std::path::PathBuf;

use crate::weights::WeightsError;

/// Why a model cannot be written in another format.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something is at the path.
    #[error("{}: is there already; give --force to replace it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The parts of the model do not belong together.
    #[error("{name}: {reason}")]
    Inconsistent {
        /// The model.
        name: String,
        /// The value and what is allowed.
        reason: String,
    },
    /// The file would be larger than its format allows.
    #[error("{}: would have {bytes} bytes; an ONNX file has at most 2 GiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The file cannot be written.
    #[error("{}: cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A tensor cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}
