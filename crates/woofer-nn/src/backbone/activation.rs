use burn::tensor::Tensor;
use burn::tensor::activation::{hard_swish, relu};
use pulp::{Simd, WithSimd};

use super::vectors::{load, store};

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x * clamp(x / 6 + 1 / 2, 0, 1)`.
    HardSwish,
}

impl Activation {
    /// Of each value of a tensor.
    pub(super) fn of_tensor(self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Relu => relu(x),
            Self::HardSwish => hard_swish(x),
        }
    }

    /// Of each value of a vector.
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    pub(super) fn of_vector<S: Simd>(self, simd: S, x: S::f32s) -> S::f32s {
        let zero = simd.splat_f32s(0.0);
        match self {
            Self::Relu => simd.max_f32s(x, zero),
            Self::HardSwish => {
                let sixth = simd.mul_f32s(x, simd.splat_f32s(1.0 / 6.0));
                let raised = simd.add_f32s(sixth, simd.splat_f32s(0.5));
                let gate = simd.min_f32s(simd.max_f32s(raised, zero), simd.splat_f32s(1.0));
                simd.mul_f32s(x, gate)
            }
        }
    }

    /// How steep it is at each value of a vector.
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn slope_of_vector<S: Simd>(self, simd: S, x: S::f32s) -> S::f32s {
        let [zero, one] = [simd.splat_f32s(0.0), simd.splat_f32s(1.0)];
        match self {
            Self::Relu => simd.select_f32s(simd.greater_than_f32s(x, zero), one, zero),
            Self::HardSwish => {
                let third = simd.mul_f32s(x, simd.splat_f32s(1.0 / 3.0));
                let between = simd.add_f32s(third, simd.splat_f32s(0.5));
                let above = simd.greater_than_f32s(x, simd.splat_f32s(-3.0));
                let below = simd.less_than_f32s(x, simd.splat_f32s(3.0));
                let rising = simd.select_f32s(above, between, zero);
                simd.select_f32s(below, rising, one)
            }
        }
    }
}

/// Values that go through an activation where they are.
pub(super) struct Activating<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) activation: Activation,
}

impl WithSimd for Activating<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for values in self.values.chunks_mut(S::F32_LANES) {
            let found = self.activation.of_vector(simd, load(simd, values));
            store(simd, &[found], values);
        }
    }
}

/// The gradient of an activation's outcome, which becomes that of its input where it is.
pub(super) struct Sloping<'a> {
    pub(super) gradient: &'a mut [f32],
    /// The input.
    pub(super) x: &'a [f32],
    pub(super) activation: Activation,
}

impl WithSimd for Sloping<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let of_input = self.x.chunks(S::F32_LANES);
        for (gradient, x) in self.gradient.chunks_mut(S::F32_LANES).zip(of_input) {
            let slope = self.activation.slope_of_vector(simd, load(simd, x));
            let found = simd.mul_f32s(load(simd, gradient), slope);
            store(simd, &[found], gradient);
        }
    }
}
