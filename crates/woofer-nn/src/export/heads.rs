//! The graphs of the trained heads, as `crate::head` runs them, on the windows of one segment.

use super::graph::{Graph, Values, int, size};
use crate::head::{AttentionHeadConfig, LinearHeadConfig};

/// Embeddings `[windows, width]` of one segment to logits `[1, classes]`.
pub(super) fn attention(graph: &mut Graph, config: &AttentionHeadConfig, embeddings: &str) -> String {
    let [per_head, heads] = [config.width / config.heads, config.heads].map(size);
    let projected = graph.dense_of(embeddings, config.projection_tensors());
    let projected = graph.reshape(&projected, &[-1, 3, heads, per_head]);
    // Query, key and value, each `[heads, windows, per head]`.
    let projected = graph.transpose(&projected, &[1, 2, 0, 3]);
    let mut part = |index| {
        let index = graph.constant(&[], Values::Int(vec![index]));
        graph.node("Gather", &[&projected, &index], vec![int("axis", 0)])
    };
    let [query, key, value] = [0, 1, 2].map(&mut part);
    let scale = graph.number((config.width as f32 / config.heads as f32).sqrt().recip());
    let query = graph.node("Mul", &[&query, &scale], Vec::new());
    let key = graph.transpose(&key, &[0, 2, 1]);
    let weights = graph.node("MatMul", &[&query, &key], Vec::new());
    let weights = graph.node("Softmax", &[&weights], vec![int("axis", -1)]);
    let attended = graph.node("MatMul", &[&weights, &value], Vec::new());
    let attended = graph.transpose(&attended, &[1, 0, 2]);
    let attended = graph.reshape(&attended, &[-1, size(config.width)]);
    let output = graph.dense(&attended, "attention.out_proj", config.output());
    let mean = graph.mean(&output, &[0], true);
    graph.dense(&mean, "classifier", config.classifier())
}

/// Summaries `[rows, embedding + labels]` to logits `[rows, classes]`.
pub(super) fn linear(graph: &mut Graph, config: LinearHeadConfig, summaries: &str) -> String {
    graph.dense_of(summaries, config.tensors())
}
