//! A home as a camera hears it for hours: mostly little.

use super::canvas::Canvas;
use super::fan::fan;
use super::home_events::{EVENTS, EventMaker};
use super::hum::hum;
use super::maker::{SOUND_RATE_HZ, SoundMaker};
use super::noise::add_noise;
use super::tone::gate;
use super::units::{RATE, add, amplitude, count, kept, length_s, to_peak, to_rms};
use crate::augment::{PowerLaw, Reverberation, Stream};

/// All that happens is heard through the same room.
const ROOM: Reverberation = Reverberation {
    probability: 1.0,
    min_rt60_s: 0.25,
    max_rt60_s: 0.9,
    min_drr_db: -8.0,
    max_drr_db: 6.0,
};

/// A background, and events now and then whose levels lie within 30 dB.
pub(super) fn home(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut samples = events(n, maker, stream);
    ROOM.apply(&mut samples, SOUND_RATE_HZ, &maker.plans, stream);
    let law = PowerLaw {
        beta: stream.between(0.7, 2.0),
        lowest: 20.0 / RATE,
    };
    let floor_db = stream.between(-72.0, -48.0);
    add_noise(&mut samples, law, amplitude(floor_db), maker, stream);
    if stream.chance(0.6) {
        let mut mains = hum(n, stream);
        to_rms(&mut mains, amplitude(floor_db + stream.between(-12.0, 6.0)));
        add(&mut samples, 1.0, &mains);
    }
    if stream.chance(0.5) {
        let level_db = floor_db + stream.between(0.0, 15.0);
        cycling_fan(&mut samples, level_db, maker, stream);
    }
    samples
}

/// Four to thirty events a minute, at times that know nothing of each other.
fn events(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let gap_s = 60.0 / stream.between(4.0, 30.0);
    let loudest_db = stream.between(-25.0, -6.0);
    let wait_s = |stream: &mut Stream| -gap_s * (1.0 - stream.unit()).ln();
    let mut at_s = wait_s(stream);
    while at_s < canvas.length_s() {
        let event: EventMaker = EVENTS[stream.below(EVENTS.len())];
        let mut event = event(maker, stream);
        to_peak(&mut event, amplitude(loudest_db - stream.between(0.0, 30.0)));
        canvas.add(at_s, 1.0, &event);
        at_s += wait_s(stream);
    }
    canvas.into_samples()
}

/// A fan or refrigerator that runs for a while, and then does not.
fn cycling_fan(samples: &mut [f32], level_db: f64, maker: &SoundMaker, stream: &mut Stream) {
    let mut begin_s = -stream.between(0.0, 60.0);
    while begin_s < length_s(samples.len()) {
        let on_s = stream.between(20.0, 180.0);
        let from_s = begin_s.max(0.0);
        let to_s = (begin_s + on_s).min(length_s(samples.len()));
        if to_s > from_s {
            let mut run = fan(count(to_s - from_s), maker, stream);
            to_rms(&mut run, amplitude(level_db));
            let heard = samples.iter_mut().skip(count(from_s)).zip(run).enumerate();
            for (t, (x, y)) in heard {
                // It takes two seconds to come up and to stop.
                *x += kept(gate(from_s - begin_s + length_s(t), on_s, 2.0)) * y;
            }
        }
        begin_s += on_s + stream.between(20.0, 240.0);
    }
}
