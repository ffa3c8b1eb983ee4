//! Convolutions that learn as products of matrices and sums of shifted inputs, whose gradients are more of the same, on any device.
//!
//! ```text
//! input -> what lies under each tap of the kernel -> one product of matrices, or, where channels are not mixed, a sum of weighed ones
//! ```
//!
//! burn finds the gradient of a convolution's weights by a convolution whose kernel is as large as the outcome. Graphics cards take that
//! one long sum after the other, and need minutes to try the ways of it.

use burn::nn::conv::Conv2d;
use burn::tensor::{Slice, Tensor};

use super::depthwise::Geometry;

/// A convolution with gradients; none of one whose channels are mixed in groups, with dilation or different strides, or of an input in
/// which its kernel has no place.
pub(super) fn convolution(layer: &Conv2d, x: &Tensor<4>) -> Option<Tensor<4>> {
    let [_, channels, height, width] = x.dims();
    let [outcomes, per_group, ..] = layer.weight.val().dims();
    let geometry = Geometry::of(layer, [height, width])?;
    match layer.groups {
        1 => Some(mixing(layer, geometry, x)),
        groups if groups == channels && outcomes == channels && per_group == 1 => {
            Some(depthwise(layer, geometry, x))
        }
        _ => None,
    }
}

/// A convolution that mixes all channels, as a product of its weights and what lies under the taps of its kernel.
fn mixing(layer: &Conv2d, geometry: Geometry, x: &Tensor<4>) -> Tensor<4> {
    let [outcomes, channels, height, width] = layer.weight.val().dims();
    let [n, ..] = x.dims();
    let [rows, columns] = geometry.output;
    let taps = under_taps(geometry, x);
    let all = match taps.len() {
        1 => taps.into_iter().next().unwrap_or_else(|| x.clone()),
        _ => Tensor::cat(taps, 1),
    };
    // `cat` puts all channels of a tap together.
    let weight = layer.weight.val().permute([0, 2, 3, 1]);
    let weight = weight.reshape([1, outcomes, height * width * channels]);
    let found = weight.matmul(all.reshape([n, height * width * channels, rows * columns]));
    biased(layer, found.reshape([n, outcomes, rows, columns]))
}

/// A convolution that filters each channel by itself, as a sum of what lies under the taps of its kernel.
fn depthwise(layer: &Conv2d, geometry: Geometry, x: &Tensor<4>) -> Tensor<4> {
    let [channels, _, height, width] = layer.weight.val().dims();
    let weight = layer.weight.val().reshape([1, channels, height * width, 1]);
    let taps = under_taps(geometry, x).into_iter().enumerate();
    let weighed = taps.map(|(tap, x)| x * weight.clone().narrow(2, tap, 1));
    let sum = weighed.reduce(|sum, x| sum + x).unwrap_or_else(|| x.clone());
    biased(layer, sum)
}

fn biased(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    match &layer.bias {
        Some(bias) => {
            let [_, channels, _, _] = x.dims();
            x + bias.val().reshape([1, channels, 1, 1])
        }
        None => x,
    }
}

/// What lies under each tap of the kernel, row by row of the kernel, each `[n, channels, height, width]` of the outcome.
fn under_taps(geometry: Geometry, x: &Tensor<4>) -> Vec<Tensor<4>> {
    let Geometry {
        kernel,
        stride,
        before,
        input,
        output,
    } = geometry;
    if kernel == [1, 1] && stride == 1 && before == [0, 0] && output == input {
        return vec![x.clone()];
    }
    // As far as the kernel's first tap goes.
    let reach = |axis: usize| output[axis].saturating_sub(1) * stride + 1;
    let after = |axis: usize| (reach(axis) + kernel[axis] - 1).saturating_sub(before[axis] + input[axis]);
    let zeros = (before[1], after(1), before[0], after(0));
    let padded = match zeros {
        (0, 0, 0, 0) => x.clone(),
        zeros => x.clone().pad(zeros, 0.0),
    };
    let run = |tap: usize, axis: usize| {
        let end = tap + reach(axis);
        Slice::new(tap.cast_signed(), Some(end.cast_signed()), stride.cast_signed())
    };
    (0..kernel[0])
        .flat_map(|down| (0..kernel[1]).map(move |right| (down, right)))
        .map(|(down, right)| {
            let all = Slice::new(0, None, 1);
            padded.clone().slice([all, all, run(down, 0), run(right, 1)])
        })
        .collect()
}
