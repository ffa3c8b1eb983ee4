use super::tone::{Partial, Wander, gate, odd_partials, tone};
use super::units::{amplitude, count};
use crate::augment::Stream;

/// One in so many alarms is of the new, low kind.
const LOW_SHARE: f64 = 0.25;

/// The sounder of an alarm.
///
/// Most are a piezo disc in resonance, near 3.1 kHz with a few odd partials. The low kind is a square wave of 520 Hz,
/// which wakes people better (NFPA 72, section 18.4.6.3).
pub(super) struct AlarmVoice {
    hz: f64,
    partials: Vec<Partial>,
    wander: Wander,
    /// How much too high a pulse begins, as a share of the pitch.
    onset: f64,
    edge_s: f64,
}

impl AlarmVoice {
    /// A sounder by chance.
    pub fn draw(stream: &mut Stream) -> Self {
        let low = stream.chance(LOW_SHARE);
        let (hz, partials) = if low {
            (
                520.0 * stream.between(0.98, 1.02),
                // What a small loudspeaker leaves of a square wave.
                odd_partials(14, stream.between(0.9, 1.8)),
            )
        } else {
            let third = amplitude(stream.between(-30.0, -10.0));
            let fifth = third * amplitude(stream.between(-15.0, -3.0));
            let partials = vec![
                Partial::new(1.0, 1.0),
                Partial::new(3.0, third),
                Partial::new(5.0, fifth),
            ];
            (stream.between(2_810.0, 3_480.0), partials)
        };
        let depth = stream.between(0.0002, 0.003);
        let rate_hz = stream.between(0.2, 3.0);
        Self {
            hz,
            partials,
            wander: Wander::new(depth, rate_hz, stream),
            onset: stream.between(-0.003, 0.004),
            edge_s: stream.between(0.002, 0.008),
        }
    }

    /// A pulse that begins at a time of the whole sound.
    pub fn pulse(&self, at_s: f64, on_s: f64) -> Vec<f32> {
        let hz = |t: f64| self.hz * self.wander.at(at_s + t) * (1.0 + self.onset * (-t / 0.02).exp());
        tone(count(on_s), &self.partials, hz, |t| gate(t, on_s, self.edge_s))
    }
}
