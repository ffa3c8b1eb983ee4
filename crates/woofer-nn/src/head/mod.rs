//! The heads: from a backbone's embeddings to logits of a taxonomy's fine labels.

mod attention;
mod linear;

pub(crate) use attention::{AttentionHead, AttentionHeadConfig};
pub(crate) use linear::{LINEAR_HEAD, LinearHead, LinearHeadConfig};
