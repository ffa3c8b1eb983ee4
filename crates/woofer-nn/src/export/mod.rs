//! Models for other programs: ONNX files.
//!
//! ```text
//! Architecture -> Graph (one file a backbone, heads) -> messages -> written tensor by tensor
//! ```
//!
//! The graphs repeat what `backbone` and `head` run as burn modules, from the same configurations;
//! `testdata/onnx/check.py` runs both and compares.

mod error;
mod graph;
mod heads;
mod messages;
mod mn;
mod network;
mod onnx;
mod vggish;
mod write;
mod yamnet;

pub use error::ExportError;
pub use onnx::{OnnxFile, export_onnx};
