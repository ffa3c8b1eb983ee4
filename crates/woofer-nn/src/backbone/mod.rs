//! The backbones: networks from log-mel features to embeddings and, where they have them, AudioSet logits.
//!
//! Each is an `XConfig` that knows the sizes, names and shapes of its tensors, and a burn module `X`
//! loaded from [`crate::weights::Weights`].

mod activated;
mod activation;
mod depthwise;
mod depthwise_gradients;
pub(crate) mod layer;
mod learning;
pub(crate) mod mn;
mod products;
mod vectors;
pub(crate) mod vggish;
pub(crate) mod yamnet;
