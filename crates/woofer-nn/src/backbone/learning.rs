//! Layers that learn; on the processor with gradients of our own, which burn's automatic differentiation calls instead of its own.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::nn::conv::Conv2d;
use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

use super::activation::{Activating, Activation, Sloping};
use super::depthwise::{Depthwise, Geometry, filtered};
use super::depthwise_gradients::of_biases;
use super::products;
use super::vectors::Vectors;

/// A convolution with gradients, by whatever finds them soonest where the input lies.
pub(super) fn convolution(layer: &Conv2d, x: &Tensor<4>) -> Tensor<4> {
    let depthwise = is_here(x).then(|| depthwise(layer, x)).flatten();
    depthwise
        .or_else(|| products::convolution(layer, x))
        .unwrap_or_else(|| layer.forward(x.clone()))
}

/// Whether a tensor lies in this machine's memory as float32.
pub(super) fn is_here(x: &Tensor<4>) -> bool {
    x.device().without_autodiff() == Device::flex() && x.dtype() == DType::F32
}

/// A depthwise convolution with gradients; none of another layer, of one without a bias, or of one with more zeros around the input than its
/// kernel reaches over.
fn depthwise(layer: &Conv2d, x: &Tensor<4>) -> Option<Tensor<4>> {
    let geometry = Depthwise::of(layer, x.dims())?.geometry()?;
    let bias = layer.bias.as_ref()?;
    let mut sides = geometry.before.iter().zip(geometry.kernel);
    if sides.any(|(zeros, kernel)| *zeros >= kernel) {
        return None;
    }
    let x = <Dispatch as Learning>::depthwise(
        x.clone().into_dispatch(),
        layer.weight.val().into_dispatch(),
        bias.val().into_dispatch(),
        geometry,
    );
    Some(Tensor::from_dispatch(x))
}

/// An activation with gradients.
pub(super) fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    if !is_here(&x) {
        return activation.of_tensor(x);
    }
    Tensor::from_dispatch(<Dispatch as Learning>::activate(x.into_dispatch(), activation))
}

/// What burn's processor backend learns to do, with and without gradients.
#[backend_extension(Flex, Autodiff)]
trait Learning: Backend {
    /// A convolution of `[n, channels, height, width]` by `weight`, `[channels, 1, height, width]`, and `bias`, `[channels]`.
    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self>;

    /// An activation of each value.
    fn activate(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
}

type Values = FloatTensor<Flex>;

/// Of a tensor that lies row by row.
fn slice(tensor: &Values) -> &[f32] {
    tensor.as_slice().unwrap_or_default()
}

fn made(values: Vec<f32>, shape: &[usize]) -> Values {
    Values::from_data(TensorData::new(values, shape.to_vec()))
}

impl Learning for Flex {
    fn depthwise(x: Values, weight: Values, bias: Values, geometry: Geometry) -> Values {
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let shape = x.shape();
        let found = filtered(
            geometry,
            slice(&x),
            slice(&weight),
            slice(&bias),
            Vectors::widest(),
        );
        made(
            found,
            &[shape[0], shape[1], geometry.output[0], geometry.output[1]],
        )
    }

    fn activate(x: Values, activation: Activation) -> Values {
        let x = x.to_contiguous();
        let mut all = slice(&x).to_vec();
        all.par_chunks_mut(CHUNK).for_each(|values| {
            Vectors::widest().run(Activating { values, activation });
        });
        made(all, &x.shape().to_vec())
    }
}

/// Values that one thread takes at a time.
const CHUNK: usize = 1 << 14;

impl<C: CheckpointStrategy> Learning for Autodiff<Flex, C> {
    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node), (bias, bias_node)) =
            (x.into_parts(), weight.into_parts(), bias.into_parts());
        let [x, weight] = [x, weight].map(|tensor| tensor.to_contiguous());
        let found = Flex::depthwise(x.clone(), weight.clone(), bias, geometry);
        let nodes = [x_node, weight_node, bias_node];
        match DepthwiseGradients.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((x, weight, geometry), found),
            OpsKind::UnTracked(prepared) => prepared.finish(found),
        }
    }

    fn activate(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let x = x.to_contiguous();
        let found = Flex::activate(x.clone(), activation);
        match ActivationGradient.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((x, activation), found),
            OpsKind::UnTracked(prepared) => prepared.finish(found),
        }
    }
}

#[derive(Debug)]
struct DepthwiseGradients;

