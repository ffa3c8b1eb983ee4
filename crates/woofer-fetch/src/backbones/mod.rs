//! The published networks: where they are, under which licence, and how to know them again.
//!
//! 1. [`Backbone`] is an entry of the list [`BACKBONES`].
//! 2. [`HashRecord`] keeps the SHA-256 of what was fetched first, where the publisher states none; later fetches must match.

mod catalogue;
mod hash_record;

pub use catalogue::{BACKBONES, Backbone, backbone};
pub use hash_record::{HashRecord, HashRecordError};
