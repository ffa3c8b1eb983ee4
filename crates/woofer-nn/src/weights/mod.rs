//! Weight files: from bytes somebody else wrote to named float32 tensors, and back.
//!
//! [`Weights::open`] looks at the first bytes of a file, never at its name ([`WeightsFormat`]), and lists the tensors in
//! it. What `torch.save` writes is read by the crate `pytorch-reader`, which runs no pickled code; safetensors by its
//! own crate. Tensor data stays in the file until [`Weights::take`] asks for it by name and shape, so that a file of
//! 288 MB costs one tensor of memory at a time.
//!
//! A network takes what it needs; [`Weights::finish`] then refuses a file that holds more. Names are brought to the
//! network's own by [`Weights::rename`], and tensors known to be of no use are dropped by [`Weights::discard`].
//! [`Weights::write_safetensors`] writes the same tensors to the same bytes, always.
//!
//! Every length comes from outside and has a limit: see the constants here.

mod detection;
mod digest;
mod element;
mod error;
mod format;
#[cfg(test)]
pub(crate) mod formula;
mod limits;
mod open;
mod pytorch;
mod safetensors_header;
mod safetensors_writer;
mod shapes;
mod source;
mod tensors;
mod write;

pub use element::ElementType;
pub use error::WeightsError;
pub use format::WeightsFormat;
pub use limits::{MAX_FILE_BYTES, MAX_TENSORS, MAX_VALUES};
pub(crate) use safetensors_writer::{replace_file, write_values};
pub use tensors::Weights;
