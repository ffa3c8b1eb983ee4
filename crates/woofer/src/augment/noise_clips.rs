//! The clips of pure noise that the original trains on as one more sound of the class Other.

use super::noise_generator::{NoiseGenerator, PowerLaw};
use super::stream::StreamKey;

/// Sample rate of a noise clip in hertz.
pub const NOISE_CLIP_RATE_HZ: u32 = 8_000;

/// Noise clips for each of the [`SHIFT_COPIES`](super::SHIFT_COPIES).
pub const NOISE_CLIPS_PER_COPY: usize = 50;

const LENGTH: usize = 40_000;

/// What the noise of variance 1 is divided by.
const DIVISOR: f32 = 1.5;

/// Keeps these random numbers apart from those of a chain's steps.
const PURPOSE: u64 = u64::from_le_bytes(*b"noiseclp");

/// The `index`-th noise clip for the `copy`-th shift copy, both counted from 0: five seconds of pink noise at
/// [`NOISE_CLIP_RATE_HZ`].
///
/// Power spectral density `1 / f`, variance 1, divided by 1.5 (SPEC, "Network and training"). The original has
/// [`NOISE_CLIPS_PER_COPY`] for each copy; they are drawn anew for each and not shifted.
#[must_use]
pub fn noise_clip(generator: &NoiseGenerator, seed: u64, copy: usize, index: usize) -> Vec<f32> {
    let law = PowerLaw {
        beta: 1.0,
        lowest: 0.0,
    };
    let mut stream = StreamKey::new(seed, copy as u64, index as u64).stream(PURPOSE);
    let mut noise = generator.generate(LENGTH, law, &mut stream);
    for x in &mut noise {
        *x /= DIVISOR;
    }
    noise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::SHIFT_COPIES;

    #[test]
    fn the_clips_of_a_seed_all_differ_and_come_again() {
        let generator = NoiseGenerator::default();
        let firsts = |seed| -> Vec<u32> {
            (0..SHIFT_COPIES)
                .flat_map(|copy| (0..3).map(move |index| (copy, index)))
                .map(|(copy, index)| noise_clip(&generator, seed, copy, index)[0].to_bits())
                .collect()
        };
        let mut bits = firsts(4);
        assert_eq!(bits, firsts(4));
        assert_ne!(bits, firsts(5));
        bits.sort_unstable();
        bits.dedup();
        assert_eq!(bits.len(), SHIFT_COPIES * 3);
    }

    #[test]
    fn a_clip_has_five_seconds_and_a_deviation_of_two_thirds() {
        let clip = noise_clip(&NoiseGenerator::default(), 0, 0, 0);
        let power = clip.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 40_000.0;
        assert_eq!(clip.len(), 40_000);
        assert!((power.sqrt() - 2.0 / 3.0).abs() < 1e-4, "{power}");
    }
}
