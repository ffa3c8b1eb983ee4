//! A convolution and the activation after it, in one go where nothing is to be learned.

use burn::nn::conv::Conv2d;
use burn::tensor::activation::{hard_swish, relu};
use burn::tensor::{DType, Device, Tensor};
use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::depthwise::Depthwise;
use super::layer::{tensor, values};
use super::vectors::with_widest_vectors;

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x * clamp(x / 6 + 1 / 2, 0, 1)`.
    HardSwish,
}

impl Activation {
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    pub(super) fn of(self, x: f32) -> f32 {
        match self {
            Self::Relu => x.max(0.0),
            Self::HardSwish => x * (x * (1.0 / 6.0) + 0.5).clamp(0.0, 1.0),
        }
    }
}

/// Values that one thread activates at a time.
const CHUNK: usize = 1 << 14;

/// A convolution of `[n, channels, height, width]`, then the activation.
///
/// On the processor, and without gradients, it is a good deal faster than one after the other: depthwise convolutions have a kernel of
/// their own, and no activation makes a new tensor.
pub(crate) fn activated(layer: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let device = x.device();
    let is_plain = device == Device::flex() && !device.is_autodiff() && x.dtype() == DType::F32;
    if !is_plain {
        let x = layer.forward(x);
        return match activation {
            Activation::Relu => relu(x),
            Activation::HardSwish => hard_swish(x),
        };
    }
    if let Some(depthwise) = Depthwise::of(layer, x.dims()) {
        return depthwise.run(x, activation);
    }
    let x = layer.forward(x);
    let shape = x.dims();
    let mut all = values(x);
    all.par_chunks_mut(CHUNK)
        .for_each(|values| with_widest_vectors(Activating { values, activation }));
    tensor(all, shape, &device)
}

/// Values to be activated where they are.
struct Activating<'a> {
    values: &'a mut [f32],
    activation: Activation,
}

impl NullaryFnOnce for Activating<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn call(self) {
        // The choice is made once, and not for each value.
        match self.activation {
            Activation::Relu => self.values.iter_mut().for_each(|x| *x = Activation::Relu.of(*x)),
            Activation::HardSwish => self
                .values
                .iter_mut()
                .for_each(|x| *x = Activation::HardSwish.of(*x)),
        }
    }
}
