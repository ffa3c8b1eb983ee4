//! What was made of each file (samples, features, embeddings), kept in a folder so that it is made once.
//!
//! ```text
//! bytes of the file ─> ContentHash ┐
//! Stretch, settings                ├─> CacheKey ─> FeatureCache ─> CachedRows
//!                     rows of f32 ─────────────────┘  (one file a key)
//! ```
//!
//! 1. A [`CacheKey`] is a hash of everything that decides a value. Whatever changes gives another key, so that nothing in
//!    the folder is ever out of date: old values are merely not asked for any more.
//! 2. A [`FeatureCache`] keeps a value in a file of its own, which has its final name only once it is whole and carries its
//!    key and a checksum. A file that is cut off, altered or in the wrong place counts as absent.
//! 3. [`FeatureCache::fill`] makes what is missing of a list, on all threads. It may be killed at any time; the next run
//!    goes on where it stood.
//!
//! Values come back as [`CachedRows`], mapped into memory where they are large: the operating system reads what is used and
//! forgets it under pressure. The folder belongs to Woofer alone; a program that shortens a file in place while it is mapped
//! can end the process.

mod cache;
mod cached_rows;
mod content_hash;
mod entry;
mod error;
mod fill;
mod folder;
mod key;
mod room;

pub use cache::FeatureCache;
pub use cached_rows::CachedRows;
pub use content_hash::ContentHash;
pub use error::CacheError;
pub use fill::FillError;
pub use key::CacheKey;
pub use room::CacheSize;
