//! The graph of VGGish, as `crate::backbone::vggish` runs it.

use super::graph::{Graph, int, ints};
use crate::backbone::vggish::{POOLED, VggishConfig};

/// Log-mel windows `[n, 1, 96, 64]` to embeddings `[n, embedding]`.
pub(super) fn embed(graph: &mut Graph, config: &VggishConfig, windows: &str) -> String {
    let mut x = windows.to_owned();
    for ((name, layer), pooled) in config.convolutions().zip(POOLED) {
        x = graph.convolution(&x, &name, &layer);
        x = graph.node("Relu", &[&x], Vec::new());
        if pooled {
            let halves = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
            x = graph.node("MaxPool", &[&x], halves);
        }
    }
    // The dense weights expect time, frequency, channel.
    x = graph.transpose(&x, &[0, 2, 3, 1]);
    x = graph.node("Flatten", &[&x], vec![int("axis", 1)]);
    for (name, layer) in config.dense() {
        x = graph.dense(&x, &name, layer);
        x = graph.node("Relu", &[&x], Vec::new());
    }
    x
}
