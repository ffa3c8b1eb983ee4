//! Things in a home that move for a while: doors that creak, paper, wind, motors.

use std::f64::consts::{PI, TAU};

use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::WHITE;
use super::tone::{Wander, falling_partials, tone};
use super::units::{amplitude, count, kept, length_s};
use crate::augment::Stream;

/// Up and down again within a time.
fn bulge(time_s: f64, length_s: f64) -> f64 {
    (PI * time_s / length_s).sin().max(0.0)
}

/// A hinge: noise in a band that wanders, in jerks.
pub(super) fn creak(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let lasts_s = stream.between(0.4, 1.8);
    let hz = stream.between(300.0, 1_300.0);
    let q = stream.between(8.0, 30.0);
    let bend = Wander::new(0.35, stream.between(0.5, 2.0), stream);
    let jerks = Wander::new(0.4, 0.9, stream);
    let jerks_hz = stream.between(18.0, 70.0);
    let noise = maker.noise.generate(count(lasts_s), WHITE, stream);
    let (mut first, mut second) = (Filter::default(), Filter::default());
    let mut cycles = 0.0;
    let creaking = noise.iter().enumerate().map(|(t, x)| {
        let time_s = length_s(t);
        cycles += jerks_hz * jerks.at(time_s) * length_s(1);
        let jerk = (0.5 + 0.5 * (TAU * cycles).sin()).powi(4);
        let hz = hz * bend.at(time_s);
        let low = first.step(f64::from(*x) * jerk, hz, q).band;
        let high = second.step(f64::from(*x) * jerk, 2.02 * hz, q).band;
        kept((low + 0.4 * high) * bulge(time_s, lasts_s))
    });
    creaking.collect()
}

/// Paper or a bag: high noise that comes in crackles.
pub(super) fn rustle(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let lasts_s = stream.between(0.5, 2.5);
    let n = count(lasts_s);
    let mut loudness = vec![0f32; n];
    let mut at_s = 0.0;
    while at_s < lasts_s {
        let (height, fall_s) = (stream.between(0.1, 1.0).powi(2), stream.between(0.004, 0.05));
        let crackle = loudness.iter_mut().skip(count(at_s)).take(count(5.0 * fall_s));
        for (t, x) in crackle.enumerate() {
            *x += kept(height * (-length_s(t) / fall_s).exp());
        }
        at_s += stream.between(0.004, 0.09);
    }
    let law = crate::augment::PowerLaw {
        beta: stream.between(0.0, 1.0),
        lowest: stream.between(1_200.0, 3_000.0) * length_s(1),
    };
    let noise = maker.noise.generate(n, law, stream);
    noise.iter().zip(loudness).map(|(x, l)| x * l).collect()
}

/// Wind around the house.
pub(super) fn gust(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let lasts_s = stream.between(2.0, 7.0);
    let hz = stream.between(150.0, 600.0);
    let howl = Wander::new(0.4, 0.4, stream);
    let swell = Wander::new(0.5, 1.2, stream);
    let q = stream.between(0.8, 4.0);
    let noise = maker.noise.generate(count(lasts_s), WHITE, stream);
    let mut filter = Filter::default();
    let blowing = noise.iter().enumerate().map(|(t, x)| {
        let time_s = length_s(t);
        let bands = filter.step(f64::from(*x), hz * howl.at(time_s), q);
        kept((bands.band + 0.3 * bands.low) * bulge(time_s, lasts_s) * swell.at(time_s))
    });
    blowing.collect()
}

/// A mixer, a shaver, a blind: a motor that starts, runs and stops.
pub(super) fn motor(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (lasts_s, ramp_s) = (stream.between(2.0, 8.0), stream.between(0.15, 0.8));
    let hz = stream.between(80.0, 420.0);
    let load = Wander::new(stream.between(0.002, 0.05), stream.between(0.3, 3.0), stream);
    let speed = |t: f64| ((t / ramp_s).min((lasts_s - t) / ramp_s)).clamp(0.05, 1.0);
    let fall = stream.between(0.5, 1.5);
    let partials = falling_partials(12, fall, stream);
    let n = count(lasts_s);
    let mut sound = tone(n, &partials, |t| hz * speed(t) * load.at(t), |t| speed(t).powi(2));
    let share = amplitude(stream.between(-12.0, 6.0));
    let (air_hz, mut filter) = (stream.between(600.0, 3_000.0), Filter::default());
    for (t, (x, noise)) in sound
        .iter_mut()
        .zip(maker.noise.generate(n, WHITE, stream))
        .enumerate()
    {
        let air = filter.step(f64::from(noise), air_hz, 0.6).band;
        *x += kept(share * air * speed(length_s(t)).powi(2));
    }
    sound
}
