//! What hangs beside a door.

use super::canvas::Canvas;
use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::{WHITE, burst};
use super::struck::{BAR, DOME, Mode, modes, struck};
use super::tone::{Partial, SEMITONE, gate, odd_partials, tone};
use super::units::{amplitude, count, kept, length_s, to_peak};
use crate::augment::Stream;

/// The changes of the Westminster quarters, in semitones above the lowest bell (William Crotch, 1793).
const QUARTERS: [[f64; 4]; 5] = [
    [9.0, 7.0, 5.0, 0.0],
    [5.0, 9.0, 7.0, 0.0],
    [5.0, 7.0, 9.0, 5.0],
    [9.0, 5.0, 7.0, 0.0],
    [0.0, 7.0, 9.0, 5.0],
];

/// Steps of tunes that chimes play: a major scale without its fourth and seventh.
const SCALE: [f64; 6] = [0.0, 2.0, 4.0, 7.0, 9.0, 12.0];

/// A doorbell that is pressed one to three times; in sounds longer than ten seconds somebody comes again.
pub(super) fn door_chime(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let ring = match stream.below(8) {
        0..=2 => ding_dong(maker, stream),
        3 => ding(maker, stream),
        4 => electronic(stream),
        5 => tune(stream),
        6 => bell(stream),
        _ => buzzer(maker, stream),
    };
    let ring_s = length_s(ring.len());
    // Half of what rings has died away when the next press comes.
    let again_s = stream.between(0.5, 1.0) * ring_s + stream.between(0.1, 1.5);
    let mut at_s = stream.between(0.0, (0.25 * canvas.length_s()).min(2.0));
    while at_s < canvas.length_s() {
        for _ in 0..[1, 1, 2, 2, 3][stream.below(5)] {
            canvas.add(at_s, stream.between(0.85, 1.0), &ring);
            at_s += again_s;
        }
        at_s += stream.between(10.0, 40.0);
    }
    canvas.into_samples()
}

/// A bar as chimes have it, over a tube that is tuned to its lowest partial.
fn bar(hz: f64, t60_s: f64, stream: &mut Stream) -> Vec<Mode> {
    let mut modes = modes(hz, &BAR, (stream.between(1.2, 2.6), t60_s), stream);
    // Two bars, or a bar and its tube, are never quite in tune: they beat.
    let detuned = stream.between(1.0005, 1.004);
    modes.push(Mode {
        hz: hz * detuned,
        amplitude: stream.between(0.05, 0.35),
        t60_s,
    });
    modes
}

/// Two bars, the second about a major third below the first.
fn ding_dong(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let upper_hz = stream.between(500.0, 1_200.0);
    let lower_hz = upper_hz * SEMITONE.powf(-stream.between(3.5, 4.5));
    let t60_s = stream.between(1.2, 3.5);
    let gap_s = stream.between(0.35, 0.9);
    let first = struck(&bar(upper_hz, t60_s, stream));
    let second = struck(&bar(lower_hz, t60_s * 1.1, stream));
    let mut canvas = Canvas::new(count(gap_s) + second.len());
    canvas.add(0.0, 1.0, &first);
    canvas.add(gap_s, stream.between(0.7, 1.1), &second);
    let plunger = plunger(maker, stream);
    canvas.add(0.0, 1.0, &plunger);
    canvas.add(gap_s, 1.0, &plunger);
    canvas.into_samples()
}

/// The knock of the rod that a coil shoots at the bar.
fn plunger(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut knock = burst(stream.between(500.0, 2_500.0), 0.8, 0.04, maker, stream);
    to_peak(&mut knock, amplitude(stream.between(-26.0, -6.0)));
    knock
}

fn ding(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let t60_s = stream.between(1.0, 3.5);
    let mut canvas = Canvas::new(count(t60_s));
    let bar = struck(&bar(stream.between(500.0, 1_200.0), t60_s, stream));
    canvas.add(0.0, 1.0, &bar);
    canvas.add(0.0, 1.0, &plunger(maker, stream));
    canvas.into_samples()
}

/// Two or three falling tones out of a chip.
fn electronic(stream: &mut Stream) -> Vec<f32> {
    let mut hz = stream.between(600.0, 1_300.0);
    let partials = match stream.below(3) {
        0 => vec![Partial::new(1.0, 1.0), Partial::new(2.0, 0.2)],
        1 => odd_partials(6, stream.between(1.2, 2.0)),
        _ => vec![
            Partial::new(1.0, 1.0),
            Partial::new(3.0, 0.15),
            Partial::new(4.0, 0.08),
        ],
    };
    let gap_s = stream.between(0.25, 0.6);
    let tones = 2 + stream.below(2);
    let tail_s = stream.between(0.6, 1.8);
    let mut canvas = Canvas::new(count(gap_s * (tones - 1) as f64 + tail_s));
    for i in 0..tones {
        let on_s = if i + 1 == tones {
            tail_s
        } else {
            gap_s * stream.between(0.9, 1.4)
        };
        let fall = 3.0 / on_s;
        let loudness = |t: f64| gate(t, on_s, 0.004) * (-fall * t).exp();
        canvas.add(
            i as f64 * gap_s,
            1.0,
            &tone(count(on_s), &partials, |_| hz, loudness),
        );
        let steps = [3.0, 4.0, 5.0, 7.0][stream.below(4)];
        hz *= SEMITONE.powf(if stream.chance(0.75) { -steps } else { steps });
    }
    canvas.into_samples()
}

