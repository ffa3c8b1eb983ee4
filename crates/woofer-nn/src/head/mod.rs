//! The heads: from a backbone's embeddings to logits of a taxonomy's fine labels.

mod attention;
mod linear;
mod mapped;

pub(crate) use attention::{ATTENTION_HEADS, AttentionHead, AttentionHeadConfig, WindowMask};
pub(crate) use linear::{LINEAR_HEAD, LinearHead, LinearHeadConfig};
pub(crate) use mapped::{
    BACKGROUND, EVIDENCE, LEAST_PROBABILITY, MappedHead, MappedHeadConfig, MappedTensors, YIELDING,
    is_of_mapping,
};
