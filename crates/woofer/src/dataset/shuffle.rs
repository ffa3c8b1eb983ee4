//! A random order that stays the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The numbers below `n` in a random order (Fisher and Yates), the same for a seed on any machine and in any version.
#[must_use]
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        // The high half of the product is spread evenly over 0..=i, to within 2^-40 at any size that fits in memory.
        let product = u128::from(random.next_u64()) * (i as u128 + 1);
        order.swap(i, usize::try_from(product >> 64).unwrap_or(0));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_once_and_the_seed_decides_the_order() {
        let order = shuffled(1000, 7);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..1000));
        assert_eq!(order, shuffled(1000, 7));
        assert_ne!(order, shuffled(1000, 8));
        assert!(shuffled(0, 7).is_empty());
    }

    #[test]
    fn every_place_is_equally_likely() {
        let mut first = [0u32; 4];
        for seed in 0..4000 {
            first[shuffled(4, seed)[0]] += 1;
        }
        assert!(first.iter().all(|n| (900..1100).contains(n)), "{first:?}");
    }
}
