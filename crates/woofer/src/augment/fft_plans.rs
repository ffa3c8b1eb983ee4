use std::sync::{Arc, Mutex, PoisonError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// FFTs of real samples, planned once for each length and shared by all threads.
pub(crate) struct FftPlans(Mutex<RealFftPlanner<f32>>);

impl FftPlans {
    pub fn new() -> Self {
        Self(Mutex::new(RealFftPlanner::new()))
    }

    /// From `length` samples to `length / 2 + 1` bins.
    pub fn forward(&self, length: usize) -> Arc<dyn RealToComplex<f32>> {
        self.planner(|planner| planner.plan_fft_forward(length))
    }

    /// From `length / 2 + 1` bins to `length` samples; forward and back multiplies by `length`.
    pub fn inverse(&self, length: usize) -> Arc<dyn ComplexToReal<f32>> {
        self.planner(|planner| planner.plan_fft_inverse(length))
    }

    fn planner<T>(&self, plan: impl FnOnce(&mut RealFftPlanner<f32>) -> T) -> T {
        // A planner holds finished plans only, so one that another thread left in a panic is as good as ever.
        plan(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The least even length from `length` on, 16 at least, that has no prime factor above 5: FFTs of it are quick.
pub(super) fn quick_length(length: usize) -> usize {
    let mut even = length.max(16).next_multiple_of(2);
    while !is_quick(even) {
        even += 2;
    }
    even
}

fn is_quick(mut length: usize) -> bool {
    for prime in [2, 3, 5] {
        while length.is_multiple_of(prime) {
            length /= prime;
        }
    }
    length == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_lengths_are_the_next_even_ones_of_factors_2_3_5() {
        assert_eq!(quick_length(0), 16);
        assert_eq!(quick_length(40_000), 40_000);
        assert_eq!(quick_length(160_000), 160_000);
        assert_eq!(quick_length(31), 32);
        assert_eq!(quick_length(81), 90);
        assert_eq!(quick_length(159_999), 160_000);
    }
}
