//! Heads: from the embeddings of a clip's windows to one logit a class.
//!
//! [`AttentionHead`] is the original's.

mod attention;

pub(crate) use attention::{AttentionHead, AttentionHeadConfig};
