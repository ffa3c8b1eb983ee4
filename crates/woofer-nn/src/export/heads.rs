//! The graphs of the trained heads, as `crate::head` runs them, on the windows of one segment.

use super::graph::{Graph, Values, int, size};
use crate::head::{
    AttentionHeadConfig, LEAST_PROBABILITY, LinearHeadConfig, MappedHeadConfig, MappedTensors,
};

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

/// The same for a head that begins as the mapping from AudioSet labels; the arithmetic is that of `crate::head::mapped`.
pub(super) fn mapped(graph: &mut Graph, config: MappedHeadConfig, summaries: &str) -> String {
    let MappedTensors {
        linear,
        evidence,
        background,
    } = config.parts();
    let ends = [config.embedding, config.embedding + config.labels]
        .map(|end| graph.constant(&[1], Values::Int(vec![size(end)])));
    let axis = graph.constant(&[1], Values::Int(vec![1]));
    let logits = graph.node("Slice", &[summaries, &ends[0], &ends[1], &axis], Vec::new());
    let unheard = softplus(graph, &logits);
    let sums = graph.dense_of(&unheard, vec![evidence]);
    let mut heard = one_less_exp(graph, &sums);
    if let Some([background, yielding]) = background {
        let under = graph.dense_of(&unheard, vec![background]);
        let under = one_less_exp(graph, &under);
        let others = graph.dense_of(&sums, vec![yielding]);
        let alone = graph.node("Neg", &[&others], Vec::new());
        let alone = graph.node("Exp", &[&alone], Vec::new());
        let one = graph.number(1.0);
        let outright = graph.node("Sub", &[&one, &heard], Vec::new());
        let under = graph.node("Mul", &[&outright, &under], Vec::new());
        let under = graph.node("Mul", &[&under, &alone], Vec::new());
        heard = graph.node("Add", &[&heard, &under], Vec::new());
    }
    let least = graph.number(LEAST_PROBABILITY);
    let heard = graph.node("Add", &[&heard, &least], Vec::new());
    let mapped = graph.node("Log", &[&heard], Vec::new());
    let added = graph.dense_of(summaries, linear);
    graph.node("Add", &[&mapped, &added], Vec::new())
}

fn softplus(graph: &mut Graph, logits: &str) -> String {
    let two = graph.number(2.0);
    let e = graph.node("Abs", &[logits], Vec::new());
    let e = graph.node("Neg", &[&e], Vec::new());
    let e = graph.node("Exp", &[&e], Vec::new());
    let more = graph.node("Add", &[&e, &two], Vec::new());
    let ratio = graph.node("Div", &[&e, &more], Vec::new());
    let artanh = graph.node("Atanh", &[&ratio], Vec::new());
    let artanh = graph.node("Mul", &[&artanh, &two], Vec::new());
    let positive = graph.node("Relu", &[logits], Vec::new());
    graph.node("Add", &[&positive, &artanh], Vec::new())
}

fn one_less_exp(graph: &mut Graph, sums: &str) -> String {
    let [two, one, half] = [2.0, 1.0, 0.5].map(|value| graph.number(value));
    let halves = graph.node("Mul", &[sums, &half], Vec::new());
    let t = graph.node("Tanh", &[&halves], Vec::new());
    let twice = graph.node("Mul", &[&t, &two], Vec::new());
    let above_1 = graph.node("Add", &[&t, &one], Vec::new());
    graph.node("Div", &[&twice, &above_1], Vec::new())
}
