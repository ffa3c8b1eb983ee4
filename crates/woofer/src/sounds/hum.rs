use std::f64::consts::TAU;

use super::tone::Wander;
use super::units::{RATE, amplitude, kept, length_s};
use crate::augment::Stream;

/// Points of a cycle that is computed once; between them it is a straight line.
const POINTS: usize = 8_192;

/// Mains hum of 50 or 60 Hz.
///
/// Iron is pulled twice a cycle, so that transformers are loudest at the even partials; lamps and dimmers switch, so
/// that their buzz reaches high up.
pub(super) fn hum(n: usize, stream: &mut Stream) -> Vec<f32> {
    let mains_hz = if stream.chance(0.5) { 50.0 } else { 60.0 };
    let cycle = cycle(mains_hz, stream);
    // Networks hold their frequency to about a tenth of a hertz.
    let pitch = Wander::new(0.001, 0.05, stream);
    let swell = Wander::new(stream.between(0.0, 0.25), 0.3, stream);
    let begins_s = if stream.chance(0.15) {
        stream.between(0.0, 0.5 * length_s(n))
    } else {
        -1.0
    };
    let mut cycles = 0f64;
    let humming = (0..n).map(|t| {
        let time_s = length_s(t);
        let switched = ((time_s - begins_s) / 0.01).clamp(0.0, 1.0);
        let x = point(&cycle, cycles.fract()) * swell.at(time_s) * switched;
        cycles += mains_hz * pitch.at(time_s) / RATE;
        kept(x)
    });
    humming.collect()
}

/// One cycle of the mains as it is heard, and its first point again.
fn cycle(mains_hz: f64, stream: &mut Stream) -> Vec<f64> {
    let buzzes = stream.chance(0.4);
    let (fall, top_hz) = if buzzes {
        (stream.between(0.2, 0.9), stream.between(700.0, 3_000.0))
    } else {
        (stream.between(0.7, 2.0), stream.between(120.0, 500.0))
    };
    let odd = amplitude(stream.between(-30.0, 3.0));
    let mut cycle = vec![0.0; POINTS + 1];
    for k in (1u32..=150).map(f64::from) {
        let even = (0.5 * k).fract() < 0.25;
        let size = k.powf(-fall)
            * (-k * mains_hz / top_hz).exp()
            * if even { 1.0 } else { odd }
            * amplitude(stream.between(-9.0, 3.0));
        // A buzz is a train of pulses; in a hum nothing stands together.
        let phase = if buzzes { 0.0 } else { stream.unit() };
        for (i, x) in cycle.iter_mut().enumerate() {
            *x += size * (TAU * (k * i as f64 / POINTS as f64 + phase)).sin();
        }
    }
    cycle
}

/// The cycle at a place from 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within the cycle"
)]
fn point(cycle: &[f64], place: f64) -> f64 {
    let at = place * POINTS as f64;
    let before = (at as usize).min(POINTS - 1);
    let (a, b) = (cycle[before], cycle[before + 1]);
    a + (b - a) * (at - before as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::power;

    #[test]
    fn a_hum_lies_on_the_multiples_of_its_mains() {
        for seed in 0..12 {
            let (power, width_hz) = power(&hum(128_000, &mut StreamKey::new(seed, 0, 0).stream(0)));
            let share = |mains_hz: f64| {
                let near = |bin: usize| {
                    let multiple = bin as f64 * width_hz / mains_hz;
                    (multiple - multiple.round()).abs() * mains_hz < 4.0
                };
                let on: f64 = power
                    .iter()
                    .enumerate()
                    .filter(|(bin, _)| near(*bin))
                    .map(|b| b.1)
                    .sum();
                on / power.iter().sum::<f64>()
            };
            assert!(share(50.0).max(share(60.0)) > 0.95, "seed {seed}");
        }
    }
}