impl Backward<Flex, 3> for DepthwiseGradients {
    /// The input, the weight, and where the values of the outcome came from.
    type State = (Values, Values, Geometry);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [of_x, of_weight, of_bias] = ops.parents;
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let (x, weight, geometry) = ops.state;
        let (shape, weight_shape) = (x.shape(), weight.shape());
        let vectors = Vectors::widest();
        if let Some(node) = of_x {
            let found = geometry.of_input(slice(&gradient), slice(&weight), vectors);
            gradients.register::<Flex>(node.id, made(found, &shape.to_vec()));
        }
        if let Some(node) = of_weight {
            let found = geometry.of_weights(slice(&x), slice(&gradient), shape[1], vectors);
            gradients.register::<Flex>(node.id, made(found, &weight_shape.to_vec()));
        }
        if let Some(node) = of_bias {
            let plane = geometry.output[0] * geometry.output[1];
            let found = of_biases(slice(&gradient), shape[1], plane);
            gradients.register::<Flex>(node.id, made(found, &[shape[1]]));
        }
    }
}

#[derive(Debug)]
struct ActivationGradient;

impl Backward<Flex, 1> for ActivationGradient {
    /// The input, and what it went through.
    type State = (Values, Activation);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [of_x] = ops.parents;
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let (x, activation) = ops.state;
        if let Some(node) = of_x {
            let mut found = slice(&gradient).to_vec();
            found
                .par_chunks_mut(CHUNK)
                .zip(slice(&x).par_chunks(CHUNK))
                .for_each(|(gradient, x)| {
                    Vectors::widest().run(Sloping {
                        gradient,
                        x,
                        activation,
                    });
                });
            gradients.register::<Flex>(node.id, made(found, &x.shape().to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::nn::PaddingConfig2d;
    use proptest::prelude::*;

    use super::*;
    use crate::backbone::layer::{Conv2dLayer, tensor, values};
    use crate::weights::Weights;
    use crate::weights::formula::pattern;

    /// What `x`, the weight and the bias learn from an outcome whose values matter differently, and the outcome.
    fn learned(layer: &Conv2d, x: &Tensor<4>, outcome: Tensor<4>) -> [Vec<f32>; 4] {
        let shape = outcome.dims();
        let mut matter = pattern(shape.iter().product());
        // Neighbours pull in opposite directions, so that sums stay small and are rounded little on the way.
        for value in matter.iter_mut().step_by(2) {
            *value = -*value;
        }
        let matter = tensor(matter, shape, &outcome.device());
        let mut gradients = (outcome.clone() * matter).sum().backward();
        let weight = layer.weight.val().grad_remove(&mut gradients).unwrap();
        let bias = layer
            .bias
            .as_ref()
            .unwrap()
            .val()
            .grad_remove(&mut gradients)
            .unwrap();
        let of_x = x.grad_remove(&mut gradients).unwrap();
        [
            values(outcome.inner()),
            values(of_x),
            values(weight),
            values(bias),
        ]
    }

    /// Whether values are the same but for what rounding makes of sums of so many products.
    fn near(found: &[f32], expected: &[f32], products: usize) -> bool {
        let largest = expected.iter().fold(1.0_f32, |a, b| a.max(b.abs()));
        let rounding = 1e-5 * largest + 1e-6 * products as f32;
        let pairs = found.iter().zip(expected);
        found.len() == expected.len() && pairs.into_iter().all(|(a, b)| (a - b).abs() <= rounding)
    }

    /// A layer whose weights learn.
    fn layer(
        channels: [usize; 2],
        groups: usize,
        kernel: [usize; 2],
        stride: usize,
        padding: PaddingConfig2d,
    ) -> Conv2d {
        let config = Conv2dLayer {
            input: channels[0],
            output: channels[1],
            kernel,
            stride: [stride, stride],
            groups,
            padding,
            bias: true,
        };
        let mut weights = Weights::new("pattern");
        for (name, shape) in config.tensors("c") {
            let values = pattern(shape.iter().product());
            weights.insert(&name, &shape, values).unwrap();
        }
        let layer = config
            .load(&mut weights, "c", &Device::flex().autodiff())
            .unwrap();
        Conv2d {
            weight: layer.weight.map(Tensor::require_grad),
            bias: layer
                .bias
                .map(|bias: Param<Tensor<1>>| bias.map(Tensor::require_grad)),
            ..layer
        }
    }

    fn input(shape: [usize; 4]) -> Tensor<4> {
        let x = tensor(pattern(shape.iter().product()), shape, &Device::flex().autodiff());
        x.mul_scalar(6.0).require_grad()
    }

    fn assert_learns_as_burn_does(layer: &Conv2d, x: &Tensor<4>, outcome: Tensor<4>) {
        let [n, _, height, width] = outcome.dims();
        let found = learned(layer, x, outcome);
        let expected = learned(layer, x, layer.forward(x.clone()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                near(found, expected, n * height * width),
                "{found:?} {expected:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn depthwise_gradients_are_those_that_burn_finds(
            shape in [1usize..4, 1usize..5, 1usize..20, 1usize..90],
            kernel in [1usize..6, 1usize..6],
            stride in 1usize..4,
            padded in 0usize..3,
        ) {
            let [height, width] = kernel;
            let padding = match padded {
                0 => PaddingConfig2d::Same,
                1 => PaddingConfig2d::Valid,
                _ => PaddingConfig2d::Explicit(height / 2, width / 2, height / 2, width / 2),
            };
            let channels = shape[1];
            let layer = layer([channels; 2], channels, kernel, stride, padding);
            let x = input(shape);
            match depthwise(&layer, &x) {
                Some(outcome) => assert_learns_as_burn_does(&layer, &x, outcome),
                // Not so much as one place of the kernel fits.
                None => prop_assert!(Depthwise::of(&layer, shape).is_none()),
            }
        }

        #[test]
        fn gradients_by_products_are_those_that_burn_finds(
            shape in [1usize..4, 1usize..9, 1usize..14, 1usize..40],
            outcomes in 1usize..9,
            is_depthwise in any::<bool>(),
            kernel in [1usize..5, 1usize..5],
            stride in 1usize..4,
            padded in 0usize..3,
        ) {
            let [height, width] = kernel;
            let padding = match padded {
                0 => PaddingConfig2d::Same,
                1 => PaddingConfig2d::Valid,
                // More zeros than the kernel reaches over, and not as many on each side.
                _ => PaddingConfig2d::Explicit(height, width / 2, height / 2, width + 1),
            };
            let channels = shape[1];
            let (outcomes, groups) = if is_depthwise { (channels, channels) } else { (outcomes, 1) };
            let layer = layer([channels, outcomes], groups, kernel, stride, padding);
            let x = input(shape);
            match products::convolution(&layer, &x) {
                Some(outcome) => assert_learns_as_burn_does(&layer, &x, outcome),
                None => prop_assert!(shape[2] < height || shape[3] < width),
            }
        }
    }

    #[test]
    fn activations_have_the_slopes_that_burn_finds() {
        // Places where a slope changes are left out: there both sides are right.
        let places: Vec<f32> = (0..160).map(|i| (i as f32).mul_add(0.1, -7.97)).collect();
        let device = Device::flex().autodiff();
        for activation in [Activation::Relu, Activation::HardSwish] {
            let learned = |of: fn(Tensor<4>, Activation) -> Tensor<4>| {
                let x = tensor(places.clone(), [1, 1, 2, 80], &device).require_grad();
                let outcome = of(x.clone(), activation);
                let matter = tensor(pattern(160), [1, 1, 2, 80], &device);
                let mut gradients = (outcome.clone() * matter).sum().backward();
                [
                    values(outcome.inner()),
                    values(x.grad_remove(&mut gradients).unwrap()),
                ]
            };
            let found = learned(activate);
            let expected = learned(|x, activation| activation.of_tensor(x));
            for (found, expected) in found.iter().zip(&expected) {
                assert!(near(found, expected, 1), "{activation:?}: {found:?} {expected:?}");
            }
        }
    }

    #[test]
    fn other_layers_are_left_to_burn() {
        let x = input([1, 4, 8, 8]);
        let mixing = layer([4, 4], 1, [3, 3], 1, PaddingConfig2d::Valid);
        assert!(depthwise(&mixing, &x).is_none());
        let wide = layer([4, 4], 4, [1, 1], 1, PaddingConfig2d::Explicit(1, 1, 1, 1));
        assert!(depthwise(&wide, &x).is_none());
        let by_twos = layer([4, 4], 2, [3, 3], 1, PaddingConfig2d::Valid);
        assert!(depthwise(&by_twos, &x).is_none() && products::convolution(&by_twos, &x).is_none());
        let outcome = convolution(&by_twos, &x);
        assert_learns_as_burn_does(&by_twos, &x, outcome);
    }

    #[test]
    fn all_vectors_give_the_same() {
        let geometry = Geometry {
            kernel: [3, 5],
            stride: 2,
            before: [1, 2],
            input: [9, 41],
            output: [5, 21],
        };
        let (x, gradient, weights) = (pattern(3 * 2 * 9 * 41), pattern(3 * 2 * 5 * 21), pattern(2 * 15));
        let all = |vectors| {
            let of_input = geometry.of_input(&gradient, &weights, vectors);
            let of_weights = geometry.of_weights(&x, &gradient, 2, vectors);
            [of_input, of_weights]
        };
        let expected = all(Vectors::widest());
        for vectors in Vectors::all() {
            for (found, expected) in all(vectors).iter().zip(&expected) {
                assert!(near(found, expected, 3 * 5 * 21), "{vectors:?}");
            }
        }
    }
}
