//! A model on disk: a folder that says what it is, holds its weights and can be checked.
//!
//! | file | what |
//! |---|---|
//! | `model.toml` | architecture, front end, taxonomy, versions, SHA-256 of the weights ([`Description`]) |
//! | `model.safetensors` | the weights by canonical name, float32 or float16 |
//! | `member-1.safetensors`, ... | in its place, the weights of each network of an ensemble |
//! | `metrics.json` | how well it was measured to do; empty after an import |
//! | `README.md` | the model card |
//!
//! [`Bundle::open`] reads a folder (`folder`), [`Bundle::create`] and [`Bundle::copy_with_thresholds`] write one, whole or not at all
//! (`writing`). One bundle is part of the program, under the name `default`: `models/default` of the repository.

mod built_in;
mod card;
mod contents;
mod description;
mod ensemble;
mod error;
mod folder;
mod weights_record;
mod writing;

pub use contents::{Contents, Measured, NoAudioSet};
pub use description::{Description, SourceRecord};
pub(crate) use ensemble::{fault as ensemble_fault, heard_once, hearings_fault, is_heard_once, shifts_fault};
pub use error::BundleError;
pub use folder::Bundle;
pub use weights_record::WeightsRecord;
