//! What beeps in a home and is no alarm.

use super::canvas::Canvas;
use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::WHITE;
use super::telephone::{busy_tone, dial_tone, dialling};
use super::tone::{Partial, Wander, gate, odd_partials, tone};
use super::units::{amplitude, count, kept, length_s};
use crate::augment::Stream;

/// One of seven things that beep.
pub(super) fn beep(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    match stream.below(7) {
        0 => oven(&mut canvas, stream),
        1 => keys(&mut canvas, stream),
        2 => dial_tone(&mut canvas, stream),
        3 => busy_tone(&mut canvas, stream),
        4 => dialling(&mut canvas, stream),
        5 => reversing(&mut canvas, stream),
        _ => kettle(&mut canvas, maker, stream),
    }
    canvas.into_samples()
}

/// A sine or something like a square wave.
fn timbre(stream: &mut Stream) -> Vec<Partial> {
    match stream.below(3) {
        0 => vec![Partial::new(1.0, 1.0)],
        1 => odd_partials(8, stream.between(1.0, 1.6)),
        _ => vec![
            Partial::new(1.0, 1.0),
            Partial::new(2.0, amplitude(stream.between(-30.0, -12.0))),
            Partial::new(3.0, amplitude(stream.between(-30.0, -12.0))),
        ],
    }
}

fn short_tone(on_s: f64, hz: f64, partials: &[Partial]) -> Vec<f32> {
    tone(count(on_s), partials, |_| hz, |t| gate(t, on_s, 0.004))
}

/// A microwave oven or washing machine is done: three to six long beeps, a second apart; again after a while.
fn oven(canvas: &mut Canvas, stream: &mut Stream) {
    let (hz, partials) = (stream.between(800.0, 2_400.0), timbre(stream));
    let (on_s, off_s) = (stream.between(0.6, 1.2), stream.between(0.7, 1.4));
    let beeps = 3 + stream.below(4);
    let sound = short_tone(on_s, hz, &partials);
    let mut at_s = stream.between(0.0, 0.5);
    while at_s < canvas.length_s() {
        for _ in 0..beeps {
            canvas.add(at_s, 1.0, &sound);
            at_s += on_s + off_s;
        }
        at_s += stream.between(8.0, 60.0);
    }
}

/// Keys of an appliance, pressed at no particular time.
fn keys(canvas: &mut Canvas, stream: &mut Stream) {
    let (hz, partials) = (stream.between(700.0, 4_500.0), timbre(stream));
    let on_s = stream.between(0.03, 0.18);
    let mut at_s = stream.between(0.0, 0.5);
    while at_s < canvas.length_s() {
        // Start and stop have another pitch on some.
        let factor = if stream.chance(0.15) { 1.5 } else { 1.0 };
        canvas.add(
            at_s,
            stream.between(0.8, 1.0),
            &short_tone(on_s, factor * hz, &partials),
        );
        let pause_s = if stream.chance(0.2) {
            stream.between(1.0, 4.0)
        } else {
            stream.between(0.12, 0.9)
        };
        at_s += on_s + pause_s;
    }
}

/// A vehicle reverses: about 1 kHz, half a second on and off without a pause.
fn reversing(canvas: &mut Canvas, stream: &mut Stream) {
    let (hz, partials) = (stream.between(900.0, 1_400.0), timbre(stream));
    let (on_s, off_s) = (stream.between(0.4, 0.6), stream.between(0.4, 0.6));
    let sound = short_tone(on_s, hz, &partials);
    let mut at_s = -stream.between(0.0, on_s);
    while at_s < canvas.length_s() {
        canvas.add(at_s, 1.0, &sound);
        at_s += on_s + off_s;
    }
}

/// A whistling kettle: breath that becomes a tone and climbs.
fn kettle(canvas: &mut Canvas, maker: &SoundMaker, stream: &mut Stream) {
    let (low_hz, high_hz) = (stream.between(500.0, 1_200.0), stream.between(1_800.0, 3_400.0));
    let whole_s = canvas.length_s();
    let climb_s = stream.between(0.25, 0.6) * whole_s.min(8.0);
    let wobble = Wander::new(stream.between(0.002, 0.015), stream.between(2.0, 7.0), stream);
    let climbed = |t: f64| (t / climb_s).min(1.0).powf(0.7);
    let hz = |t: f64| (low_hz + (high_hz - low_hz) * climbed(t)) * wobble.at(t);
    let partials = [
        Partial::new(1.0, 1.0),
        Partial::new(2.0, amplitude(stream.between(-25.0, -8.0))),
        Partial::new(3.0, amplitude(stream.between(-35.0, -15.0))),
    ];
    let swell = Wander::new(0.15, 3.0, stream);
    let n = count(whole_s);
    let whistle = tone(n, &partials, hz, |t| (0.1 + 0.9 * climbed(t)) * swell.at(t));
    canvas.add(0.0, 1.0, &whistle);
    let mut vapour = Filter::default();
    let breath = maker.noise.generate(n.min(1 << 20), WHITE, stream);
    let breath: Vec<f32> = (0..n)
        .zip(breath.iter().cycle())
        .map(|(t, x)| kept(vapour.step(f64::from(*x), hz(length_s(t)), 2.0).band))
        .collect();
    canvas.add(0.0, amplitude(stream.between(-24.0, -12.0)), &breath);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::{dominant_hz, pulses};

    fn made(make: fn(&mut Canvas, &mut Stream), seed: u64, seconds: f64) -> Vec<f32> {
        let mut canvas = Canvas::new(count(seconds));
        make(&mut canvas, &mut StreamKey::new(seed, 0, 0).stream(0));
        canvas.into_samples()
    }

    #[test]
    fn an_oven_beeps_three_to_six_times_longer_than_an_alarm() {
        for seed in 0..12 {
            let sound = made(oven, seed, 14.0);
            assert!((750.0..2_450.0).contains(&dominant_hz(&sound)), "seed {seed}");
            let beeps = pulses(&sound);
            assert!(beeps.len() >= 3, "seed {seed}: {beeps:?}");
            for beep in &beeps[..beeps.len() - 1] {
                let on_s = beep.offset_s - beep.onset_s;
                assert!((0.58..1.22).contains(&on_s), "seed {seed}: {on_s}");
            }
        }
    }

    #[test]
    fn a_reversing_vehicle_never_pauses() {
        for seed in 0..12 {
            let beeps = pulses(&made(reversing, seed, 10.0));
            assert!(beeps.len() >= 8, "seed {seed}: {beeps:?}");
            assert!(
                beeps.windows(2).all(|p| p[1].onset_s - p[0].offset_s < 0.62),
                "seed {seed}"
            );
        }
    }

    #[test]
    fn a_busy_line_has_its_two_pitches_or_the_one() {
        for seed in 0..12 {
            let hz = dominant_hz(&made(busy_tone, seed, 6.0));
            assert!(
                [425.0, 480.0, 620.0]
                    .iter()
                    .any(|known| (hz - known).abs() < 20.0),
                "{hz}"
            );
        }
    }
}
