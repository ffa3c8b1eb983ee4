//! Things that ring when they are struck.

use std::f64::consts::TAU;

use super::tone::HIGHEST_HZ;
use super::units::{count, kept, length_s};
use crate::augment::Stream;

/// Partials of a bar that is free at both ends (N. H. Fletcher and T. D. Rossing, "The Physics of Musical
/// Instruments", section 2.15).
pub(super) const BAR: [f64; 4] = [1.0, 2.756, 5.404, 8.933];

/// Partials of a small dome, as of a bell with a hammer; about those of a round plate held in its middle.
pub(super) const DOME: [f64; 5] = [1.0, 2.32, 4.25, 6.63, 9.38];

/// One way in which a thing swings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    pub hz: f64,
    pub amplitude: f64,
    /// Seconds in which it falls by 60 dB.
    pub t60_s: f64,
}

/// The modes of a thing with these partials; each is louder or softer by chance, and the higher the sooner it ends.
pub(super) fn modes(hz: f64, partials: &[f64], (fall, t60_s): (f64, f64), stream: &mut Stream) -> Vec<Mode> {
    partials
        .iter()
        .map(|&multiple| Mode {
            // No two bars are the same.
            hz: hz
                * if multiple > 1.0 {
                    multiple * stream.between(0.985, 1.015)
                } else {
                    1.0
                },
            amplitude: multiple.powf(-fall) * stream.between(0.6, 1.0),
            t60_s: t60_s * multiple.powf(-0.9),
        })
        .collect()
}

/// So many modes of a thing that nobody tuned, such as a spoon or a shard, between a pitch and a
/// multiple of it.
pub(super) fn untuned(count: usize, (hz, highest): (f64, f64), t60_s: f64, stream: &mut Stream) -> Vec<Mode> {
    (0..count)
        .map(|_| Mode {
            hz: hz * stream.between(1.0, highest),
            amplitude: stream.between(0.2, 1.0),
            t60_s: t60_s * stream.between(0.4, 1.0),
        })
        .collect()
}

/// A stroke: all modes begin at once, within a millisecond, and die away.
pub(super) fn struck(modes: &[Mode]) -> Vec<f32> {
    let longest_s = modes.iter().map(|m| m.t60_s).fold(0.0, f64::max);
    let n = count(longest_s.min(8.0));
    let mut sum = vec![0f64; n];
    for mode in modes.iter().filter(|m| m.hz < HIGHEST_HZ) {
        let fall = -(1_000f64.ln()) / mode.t60_s;
        let own = n.min(count(mode.t60_s));
        for (t, x) in sum.iter_mut().take(own).enumerate() {
            let time_s = length_s(t);
            *x += mode.amplitude * (fall * time_s).exp() * (TAU * mode.hz * time_s).sin();
        }
    }
    let rise_s = 0.001;
    let risen = |(t, x): (usize, f64)| kept(x * (length_s(t) / rise_s).min(1.0));
    sum.into_iter().enumerate().map(risen).collect()
}
