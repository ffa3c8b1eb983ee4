//! Code for the vectors that a processor has: AVX-512, AVX2, NEON, or what all of its kind have.

use std::any::TypeId;

use pulp::{Scalar128b, Simd, WithSimd};

/// Vectors of one kind that this processor has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Vectors {
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// What all processors of a kind have.
    #[cfg_attr(
        all(not(test), not(target_arch = "x86_64")),
        expect(dead_code, reason = "`Arch` knows what others have")
    )]
    Common,
    #[cfg(not(target_arch = "x86_64"))]
    Arch(pulp::Arch),
}

impl Vectors {
    /// The widest that there are.
    pub(super) fn widest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let wide = || pulp::x86::V3::try_new().map(Self::Avx2);
            let widest = pulp::x86::V4::try_new().map(Self::Avx512);
            widest.or_else(wide).unwrap_or(Self::Common)
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Arch(pulp::Arch::new())
    }

    /// All kinds, for a test to try each.
    #[cfg(test)]
    pub(super) fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let narrower = pulp::x86::V3::try_new().map(Self::Avx2);
        #[cfg(not(target_arch = "x86_64"))]
        let narrower = None;
        let mut all = vec![Self::widest(), Self::Common];
        all.extend(narrower);
        all
    }

    /// Runs what is compiled for vectors of this kind.
    ///
    /// What is to be compiled so has to be inlined into `with_simd`. A closure will not do: it is called through code that is not inlined.
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => Simd::vectorize(simd, work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => Simd::vectorize(simd, work),
            Self::Common => Simd::vectorize(Scalar128b, work),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Arch(arch) => arch.dispatch(work),
        }
    }
}

/// `a * b + c`, in one instruction where there is one: elsewhere that would be a slow function.
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each kind of processor, within the call that chose it"
)]
#[inline(always)]
pub(super) fn product_and_sum<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if TypeId::of::<S>() == TypeId::of::<Scalar128b>() {
        return simd.add_f32s(simd.mul_f32s(a, b), c);
    }
    simd.mul_add_e_f32s(a, b, c)
}

/// Reads a vector from a slice that may be shorter: the rest are zeros.
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each kind of processor, within the call that chose it"
)]
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, from: &[f32]) -> S::f32s {
    match S::as_simd_f32s(from).0.first() {
        Some(vector) => *vector,
        None => simd.partial_load_f32s(from),
    }
}

/// Writes vectors to a slice that may be shorter.
#[expect(
    clippy::inline_always,
    reason = "it is compiled for each kind of processor, within the call that chose it"
)]
#[inline(always)]
pub(super) fn store<S: Simd>(simd: S, vectors: &[S::f32s], to: &mut [f32]) {
    for (vector, to) in vectors.iter().zip(to.chunks_mut(S::F32_LANES)) {
        match S::as_mut_simd_f32s(to).0.first_mut() {
            Some(place) => *place = *vector,
            None => simd.partial_store_f32s(to, *vector),
        }
    }
}
