use std::f64::consts::TAU;

use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::add_noise;
use super::tone::{Wander, falling_partials, tone};
use super::units::{RATE, add, amplitude, kept, length_s, to_rms};
use crate::augment::{PowerLaw, Stream};

/// What runs until somebody turns it off: a vacuum cleaner, a hair dryer, a mixer; a washing machine, a dishwasher.
pub(super) fn appliance(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    if stream.chance(0.6) {
        quick_motor(n, maker, stream)
    } else {
        drum(n, maker, stream)
    }
}

/// A motor of many turns a second, and the air that it moves; what is held in the hand changes as it is moved.
fn quick_motor(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let hz = stream.between(90.0, 620.0);
    let load = Wander::new(stream.between(0.001, 0.03), stream.between(0.2, 2.0), stream);
    let near = Wander::new(stream.between(0.0, 0.4), stream.between(0.2, 1.0), stream);
    let whine = falling_partials(14, stream.between(0.3, 1.6), stream);
    let mut sound = tone(n, &whine, |t| hz * load.at(t), |t| near.at(t));
    to_rms(&mut sound, amplitude(stream.between(-14.0, 6.0)));

    let mut air = through_body(n, maker, stream);
    for (t, x) in air.iter_mut().enumerate() {
        *x *= kept(near.at(length_s(t)));
    }
    to_rms(&mut air, 1.0);
    add(&mut sound, 1.0, &air);
    sound
}

/// A drum or an arm that turns: each time water or laundry falls, over a slow motor.
fn drum(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let turns_hz = if stream.chance(0.7) {
        stream.between(0.4, 1.3)
    } else {
        stream.between(7.0, 22.0) // it spins
    };
    let speed = Wander::new(0.02, 0.2, stream);
    let falls = 1.0 + stream.below(3) as f64;
    let (depth, sharpness) = (stream.between(0.2, 0.95), stream.between(1.0, 3.0));

    let mut load = through_body(n, maker, stream);
    let mut turns = 0.0;
    for (t, x) in load.iter_mut().enumerate() {
        let down = (0.5 + 0.5 * (TAU * falls * turns).sin()).powf(sharpness);
        *x *= kept(1.0 - depth + depth * down);
        turns += turns_hz * speed.at(length_s(t)) * length_s(1);
    }
    to_rms(&mut load, 1.0);

    let motor_hz = stream.between(25.0, 130.0);
    let motor = falling_partials(10, stream.between(0.4, 1.4), stream);
    let mut motor = tone(n, &motor, |t| motor_hz * speed.at(t), |_| 1.0);
    to_rms(&mut motor, amplitude(stream.between(-15.0, 6.0)));
    add(&mut load, 1.0, &motor);
    load
}

/// Rushing air or water as a housing lets it out: noise that falls with the pitch, louder where the housing rings.
fn through_body(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let law = PowerLaw {
        beta: stream.between(0.7, 2.2),
        lowest: 40.0 / RATE,
    };
    let mut air = vec![0.0; n];
    add_noise(&mut air, law, 1.0, maker, stream);
    let mut rings: Vec<(Filter, f64, f64, f64)> = (0..3 + stream.below(4))
        .map(|_| {
            let hz = 150.0 * 40f64.powf(stream.unit());
            (
                Filter::default(),
                hz,
                stream.between(1.5, 8.0),
                stream.between(0.3, 3.0),
            )
        })
        .collect();
    for x in &mut air {
        let dry = f64::from(*x);
        let rung = rings
            .iter_mut()
            .map(|(filter, hz, q, share)| *share * filter.step(dry, *hz, *q).band);
        *x = kept(dry + rung.sum::<f64>());
    }
    air
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::level_range_db;
    use crate::sounds::units::count;

    #[test]
    fn an_appliance_runs_as_long_as_it_is_asked_for() {
        let maker = SoundMaker::default();
        for seed in 0..24 {
            let sound = appliance(count(6.0), &maker, &mut StreamKey::new(seed, 0, 0).stream(0));
            // A drum's slowest turn takes 2.5 s.
            let range_db = level_range_db(&sound, 3.0);
            assert!(range_db < 9.0, "seed {seed}: {range_db}");
        }
    }
}
