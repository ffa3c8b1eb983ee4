//! The graph of YAMNet, as `crate::backbone::yamnet` runs it.

use super::graph::Graph;
use crate::backbone::yamnet::YamnetConfig;

/// Log-mel windows `[n, 1, frames, mels]` to embeddings `[n, embedding]`.
pub(super) fn embed(graph: &mut Graph, config: &YamnetConfig, windows: &str) -> String {
    let mut x = windows.to_owned();
    for (name, layer) in config.convolutions() {
        x = graph.convolution(&x, &name, &layer);
        x = graph.node("Relu", &[&x], Vec::new());
    }
    graph.mean(&x, &[2, 3], false)
}

/// Embeddings `[n, embedding]` to a logit a class, `[n, classes]`.
pub(super) fn logits(graph: &mut Graph, config: &YamnetConfig, embeddings: &str) -> String {
    graph.dense(embeddings, "logits", config.classifier())
}
