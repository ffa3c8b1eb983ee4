//! What can be wrong with a weight file.

use std::error::Error;
use std::io;

use super::element::ElementType;
use super::format::WeightsFormat;
use super::limits::{MAX_FILE_BYTES, MAX_TENSORS, MAX_VALUES};

/// Why a weight file, or a tensor in it, cannot be used.
///
/// Each message names the file and, where there is one, the tensor, with what was found and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file cannot be opened.
    #[error("{file}: cannot be opened")]
    Open {
        /// The file.
        file: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The path is a folder, a pipe or a device.
    #[error("{file}: not a regular file")]
    NotAFile {
        /// The path.
        file: String,
    },
    /// The file is empty.
    #[error("{file}: the file is empty; a PyTorch or safetensors weight file is expected")]
    Empty {
        /// The file.
        file: String,
    },
    /// The file is larger than any weight file should be.
    #[error("{file}: {found} bytes; at most {MAX_FILE_BYTES} are read")]
    FileTooLarge {
        /// The file.
        file: String,
        /// Its size in bytes.
        found: u64,
    },
    /// The file is of no known format.
    #[error(
        "{file}: neither a PyTorch file (torch.save: zip, legacy or tar) nor safetensors; it begins with {begins}"
    )]
    UnknownFormat {
        /// The file.
        file: String,
        /// Its first bytes, readable.
        begins: String,
    },
    /// The file is a bare Python pickle, which can name tensors but hold none.
    #[error(
        "{file}: a bare Python pickle, which holds no tensors; save the state dict with torch.save or as safetensors"
    )]
    BarePickle {
        /// The file.
        file: String,
    },
    /// The file asks whoever unpickles it to run something.
    #[error("{file}: asks to call `{call}` when unpickled; nothing was run, and the file is refused")]
    Hostile {
        /// The file.
        file: String,
        /// The function that it names.
        call: String,
    },
    /// The file begins like its format but cannot be read as one.
    #[error("{file}: not a readable {format} file")]
    Damaged {
        /// The file.
        file: String,
        /// The format it begins like.
        format: WeightsFormat,
        /// What its reader said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The file holds no tensor.
    #[error("{file}: holds no tensors")]
    NoTensors {
        /// The file.
        file: String,
    },
    /// The file holds more tensors than any network here.
    #[error("{file}: holds {found} tensors; at most {MAX_TENSORS} are read")]
    TooManyTensors {
        /// The file.
        file: String,
        /// How many it holds.
        found: usize,
    },
    /// The tensors claim more values than are read.
    #[error("{file}: its tensors claim {found} values; at most {MAX_VALUES} are read")]
    TooManyValues {
        /// The file.
        file: String,
        /// How many they claim together.
        found: usize,
    },
    /// A tensor's data cannot be read.
    #[error("{file}: tensor `{name}` cannot be read")]
    Read {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// A tensor is not there.
    #[error("{file}: has no tensor `{name}`")]
    Missing {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
    },
    /// A tensor has another shape than the network wants.
    #[error("{file}: tensor `{name}` has shape {found:?}; {expected:?} is needed")]
    WrongShape {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape wanted.
        expected: Vec<usize>,
    },
    /// A tensor is not the kernel of a convolution of any network.
    #[error(
        "{file}: tensor `{name}` has shape {found:?}; a kernel [outputs, inputs, height, width] of at most {most} values is needed"
    )]
    NotAKernel {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// How many values the network may have left.
        most: usize,
    },
    /// A tensor holds no floating-point numbers.
    #[error("{file}: tensor `{name}` holds {found}; f64, f32, f16 or bf16 is needed")]
    NotFloat {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// What it holds.
        found: ElementType,
    },
    /// A tensor holds an infinity, a NaN, or a number beyond float32.
    #[error("{file}: tensor `{name}` holds {value} at element {index}; finite float32 values are needed")]
    NotFinite {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// Which element, row-major.
        index: usize,
        /// The element as float32.
        value: f32,
    },
    /// Tensors are left that the network does not know.
    #[error("{file}: holds {count} tensors that the network does not have: {}{}", .first.join(", "), if *.count > .first.len() { ", ..." } else { "" })]
    Leftover {
        /// The file.
        file: String,
        /// How many are left.
        count: usize,
        /// The first few of them, sorted.
        first: Vec<String>,
    },
    /// Two tensors would have one name.
    #[error("{file}: two tensors would be called `{name}`")]
    Duplicate {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// A name that safetensors keeps for itself.
    #[error("{file}: a tensor cannot be called `{name}`")]
    ReservedName {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// The values given for a tensor do not fill its shape.
    #[error("{file}: tensor `{name}` of shape {shape:?} was given {found} values")]
    WrongLength {
        /// The file.
        file: String,
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// How many values were given.
        found: usize,
    },
    /// A weight file cannot be written.
    #[error("{file}: cannot be written")]
    Write {
        /// The file.
        file: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}
