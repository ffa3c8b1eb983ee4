//! Convolutions and what stands before and after them, in one go where nothing is to be learned; where something is, see `learning`.

use std::iter::repeat;

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activation::Activation;
use super::depthwise::Depthwise;
use super::layer::{tensor, values};
use super::learning;
use super::vectors::{Vectors, load, store};

/// A convolution of `[n, channels, height, width]`, then the activation.
///
/// On the processor it is a good deal faster than one after the other: depthwise convolutions have a kernel of their own, and so have their
/// gradients; without gradients bias and activation go over the outcome once, where it lies.
pub(crate) fn activated(layer: &Conv2d, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    if x.device().is_autodiff() {
        return learning::activate(learning::convolution(layer, &x), activation);
    }
    if !is_plain(&x) {
        return activation.of_tensor(layer.forward(x));
    }
    if let Some(depthwise) = Depthwise::of(layer, x.dims()) {
        return depthwise.run(x, activation);
    }
    let without_bias = Conv2d {
        bias: None,
        ..layer.clone()
    };
    let x = without_bias.forward(x);
    finished(x, layer.bias.as_ref(), Some(activation), None)
}

/// A convolution of one by one, no activation after it, of an input whose channels are weighed by `gate`, `[n, channels]`; `added` is
/// added to its outcome.
///
/// On the processor, and without gradients, a single input is left as it is: the gate goes into the weights, and bias and `added` go over
/// the outcome once.
pub(crate) fn projected(
    layer: &Conv2d,
    x: Tensor<4>,
    gate: Option<Tensor<2>>,
    added: Option<Tensor<4>>,
) -> Tensor<4> {
    let [n, channels, _, _] = x.dims();
    if n != 1 || !is_plain(&x) {
        let x = match gate {
            Some(gate) => x * gate.reshape([n, channels, 1, 1]),
            None => x,
        };
        let x = if x.device().is_autodiff() {
            learning::convolution(layer, &x)
        } else {
            layer.forward(x)
        };
        return match added {
            Some(added) => x + added,
            None => x,
        };
    }
    let weight = layer.weight.val();
    let weight = match gate {
        Some(gate) => weight * gate.reshape([1, channels, 1, 1]),
        None => weight,
    };
    let x = conv2d(x, weight, None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1));
    finished(x, layer.bias.as_ref(), None, added)
}

/// Whether a tensor lies in this machine's memory as float32 and no gradients are wanted.
pub(crate) fn is_plain(x: &Tensor<4>) -> bool {
    learning::is_here(x) && !x.device().is_autodiff()
}

/// Values that one thread finishes at a time, about.
const CHUNK: usize = 1 << 14;

/// Adds to each channel's plane its bias and what lies at the same place in `added`, and activates it.
fn finished(
    x: Tensor<4>,
    bias: Option<&Param<Tensor<1>>>,
    activation: Option<Activation>,
    added: Option<Tensor<4>>,
) -> Tensor<4> {
    let device = x.device();
    let shape = x.dims();
    let [_, channels, height, width] = shape;
    let plane = (height * width).max(1);
    let biases = bias.map_or_else(|| vec![0.0; channels], |bias| values(bias.val()));
    let added = added.map(values).unwrap_or_default();
    let mut all = values(x);
    let planes = (CHUNK / plane).max(1);
    let vectors = Vectors::widest();
    all.par_chunks_mut(plane * planes)
        .enumerate()
        .for_each(|(chunk, values)| {
            vectors.run(Finishing {
                added: added.get(chunk * plane * planes..).unwrap_or_default(),
                first: chunk * planes,
                values,
                plane,
                biases: &biases,
                activation,
            });
        });
    tensor(all, shape, &device)
}

/// Planes to be finished where they are.
struct Finishing<'a> {
    values: &'a mut [f32],
    plane: usize,
    /// Of the first plane, its place among all.
    first: usize,
    /// One a channel.
    biases: &'a [f32],
    activation: Option<Activation>,
    /// As long as `values` or longer; nothing if there is nothing to add.
    added: &'a [f32],
}

impl WithSimd for Finishing<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let added = self.added.chunks(self.plane).map(Some).chain(repeat(None));
        for (place, (plane, added)) in self.values.chunks_mut(self.plane).zip(added).enumerate() {
            let bias = self.biases.get((self.first + place) % self.biases.len().max(1));
            let bias = simd.splat_f32s(bias.copied().unwrap_or(0.0));
            let mut added = added.unwrap_or_default().chunks(S::F32_LANES);
            for values in plane.chunks_mut(S::F32_LANES) {
                let mut x = simd.add_f32s(load(simd, values), bias);
                if let Some(added) = added.next() {
                    x = simd.add_f32s(x, load(simd, added));
                }
                if let Some(activation) = self.activation {
                    x = activation.of_vector(simd, x);
                }
                store(simd, &[x], values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::tensor::Device;
    use burn::tensor::activation::{hard_swish, relu};
    use proptest::prelude::*;

    use super::*;
    use crate::backbone::layer::Conv2dLayer;
    use crate::weights::Weights;
    use crate::weights::formula::pattern;

    fn pointwise(input: usize, output: usize, bias: bool) -> Conv2d {
        let config = Conv2dLayer {
            input,
            output,
            kernel: [1, 1],
            stride: [1, 1],
            groups: 1,
            padding: PaddingConfig2d::Valid,
            bias,
        };
        let mut weights = Weights::new("pattern");
        for (name, shape) in config.tensors("c") {
            weights
                .insert(&name, &shape, pattern(shape.iter().product()))
                .unwrap();
        }
        config.load(&mut weights, "c", &Device::flex()).unwrap()
    }

    fn filled<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        tensor(pattern(shape.iter().product()), shape, &Device::flex())
    }

    fn assert_same(found: Tensor<4>, expected: Tensor<4>) {
        assert_eq!(found.dims(), expected.dims());
        for (found, expected) in values(found).iter().zip(&values(expected)) {
            let near = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
            assert!(near, "{found} {expected}");
        }
    }

    proptest! {
        #[test]
        fn convolutions_in_one_go_give_what_burn_gives_step_by_step(
            (n, input, output) in (1usize..3, 1usize..9, 1usize..9),
            (height, width) in (1usize..40, 1usize..150),
            (bias, gated, adds, swish) in any::<(bool, bool, bool, bool)>(),
        ) {
            let layer = pointwise(input, output, bias);
            let x = filled([n, input, height, width]);
            let activation = if swish { Activation::HardSwish } else { Activation::Relu };
            let plain = layer.forward(x.clone());
            let expected = if swish { hard_swish(plain) } else { relu(plain) };
            assert_same(activated(&layer, x.clone(), activation), expected);

            let gate = gated.then(|| filled([n, input]) + 0.5);
            let added = adds.then(|| filled([n, output, height, width]) * 3.0);
            let weighed = match &gate {
                Some(gate) => x.clone() * gate.clone().reshape([n, input, 1, 1]),
                None => x.clone(),
            };
            let mut expected = layer.forward(weighed);
            if let Some(added) = &added {
                expected = expected + added.clone();
            }
            assert_same(projected(&layer, x, gate, added), expected);
        }
    }
}