/// Four to eight notes: one or two changes of the Westminster quarters, or a tune by chance.
fn tune(stream: &mut Stream) -> Vec<f32> {
    let steps: Vec<f64> = if stream.chance(0.5) {
        let changes = 1 + stream.below(2);
        (0..changes)
            .flat_map(|_| QUARTERS[stream.below(QUARTERS.len())])
            .collect()
    } else {
        (0..4 + stream.below(5))
            .map(|_| SCALE[stream.below(SCALE.len())])
            .collect()
    };
    let lowest_hz = stream.between(330.0, 700.0);
    let beat_s = stream.between(0.22, 0.65);
    let t60_s = beat_s * stream.between(2.0, 5.0);
    let notes: Vec<Vec<f32>> = steps
        .iter()
        .map(|step| struck(&bar(lowest_hz * SEMITONE.powf(*step), t60_s, stream)))
        .collect();
    let mut canvas = Canvas::new(count(beat_s * notes.len() as f64 + t60_s));
    for (i, note) in notes.iter().enumerate() {
        canvas.add(i as f64 * beat_s, stream.between(0.8, 1.0), note);
    }
    canvas.into_samples()
}

/// A hammer that swings fifteen to thirty times a second between one or two small domes.
fn bell(stream: &mut Stream) -> Vec<f32> {
    let hz = stream.between(700.0, 1_900.0);
    let t60_s = stream.between(0.4, 1.4);
    let domes = [
        struck(&modes(hz, &DOME, (stream.between(0.2, 0.9), t60_s), stream)),
        struck(&modes(
            hz * stream.between(0.85, 1.18),
            &DOME,
            (stream.between(0.2, 0.9), t60_s),
            stream,
        )),
    ];
    let two = stream.chance(0.5);
    let (rate_hz, on_s) = (stream.between(15.0, 30.0), stream.between(0.5, 2.2));
    let mut canvas = Canvas::new(count(on_s + t60_s));
    for (stroke, at_s) in strokes(rate_hz, on_s, stream).into_iter().enumerate() {
        let dome = &domes[if two { stroke % 2 } else { 0 }];
        canvas.add(at_s, stream.between(0.7, 1.0), dome);
    }
    canvas.into_samples()
}

/// When a hammer strikes that is not quite steady.
fn strokes(rate_hz: f64, on_s: f64, stream: &mut Stream) -> Vec<f64> {
    let mut strokes = Vec::new();
    let mut at_s = 0.0;
    while at_s < on_s {
        strokes.push(at_s);
        at_s += stream.between(0.93, 1.07) / rate_hz;
    }
    strokes
}

/// An armature on the mains: twice its frequency, coloured by the box.
fn buzzer(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let hz = if stream.chance(0.5) { 100.0 } else { 120.0 };
    let on_s = stream.between(0.4, 1.8);
    let (body_hz, top_hz) = (stream.between(400.0, 1_200.0), stream.between(1_800.0, 4_000.0));
    let resonance = |f: f64, at_hz: f64| 1.0 / (1.0 + (3.0 * (f / at_hz).log2()).powi(2));
    let partials: Vec<Partial> = (1..=150)
        .map(|k| {
            let f = hz * f64::from(k);
            let amplitude =
                (resonance(f, body_hz) + 0.5 * resonance(f, top_hz) + 0.03) * (-f / 2_500.0).exp();
            Partial {
                multiple: f64::from(k),
                amplitude: amplitude * stream.between(0.4, 1.0),
                phase: 0.1 * stream.unit(),
            }
        })
        .collect();
    let n = count(on_s);
    let mut buzz = tone(n, &partials, |_| hz, |t| gate(t, on_s, 0.012));
    let mut rattle = Filter::default();
    let share = amplitude(stream.between(-20.0, -5.0));
    for (t, (x, noise)) in buzz
        .iter_mut()
        .zip(maker.noise.generate(n, WHITE, stream))
        .enumerate()
    {
        let rattle = rattle.step(f64::from(noise), top_hz, 1.5).band;
        *x += kept(share * rattle * gate(length_s(t), on_s, 0.012));
    }
    buzz
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::measure::dominant_hz;

    fn stream(seed: u64) -> Stream {
        StreamKey::new(seed, 0, 0).stream(0)
    }

    #[test]
    fn the_dong_is_about_a_major_third_below_the_ding() {
        for seed in 0..12 {
            let sound = ding_dong(&SoundMaker::default(), &mut stream(seed));
            let upper_hz = dominant_hz(&sound[..count(0.34)]);
            // Late enough for the ding to have faded below the dong.
            let lower_hz = dominant_hz(&sound[count(0.9)..count(1.4)]);
            assert!((390.0..1_210.0).contains(&lower_hz), "seed {seed}: {lower_hz}");
            let semitones = 12.0 * (upper_hz / lower_hz).log2();
            assert!((3.0..5.0).contains(&semitones), "seed {seed}: {semitones}");
        }
    }

    #[test]
    fn a_hammer_strikes_at_its_pace_and_not_quite_steadily() {
        for seed in 0..12 {
            let strokes = strokes(20.0, 2.0, &mut stream(seed));
            assert!(
                (38..=43).contains(&strokes.len()),
                "seed {seed}: {}",
                strokes.len()
            );
            let gaps = || strokes.windows(2).map(|s| s[1] - s[0]);
            assert!(gaps().all(|gap| (0.046..0.054).contains(&gap)), "seed {seed}");
            assert!(gaps().any(|gap| gap < 0.049) && gaps().any(|gap| gap > 0.051));
        }
    }

    #[test]
    fn a_chime_rings_in_the_first_two_seconds() {
        let maker = SoundMaker::default();
        for seed in 0..24 {
            let sound = door_chime(count(4.0), &maker, &mut stream(seed));
            assert!(energy(&sound[..count(2.2)]) > 0.0, "seed {seed}");
        }
    }
}
