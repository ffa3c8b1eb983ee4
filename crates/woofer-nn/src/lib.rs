//! The networks of Woofer: weights, backbones, heads, and the bundles that hold them.
//!
//! ```text
//! weight file -> Weights -> import -> Bundle -> Model: Classifier
//!                                       Model -> training -> Bundle -> export
//! ```
//!
//! burn stays inside: no type of it is in a public signature.

mod architecture;
mod backbone;
mod bundle;
mod ensemble;
mod export;
mod head;
mod import;
mod labels;
mod model;
mod model_error;
mod model_file;
mod network;
pub mod training;
mod weights;

pub use architecture::{Architecture, Backbone, Head};
pub use bundle::{
    Bundle, BundleError, Contents, Description, Measured, NoAudioSet, SourceRecord, WeightsRecord,
};
pub use export::{ExportError, OnnxFile, export_onnx};
pub use import::{ImportError, Imported, import};
pub use model::Model;
pub use model_error::ModelError;
pub use weights::{
    ElementType, MAX_FILE_BYTES, MAX_TENSORS, MAX_VALUES, Weights, WeightsError, WeightsFormat,
};
