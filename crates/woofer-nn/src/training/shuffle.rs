use rand_chacha::rand_core::RngCore;

/// The numbers from 0 to `n - 1` in random order (Fisher and Yates).
pub(super) fn shuffled(n: usize, random: &mut impl RngCore) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last, below(last + 1, random));
    }
    order
}

/// An even random number below `n`; the skew of the remainder is below n / 2^64.
fn below(n: usize, random: &mut impl RngCore) -> usize {
    usize::try_from(random.next_u64() % n as u64).unwrap_or_default()
}
