use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

use super::sizes::{convolution, divisible_by_8};
use crate::backbone::activated::{activated, projected};
use crate::backbone::activation::Activation;
use crate::backbone::layer::{Conv2dLayer, LinearLayer, TensorShape, dense};
use crate::weights::{Weights, WeightsError};

/// Sizes of an inverted residual block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockConfig {
    pub(super) input: usize,
    pub(super) expanded: usize,
    pub(super) output: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) squeeze: bool,
    pub(crate) hard_swish: bool,
}

/// The layers of a block with their places in the published network's `block` list.
pub(crate) struct Places {
    pub(crate) expand: Option<(usize, Conv2dLayer)>,
    pub(crate) depthwise: (usize, Conv2dLayer),
    pub(crate) squeeze: Option<(usize, [LinearLayer; 2])>,
    pub(crate) project: (usize, Conv2dLayer),
}

impl BlockConfig {
    /// The block's layers.
    pub(crate) fn places(&self) -> Places {
        let mut next = 0..;
        let mut place = || next.next().unwrap_or_default();
        Places {
            // A block that does not widen has no first convolution, and the others move up.
            expand: (self.expanded != self.input)
                .then(|| (place(), convolution(self.input, self.expanded, 1, 1, 1))),
            depthwise: (
                place(),
                convolution(
                    self.expanded,
                    self.expanded,
                    self.kernel,
                    self.stride,
                    self.expanded,
                ),
            ),
            squeeze: self.squeeze.then(|| {
                let squeezed = divisible_by_8((self.expanded / 4) as f64);
                let down = LinearLayer {
                    input: self.expanded,
                    output: squeezed,
                };
                let up = LinearLayer {
                    input: squeezed,
                    output: self.expanded,
                };
                (place(), [down, up])
            }),
            project: (place(), convolution(self.expanded, self.output, 1, 1, 1)),
        }
    }

    /// Whether the block's input is added to its outcome.
    pub(crate) const fn is_residual(&self) -> bool {
        self.stride == 1 && self.input == self.output
    }

    /// Name and shape of every tensor of the block `prefix`.
    pub(super) fn tensors(&self, prefix: &str) -> Vec<TensorShape> {
        let places = self.places();
        let mut tensors = Vec::new();
        for (i, layer) in places.expand.iter().chain([&places.depthwise, &places.project]) {
            tensors.extend(layer.tensors(&format!("{prefix}.block.{i}")));
        }
        if let Some((i, [down, up])) = places.squeeze {
            tensors.extend(down.tensors(&squeeze_name(prefix, i, 1)));
            tensors.extend(up.tensors(&squeeze_name(prefix, i, 2)));
        }
        tensors
    }

    /// Builds the block from [`BlockConfig::tensors`].
    pub(super) fn load(
        &self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<Block, WeightsError> {
        let places = self.places();
        let mut conv =
            |(i, layer): &(usize, Conv2dLayer)| layer.load(weights, &format!("{prefix}.block.{i}"), device);
        let expand = places.expand.as_ref().map(&mut conv).transpose()?;
        let depthwise = conv(&places.depthwise)?;
        let project = conv(&places.project)?;
        let squeeze = match places.squeeze {
            None => None,
            Some((i, [down, up])) => Some(SqueezeExcitation {
                down: down.load(weights, &squeeze_name(prefix, i, 1), device)?,
                up: up.load(weights, &squeeze_name(prefix, i, 2), device)?,
            }),
        };
        Ok(Block {
            expand,
            depthwise,
            squeeze,
            project,
            hard_swish: self.hard_swish,
            residual: self.is_residual(),
        })
    }
}

/// Name of a dense layer of the squeeze and excitation at a place of the block `prefix`: the first or second.
pub(crate) fn squeeze_name(prefix: &str, place: usize, layer: usize) -> String {
    format!("{prefix}.block.{place}.conc_se_layers.0.fc{layer}")
}

/// An inverted residual block: widen, filter each channel, weigh the channels, narrow.
#[derive(Module, Debug)]
pub(super) struct Block {
    expand: Option<Conv2d>,
    depthwise: Conv2d,
    squeeze: Option<SqueezeExcitation>,
    project: Conv2d,
    hard_swish: bool,
    residual: bool,
}

impl Block {
    /// `[n, input, mels, frames]` to `[n, output, mels / stride, frames / stride]`.
    pub(super) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let added = self.residual.then(|| input.clone());
        let mut x = input;
        if let Some(expand) = &self.expand {
            x = activated(expand, x, self.activation());
        }
        x = activated(&self.depthwise, x, self.activation());
        let gate = self.squeeze.as_ref().map(|squeeze| squeeze.gate(x.clone()));
        projected(&self.project, x, gate, added)
    }

    const fn activation(&self) -> Activation {
        if self.hard_swish {
            Activation::HardSwish
        } else {
            Activation::Relu
        }
    }
}

/// Squeeze and excitation over channels: each is scaled by a gate in (0, 1).
///
/// Source: Hu et al., "Squeeze-and-Excitation Networks" (2018).
#[derive(Module, Debug)]
struct SqueezeExcitation {
    down: Linear,
    up: Linear,
}

impl SqueezeExcitation {
    /// `[n, channels, mels, frames]` to a gate a channel, `[n, channels]`.
    fn gate(&self, x: Tensor<4>) -> Tensor<2> {
        let [n, channels, mels, frames] = x.dims();
        let mean = x.reshape([n, channels, mels * frames]).mean_dim(2);
        let squeezed = relu(dense(&self.down, mean.reshape([n, channels])));
        sigmoid(dense(&self.up, squeezed))
    }
}
