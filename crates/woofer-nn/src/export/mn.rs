//! The graph of an EfficientAT `mn`, as `crate::backbone::mn` runs it.

use super::graph::{Graph, Values};
use crate::backbone::mn::{BlockConfig, MnConfig, squeeze_name};

/// Log-mel `[n, 1, mels, frames]` to embeddings `[n, embedding]`.
pub(super) fn embed(graph: &mut Graph, config: &MnConfig, log_mel: &str) -> String {
    let stem = graph.convolution(log_mel, "features.0", &config.stem);
    let mut x = graph.node("HardSwish", &[&stem], Vec::new());
    for (i, config) in config.blocks.iter().enumerate() {
        x = block(graph, config, &format!("features.{}", i + 1), &x);
    }
    let name = format!("features.{}", config.blocks.len() + 1);
    let last = graph.convolution(&x, &name, &config.last);
    let last = graph.node("HardSwish", &[&last], Vec::new());
    graph.mean(&last, &[2, 3], false)
}

/// Embeddings `[n, embedding]` to a logit a class, `[n, classes]`.
pub(super) fn logits(graph: &mut Graph, config: &MnConfig, embeddings: &str) -> String {
    let hidden = graph.dense(embeddings, "classifier.2", config.hidden);
    let hidden = graph.node("HardSwish", &[&hidden], Vec::new());
    graph.dense(&hidden, "classifier.5", config.output)
}

fn block(graph: &mut Graph, config: &BlockConfig, prefix: &str, input: &str) -> String {
    let places = config.places();
    let activation = if config.hard_swish { "HardSwish" } else { "Relu" };
    let mut x = input.to_owned();
    for (i, layer) in places.expand.iter().chain([&places.depthwise]) {
        x = graph.convolution(&x, &format!("{prefix}.block.{i}"), layer);
        x = graph.node(activation, &[&x], Vec::new());
    }
    if let Some((i, [down, up])) = places.squeeze {
        let mean = graph.mean(&x, &[2, 3], false);
        let gate = graph.dense(&mean, &squeeze_name(prefix, i, 1), down);
        let gate = graph.node("Relu", &[&gate], Vec::new());
        let gate = graph.dense(&gate, &squeeze_name(prefix, i, 2), up);
        let gate = graph.node("Sigmoid", &[&gate], Vec::new());
        let axes = graph.constant(&[2], Values::Int(vec![2, 3]));
        let gate = graph.node("Unsqueeze", &[&gate, &axes], Vec::new());
        x = graph.node("Mul", &[&x, &gate], Vec::new());
    }
    let (i, project) = &places.project;
    x = graph.convolution(&x, &format!("{prefix}.block.{i}"), project);
    if config.is_residual() {
        x = graph.node("Add", &[&x, input], Vec::new());
    }
    x
}
