//! Tones out of partials.

use std::f64::consts::{PI, TAU};

use super::units::{RATE, kept, length_s};
use crate::augment::Stream;

/// A semitone as a factor of the pitch.
pub(super) const SEMITONE: f64 = 1.059_463_094_359_295;

/// Partials above this pitch are left out: what is near half the rate would not survive a resampling.
pub(super) const HIGHEST_HZ: f64 = 0.46 * RATE;

/// One partial of a tone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partial {
    /// Its pitch as a multiple of the tone's.
    pub multiple: f64,
    pub amplitude: f64,
    /// Where in its cycle it begins, 0 to 1.
    pub phase: f64,
}

impl Partial {
    pub const fn new(multiple: f64, amplitude: f64) -> Self {
        Self {
            multiple,
            amplitude,
            phase: 0.0,
        }
    }
}

/// A tone of `n` samples whose pitch in hertz and loudness are told for each second.
pub(super) fn tone(
    n: usize,
    partials: &[Partial],
    hz: impl Fn(f64) -> f64,
    loudness: impl Fn(f64) -> f64,
) -> Vec<f32> {
    let mut cycles = 0.0;
    (0..n)
        .map(|t| {
            let time_s = length_s(t);
            let hz = hz(time_s);
            let heard = partials.iter().filter(|p| p.multiple * hz < HIGHEST_HZ);
            let sum: f64 = heard
                .map(|p| p.amplitude * (TAU * (p.multiple * cycles + p.phase)).sin())
                .sum();
            cycles += hz / RATE;
            kept(sum * loudness(time_s))
        })
        .collect()
}

/// On from 0 to `on_s`, with edges like half a cosine within it.
pub(super) fn gate(time_s: f64, on_s: f64, edge_s: f64) -> f64 {
    let inside = time_s.min(on_s - time_s).max(0.0);
    let edge_s = edge_s.min(0.5 * on_s);
    if inside >= edge_s {
        1.0
    } else {
        0.5 - 0.5 * (PI * inside / edge_s).cos()
    }
}

/// The first odd partials, each falling with its number to a power.
pub(super) fn odd_partials(count: u32, power: f64) -> Vec<Partial> {
    (0..count)
        .map(|i| f64::from(2 * i + 1))
        .map(|k| Partial::new(k, k.powf(-power)))
        .collect()
}

/// So many partials, each of a random size and phase, that fall with their number to a power.
pub(super) fn falling_partials(count: u32, fall: f64, stream: &mut Stream) -> Vec<Partial> {
    (1..=count)
        .map(|k| Partial {
            multiple: f64::from(k),
            amplitude: f64::from(k).powf(-fall) * stream.between(0.1, 1.0),
            phase: stream.unit(),
        })
        .collect()
}

/// Something that slowly goes up and down around 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wander {
    depth: f64,
    slow: (f64, f64),
    quick: (f64, f64),
}

impl Wander {
    /// By at most `depth`, about `rate_hz` times a second.
    pub fn new(depth: f64, rate_hz: f64, stream: &mut Stream) -> Self {
        let mut wave = |factor: f64| (factor * rate_hz * stream.between(0.7, 1.3), stream.unit());
        // A ratio that is no whole number, so that the two do not meet again soon.
        Self {
            depth,
            slow: wave(1.0),
            quick: wave(2.63),
        }
    }

    /// The factor at a time.
    pub fn at(&self, time_s: f64) -> f64 {
        let wave = |(rate_hz, phase): (f64, f64)| (TAU * (rate_hz * time_s + phase)).sin();
        1.0 + self.depth * (0.65 * wave(self.slow) + 0.35 * wave(self.quick))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    #[test]
    fn falling_partials_are_multiples_that_fall() {
        let partials = falling_partials(5, 1.0, &mut StreamKey::new(3, 0, 0).stream(0));
        let multiples: Vec<f64> = partials.iter().map(|p| p.multiple).collect();
        assert_eq!(multiples, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(
            partials
                .iter()
                .all(|p| p.amplitude > 0.0 && p.amplitude <= 1.0 / p.multiple)
        );
    }
}
