use pulp::NullaryFnOnce;

/// Runs what is compiled for the widest vectors that this processor has: AVX-512, AVX2, or what all of its kind have.
///
/// What is to be compiled so has to be inlined into `call`. A closure will not do: it is called through code that is not inlined.
pub(super) fn with_widest_vectors<W: NullaryFnOnce>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        if let Some(widest) = V4::try_new() {
            return widest.vectorize(work);
        }
        if let Some(wide) = V3::try_new() {
            return wide.vectorize(work);
        }
    }
    work.call()
}

/// Whether what [`with_widest_vectors`] runs multiplies and adds in one instruction; elsewhere `mul_add` is a slow function.
pub(super) fn with_fused_products() -> bool {
    #[cfg(target_arch = "x86_64")]
    return pulp::x86::V3::is_available();
    #[cfg(not(target_arch = "x86_64"))]
    cfg!(target_arch = "aarch64")
}
