use burn::tensor::Tensor;
use burn::tensor::activation::{hard_swish, relu};
use pulp::Simd;

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
}
