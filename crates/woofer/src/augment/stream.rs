//! Random numbers that depend on what they are for, and on nothing else.

use std::f32::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One clip in one epoch of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamKey {
    /// Seed of the run.
    pub seed: u64,
    /// Epoch, counted from 0.
    pub epoch: u64,
    /// A number that stays with the clip: its place in the manifest, whatever the order of training.
    pub clip: u64,
}

impl StreamKey {
    /// A key of the three numbers.
    #[must_use]
    pub const fn new(seed: u64, epoch: u64, clip: u64) -> Self {
        Self { seed, epoch, clip }
    }

    /// The random numbers of one purpose; a [`Chain`](super::Chain) takes the purposes 0, 1, 2 ... for its steps.
    ///
    /// The four numbers are the key of the cipher, all 256 bits of it, so two streams never overlap.
    #[must_use]
    pub fn stream(self, purpose: u64) -> Stream {
        let mut key = [0; 32];
        let words = [self.seed, self.epoch, self.clip, purpose];
        for (slot, word) in key.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Stream(ChaCha8Rng::from_seed(key))
    }
}

/// Random numbers of one purpose: `ChaCha8` (D. J. Bernstein, "`ChaCha`, a variant of Salsa20", 2008).
///
/// The distributions are written out here, so that an update of a crate does not change what a seed gives.
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Uniform in 0..1, with 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability: never for 0, always for 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform between two numbers; exactly `low` when they are equal.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`, and 0 when `count` is 0.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the product's upper half is less than count"
    )]
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// Two independent normal numbers of mean 0 and variance 1, at most 6.7 in size.
    ///
    /// G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates", 1958.
    pub fn normal_pair(&mut self) -> (f32, f32) {
        const STEP: f32 = 1.0 / (1u64 << 32) as f32;
        let bits = self.0.next_u64();
        // The logarithm needs a number above 0.
        let u = ((bits >> 32) + 1) as f32 * STEP;
        let angle = (bits & 0xffff_ffff) as f32 * STEP * TAU;
        let radius = (-2.0 * u.ln()).sqrt();
        let (sin, cos) = angle.sin_cos();
        (radius * cos, radius * sin)
    }

    /// The logarithm of a number of the gamma distribution with this shape and scale 1.
    ///
    /// G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", 2000; below shape 1 by the
    /// remark in its section 6, in logarithms because the numbers of small shapes are smaller than `f64` can hold.
    pub fn ln_gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let u = 1.0 - self.unit();
            return self.ln_gamma(shape + 1.0) + u.ln() / shape;
        }
        let scale = shape - 1.0 / 3.0;
        let slope = 1.0 / (9.0 * scale).sqrt();
        loop {
            let x = f64::from(self.normal_pair().0);
            let v = (1.0 + slope * x).powi(3);
            let u = 1.0 - self.unit();
            if v > 0.0 && u.ln() < 0.5 * x * x + scale * (1.0 - v + v.ln()) {
                return (scale * v).ln();
            }
        }
    }

    /// A number in 0..=1 of the distribution Beta(alpha, alpha).
    pub fn symmetric_beta(&mut self, alpha: f64) -> f64 {
        let (x, y) = (self.ln_gamma(alpha), self.ln_gamma(alpha));
        1.0 / (1.0 + (y - x).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 40_000;

    fn mean_and_variance(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
    }

    #[test]
    fn each_part_of_the_key_gives_other_numbers() {
        let first =
            |seed, epoch, clip, purpose| StreamKey::new(seed, epoch, clip).stream(purpose).unit().to_bits();
        let firsts = [
            first(1, 1, 1, 1),
            first(2, 1, 1, 1),
            first(1, 2, 1, 1),
            first(1, 1, 2, 1),
            first(1, 1, 1, 2),
        ];
        assert_eq!(first(1, 1, 1, 1), firsts[0]);
        for (i, a) in firsts.iter().enumerate() {
            assert!(firsts[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn the_stream_is_chacha8_of_the_key() {
        // The key and first block of ChaCha8 with a key of zeros: draft-strombergson-chacha-test-vectors-01, TC1.
        let mut stream = StreamKey::new(0, 0, 0).stream(0);
        let first = stream.0.next_u64().to_le_bytes();
        assert_eq!(first, [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn uniform_numbers_stay_in_their_range() {
        let mut stream = StreamKey::new(0, 0, 0).stream(1);
        for _ in 0..1_000 {
            assert!((0.0..1.0).contains(&stream.unit()));
            assert!((-3.0..5.0).contains(&stream.between(-3.0, 5.0)));
            assert!(stream.below(7) < 7);
            assert!(stream.chance(1.0) && !stream.chance(0.0));
        }
        assert_eq!(stream.below(0), 0);
        assert!((0..200).map(|_| stream.below(3)).any(|n| n == 2));
    }

    #[test]
    fn normal_numbers_have_mean_0_variance_1_and_kurtosis_3() {
        let mut stream = StreamKey::new(3, 0, 0).stream(0);
        let values: Vec<f64> = (0..DRAWS / 2)
            .flat_map(|_| <[f32; 2]>::from(stream.normal_pair()).map(f64::from))
            .collect();
        let (mean, variance) = mean_and_variance(&values);
        let kurtosis = values.iter().map(|v| v.powi(4)).sum::<f64>() / DRAWS as f64;
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03,
            "{mean} {variance}"
        );
        assert!((kurtosis - 3.0).abs() < 0.15, "{kurtosis}");
    }

    #[test]
    fn symmetric_beta_has_mean_a_half_and_its_variance() {
        for alpha in [0.01, 0.3, 1.0, 2.5, 40.0] {
            let mut stream = StreamKey::new(9, 0, 0).stream(0);
            let values: Vec<f64> = (0..DRAWS).map(|_| stream.symmetric_beta(alpha)).collect();
            assert!(values.iter().all(|v| (0.0..=1.0).contains(v)), "{alpha}");
            let (mean, variance) = mean_and_variance(&values);
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 0.01, "{alpha}: mean {mean}");
            assert!(
                (variance / expected - 1.0).abs() < 0.03,
                "{alpha}: {variance} for {expected}"
            );
        }
    }
}
