use super::maker::SoundMaker;
use super::noise::add_noise;
use super::units::{amplitude, kept};
use crate::augment::{PowerLaw, Stream};

/// Nothing, as recorders write it: zeros, a faint noise floor, or the offset of a cheap converter over one.
pub(super) fn silence(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let zeros = stream.chance(0.25);
    let offset = stream.chance(0.3);
    let mut samples = vec![0.0; n];
    if zeros {
        return samples;
    }
    if offset {
        let sign = if stream.chance(0.5) { 1.0 } else { -1.0 };
        samples.fill(kept(sign * amplitude(stream.between(-60.0, -20.0))));
    }
    let law = PowerLaw {
        beta: stream.between(0.0, 1.0),
        lowest: 0.0,
    };
    let level = amplitude(stream.between(-90.0, -65.0));
    add_noise(&mut samples, law, level, maker, stream);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};

    #[test]
    fn there_are_zeros_floors_and_offsets() {
        let maker = SoundMaker::default();
        let (mut zeros, mut floors, mut offsets) = (0, 0, 0);
        for seed in 0..40 {
            let samples = silence(16_000, &maker, &mut StreamKey::new(seed, 0, 0).stream(0));
            let mean = samples.iter().map(|x| f64::from(*x)).sum::<f64>() / 16_000.0;
            let spread_db = 10.0 * (energy(&samples) / 16_000.0 - mean * mean).log10();
            if energy(&samples) <= 0.0 {
                zeros += 1;
                continue;
            }
            assert!((-91.0..-64.0).contains(&spread_db), "seed {seed}: {spread_db} dB");
            if mean.abs() > 0.000_9 {
                offsets += 1;
            } else {
                floors += 1;
            }
        }
        assert!(
            zeros > 3 && floors > 10 && offsets > 4,
            "{zeros} {floors} {offsets}"
        );
    }
}
