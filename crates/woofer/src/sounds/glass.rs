//! Glass that breaks.

use super::canvas::Canvas;
use super::maker::SoundMaker;
use super::noise::burst;
use super::struck::{struck, untuned};
use super::units::count;
use crate::augment::Stream;

/// A window or a bottle that goes to pieces; in longer sounds another one after a while.
pub(super) fn glass(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let mut at_s = stream.between(0.0, (0.3 * canvas.length_s()).min(1.5));
    while at_s < canvas.length_s() {
        canvas.add(at_s, stream.between(0.5, 1.0), &smash(maker, stream));
        at_s += stream.between(1.5, 20.0);
    }
    canvas.into_samples()
}

/// The blow, the pane that swings once more, its shards, and what of them comes down on the floor.
fn smash(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(4.0));
    // Now and then it is heard from where the blow is not.
    if stream.chance(0.9) {
        let (hz, t60_s) = (stream.between(600.0, 3_500.0), stream.between(0.05, 0.25));
        let loudness = stream.between(0.5, 2.0);
        canvas.add(0.0, loudness, &burst(hz, 0.5, t60_s, maker, stream));
        for _ in 0..6 + stream.below(20) {
            let t60_s = stream.between(0.05, 0.35);
            let loudness = stream.between(0.02, 0.3);
            canvas.add(0.0, loudness, &shard((700.0, 7_000.0), t60_s, stream));
        }
    }
    let pitches = (
        stream.between(1_500.0, 3_500.0),
        stream.between(6_000.0, 11_000.0),
    );
    let spread_s = stream.between(0.06, 0.5);
    let bed = burst(
        stream.between(5_000.0, 9_000.0),
        0.6,
        4.0 * spread_s,
        maker,
        stream,
    );
    canvas.add(0.005, stream.between(0.0, 0.25), &bed);
    let near = stream.between(0.7, 1.5);
    shards(
        &mut canvas,
        (0.01, spread_s, near),
        15 + stream.below(125),
        pitches,
        stream,
    );
    if stream.chance(0.6) {
        let falls_s = stream.between(0.2, 0.6);
        shards(
            &mut canvas,
            (falls_s, 0.15, 0.6 * near),
            5 + stream.below(55),
            pitches,
            stream,
        );
    }
    canvas.into_samples()
}

/// Shards that strike something, ever fewer and fainter from a time on.
fn shards(
    canvas: &mut Canvas,
    (from_s, spread_s, near): (f64, f64, f64),
    count: usize,
    pitches: (f64, f64),
    stream: &mut Stream,
) {
    for _ in 0..count {
        let after_s = -spread_s * (1.0 - stream.unit()).ln();
        let t60_s = 0.015 * 14_f64.powf(stream.unit());
        let (size, _) = stream.normal_pair();
        let loudness = near * (f64::from(size) * 0.8 - 1.6 - 0.5 * after_s / spread_s).exp();
        canvas.add(from_s + after_s, loudness, &shard(pitches, t60_s, stream));
    }
}

/// A piece of glass that rings once.
fn shard((lowest_hz, highest_hz): (f64, f64), t60_s: f64, stream: &mut Stream) -> Vec<f32> {
    let hz = lowest_hz * (highest_hz / lowest_hz).powf(stream.unit());
    let modes = 2 + stream.below(3);
    struck(&untuned(modes, (hz, 3.5), t60_s, stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::measure::power;

    fn stream(seed: u64) -> Stream {
        StreamKey::new(seed, 0, 0).stream(0)
    }

    #[test]
    fn shards_are_high_and_most_of_them_come_in_the_first_second() {
        let maker = SoundMaker::default();
        for seed in 0..16 {
            let sound = smash(&maker, &mut stream(seed));
            let (power, width_hz) = power(&sound);
            let above_700_hz = |(bin, _): &(usize, &f64)| *bin as f64 * width_hz > 700.0;
            let above: f64 = power
                .iter()
                .enumerate()
                .filter(above_700_hz)
                .map(|(_, p)| p)
                .sum();
            let share = above / power.iter().sum::<f64>();
            assert!(share > 0.5, "seed {seed}: {share}");
            let (first, last) = (energy(&sound[..count(1.0)]), energy(&sound[count(2.0)..]));
            assert!(last < 0.1 * first, "seed {seed}: {last} of {first}");
        }
    }

    #[test]
    fn a_sound_of_six_seconds_has_a_smash_in_its_first_two() {
        let maker = SoundMaker::default();
        for seed in 0..16 {
            let sound = glass(count(6.0), &maker, &mut stream(seed));
            assert!(energy(&sound[..count(2.0)]) > 0.0, "seed {seed}");
        }
    }
}
