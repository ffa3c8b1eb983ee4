use std::f64::consts::TAU;

use super::maker::SoundMaker;
use super::noise::add_noise;
use super::tone::{Partial, Wander, tone};
use super::units::{RATE, add, amplitude, kept, length_s, to_rms};
use crate::augment::{PowerLaw, Stream};

/// A fan: rushing air that the blades chop, their tone, and a motor.
pub(super) fn fan(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let turns_hz = stream.between(8.0, 40.0);
    let blades = 3.0 + stream.below(5) as f64;
    let speed = Wander::new(stream.between(0.002, 0.03), stream.between(0.05, 0.3), stream);
    let blade_hz = |t: f64| blades * turns_hz * speed.at(t);

    let mut air = vec![0.0; n];
    let law = PowerLaw {
        beta: stream.between(0.8, 2.2),
        lowest: 30.0 / RATE,
    };
    add_noise(&mut air, law, 1.0, maker, stream);
    chop(&mut air, stream.between(0.05, 0.4), blade_hz);

    let blade_partials: Vec<Partial> = (1..=6)
        .map(|k| Partial {
            multiple: f64::from(k),
            amplitude: f64::from(k).powf(-1.2) * amplitude(stream.between(-8.0, 0.0)),
            phase: stream.unit(),
        })
        .collect();
    mix(
        &mut air,
        tone(n, &blade_partials, blade_hz, |_| 1.0),
        stream.between(-25.0, -3.0),
    );
    if stream.chance(0.5) {
        // The slots of the motor's iron.
        let slots = 12.0 + stream.below(24) as f64;
        let whine = [Partial::new(slots, 1.0), Partial::new(2.0 * slots, 0.3)];
        let whine = tone(n, &whine, |t| turns_hz * speed.at(t), |_| 1.0);
        mix(&mut air, whine, stream.between(-35.0, -15.0));
    }
    air
}

/// Makes the air louder each time a blade passes.
fn chop(air: &mut [f32], depth: f64, blade_hz: impl Fn(f64) -> f64) {
    let mut cycles = 0.0;
    for (t, x) in air.iter_mut().enumerate() {
        *x *= kept(1.0 + depth * (TAU * cycles).sin());
        cycles += blade_hz(length_s(t)) / RATE;
    }
}

/// Adds a sound so many decibels above the air, whose root mean square is 1.
fn mix(air: &mut [f32], mut sound: Vec<f32>, db: f64) {
    to_rms(&mut sound, amplitude(db));
    add(air, 1.0, &sound);
}
