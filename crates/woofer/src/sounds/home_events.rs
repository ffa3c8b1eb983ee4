//! Things that are struck, dropped or put down in a home; what moves is in `home_motion`.

use super::canvas::Canvas;
use super::home_motion::{creak, gust, motor, rustle};
use super::maker::SoundMaker;
use super::noise::burst;
use super::struck::{modes, struck, untuned};
use super::tone::{Partial, tone};
use super::units::{add, amplitude, count};
use super::water::bubble;
use crate::augment::Stream;

/// Makes one event, at whatever level.
pub(super) type EventMaker = fn(&SoundMaker, &mut Stream) -> Vec<f32>;

/// All that happens in a home, each as often as the others.
pub(super) const EVENTS: [EventMaker; 12] = [
    click, thud, knocks, footsteps, drips, creak, rustle, gust, clinks, metal_tap, motor, clicks,
];

/// A switch.
fn click(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, t60_s) = (stream.between(1_200.0, 6_000.0), stream.between(0.005, 0.04));
    burst(hz, stream.between(0.7, 3.0), t60_s, maker, stream)
}

/// A switch that is pressed and let go, a mouse, a latch.
fn clicks(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(2.5));
    let mut at_s = 0.0;
    for _ in 0..2 + stream.below(4) {
        canvas.add(at_s, stream.between(0.4, 1.0), &click(maker, stream));
        at_s += stream.between(0.06, 0.5);
    }
    canvas.into_samples()
}

/// Something heavy and soft: a low tone that falls, and dull noise.
fn thud(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, t60_s) = (stream.between(40.0, 120.0), stream.between(0.15, 0.6));
    let fall = -(1_000f64.ln()) / t60_s;
    let mut sound = tone(
        count(t60_s),
        &[Partial::new(1.0, 1.0), Partial::new(1.7, 0.4)],
        |t| hz * (1.0 + 0.5 * (-t / 0.03).exp()),
        |t| (fall * t).exp(),
    );
    let dull = burst(stream.between(120.0, 500.0), 0.7, 0.5 * t60_s, maker, stream);
    let share = stream.between(0.2, 1.2);
    add(&mut sound, share, &dull);
    sound
}

/// Knuckles on wood, two or three times; nobody is at the door.
fn knocks(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(1.2));
    let (hz, t60_s) = (stream.between(130.0, 420.0), stream.between(0.06, 0.18));
    let gap_s = stream.between(0.12, 0.28);
    let wood = modes(
        hz,
        &[1.0, 1.58, 2.24, 3.16],
        (stream.between(0.2, 1.0), t60_s),
        stream,
    );
    let wood = struck(&wood);
    for i in 0..2 + stream.below(2) {
        let at_s = f64::from(u8::try_from(i).unwrap_or(0)) * gap_s * stream.between(0.95, 1.05);
        let loudness = stream.between(0.6, 1.0);
        canvas.add(at_s, loudness, &wood);
        canvas.add(at_s, 0.3 * loudness, &burst(1_500.0, 0.7, 0.02, maker, stream));
    }
    canvas.into_samples()
}

/// Somebody walks past.
fn footsteps(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let steps = 3 + stream.below(7);
    let pace_s = stream.between(0.45, 0.75);
    let heel_hz = stream.between(400.0, 2_000.0);
    let hard = stream.between(0.05, 0.6);
    let mut canvas = Canvas::new(count(pace_s * (steps + 1) as f64));
    for i in 0..steps {
        // Nearer in the middle.
        let near = 1.0 - 0.6 * ((i as f64 + 0.5) / steps as f64 - 0.5).abs();
        let at_s = i as f64 * pace_s + stream.between(0.0, 0.04);
        let floor = burst(
            stream.between(60.0, 130.0),
            1.2,
            stream.between(0.1, 0.25),
            maker,
            stream,
        );
        canvas.add(at_s, near, &floor);
        canvas.add(
            at_s + 0.01,
            hard * near,
            &burst(heel_hz, 1.0, 0.05, maker, stream),
        );
    }
    canvas.into_samples()
}

/// A tap that is not quite closed: bubbles whose pitch rises as they come to the surface.
fn drips(_: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let drips = 1 + stream.below(8);
    let gap_s = stream.between(0.4, 1.5);
    let hz = stream.between(600.0, 1_800.0);
    let mut canvas = Canvas::new(count(gap_s * (drips + 1) as f64));
    for i in 0..drips {
        let (own_hz, t60_s) = (hz * stream.between(0.85, 1.2), stream.between(0.05, 0.16));
        let drop = bubble(own_hz, t60_s, stream.between(1.0, 6.0));
        canvas.add(
            i as f64 * gap_s * stream.between(0.97, 1.03),
            stream.between(0.5, 1.0),
            &drop,
        );
    }
    canvas.into_samples()
}

/// A thing of metal or china that is touched once.
fn touched(hz: f64, t60_s: f64, stream: &mut Stream) -> Vec<f32> {
    let modes = 3 + stream.below(4);
    struck(&untuned(modes, (hz, 4.0), t60_s, stream))
}

/// Cutlery: two to six light touches.
fn clinks(_: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(2.5));
    let (hz, t60_s) = (stream.between(1_800.0, 3_200.0), stream.between(0.06, 0.35));
    let mut at_s = 0.0;
    let soft = amplitude(-10.0);
    for _ in 0..2 + stream.below(5) {
        let own_hz = hz * stream.between(0.8, 1.3);
        canvas.add(
            at_s,
            soft * stream.between(0.3, 1.0),
            &touched(own_hz, t60_s, stream),
        );
        at_s += stream.between(0.05, 0.45);
    }
    canvas.into_samples()
}

/// A pan or a radiator that is knocked once.
fn metal_tap(_: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, t60_s) = (stream.between(500.0, 1_600.0), stream.between(0.15, 0.8));
    touched(hz, t60_s, stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::units::{length_s, peak};

    #[test]
    fn every_event_is_heard_and_lasts_less_than_a_quarter_of_a_minute() {
        let maker = SoundMaker::default();
        for (i, event) in EVENTS.iter().enumerate() {
            for seed in 0..12 {
                let sound = event(&maker, &mut StreamKey::new(seed, 0, 0).stream(0));
                assert!(sound.iter().all(|x| x.is_finite()), "event {i}, seed {seed}");
                assert!(peak(&sound) > 1e-4, "event {i}, seed {seed}");
                assert!(length_s(sound.len()) < 15.0, "event {i}, seed {seed}");
            }
        }
    }
}
