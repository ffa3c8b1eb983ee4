//! The formats that a weight file may have.

use std::fmt;

/// The format of a weight file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WeightsFormat {
    /// What `torch.save` writes since PyTorch 1.6.
    PytorchZip,
    /// A stream of pickles and storages, as PyTorch 0.1.10 to 1.5 wrote it.
    PytorchLegacy,
    /// A tar archive, as PyTorch before 0.1.10 wrote it.
    PytorchTar,
    /// <https://github.com/huggingface/safetensors>
    Safetensors,
    /// No file: tensors put in by [`Weights::insert`](super::Weights::insert).
    Memory,
}

impl fmt::Display for WeightsFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PytorchZip => "PyTorch (zip)",
            Self::PytorchLegacy => "PyTorch (legacy)",
            Self::PytorchTar => "PyTorch (tar)",
            Self::Safetensors => "safetensors",
            Self::Memory => "in-memory",
        })
    }
}
