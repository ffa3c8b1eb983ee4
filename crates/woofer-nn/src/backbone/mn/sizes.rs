use burn::nn::PaddingConfig2d;

use crate::backbone::layer::Conv2dLayer;

/// A square convolution with bias, padded so that a stride of 1 keeps the size.
pub(super) const fn convolution(
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
) -> Conv2dLayer {
    let side = (kernel - 1) / 2;
    Conv2dLayer {
        input,
        output,
        kernel: [kernel, kernel],
        stride: [stride, stride],
        groups,
        padding: PaddingConfig2d::Explicit(side, side, side, side),
        bias: true,
    }
}

/// The nearest multiple of 8, at least 8, and no more than a tenth below `channels`.
///
/// Source: `make_divisible` of `tensorflow/models` and EfficientAT `models/mn/utils.py`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounds down a small number above 0"
)]
pub(super) fn divisible_by_8(channels: f64) -> usize {
    let nearest = (((channels + 4.0) as usize) / 8 * 8).max(8);
    if (nearest as f64) < 0.9 * channels {
        nearest + 8
    } else {
        nearest
    }
}
