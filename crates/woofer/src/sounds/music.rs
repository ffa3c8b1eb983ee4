//! Music, from a single note to a band.

use super::canvas::Canvas;
use super::drum::{DRUMS, bass_drum, cymbal, snare_drum};
use super::instrument::Instrument;
use super::maker::SoundMaker;
use super::tone::SEMITONE;
use super::units::count;
use crate::augment::Stream;

/// Steps of a scale in semitones: major and minor.
const SCALES: [[f64; 7]; 2] = [
    [0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0],
    [0.0, 2.0, 3.0, 5.0, 7.0, 8.0, 10.0],
];

/// Chords of a piece: semitones of the lowest note above the key, and of the middle note above the lowest.
const CHORDS: [(f64, f64); 6] = [
    (0.0, 4.0),
    (2.0, 3.0),
    (4.0, 3.0),
    (5.0, 4.0),
    (7.0, 4.0),
    (9.0, 3.0),
];

/// Sixteenths of a bar.
const SIXTEENTHS: usize = 16;

/// One of four ways to make music, several times with a pause where there is time.
pub(super) fn music(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let mut at_s = stream.between(0.0, 0.3);
    while at_s < canvas.length_s() {
        let whole_s = stream.between(2.5, 8.0);
        let played = match stream.below(4) {
            0 => notes(whole_s, maker, stream),
            1 => tune(whole_s, maker, stream),
            2 => beat(whole_s, maker, stream),
            _ => piece(whole_s, maker, stream),
        };
        canvas.add(at_s, stream.between(0.5, 1.0), &played);
        at_s += whole_s + stream.between(0.2, 2.0);
    }
    canvas.into_samples()
}

/// One to three notes of one instrument, or strokes of one drum, as somebody tries it.
fn notes(whole_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(whole_s));
    let mut at_s = 0.0;
    let played = 1 + stream.below(3);
    if stream.chance(0.3) {
        let drum = DRUMS[stream.below(DRUMS.len())];
        for _ in 0..played {
            canvas.add(at_s, 1.0, &drum(maker, stream));
            at_s += stream.between(0.3, 1.2);
        }
        return canvas.into_samples();
    }
    let instrument = Instrument::ALL[stream.below(Instrument::ALL.len())];
    let (lowest_hz, highest_hz) = instrument.range_hz();
    for _ in 0..played {
        let hz = lowest_hz * (highest_hz / lowest_hz).powf(stream.unit());
        let held_s = stream.between(0.4, 3.0);
        canvas.add(at_s, 1.0, &instrument.note(hz, held_s, maker, stream));
        at_s += stream.between(0.5, 1.0) * held_s;
    }
    canvas.into_samples()
}

/// A line that mostly goes step by step through a scale.
fn tune(whole_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(whole_s));
    let instrument = Instrument::ALL[stream.below(Instrument::ALL.len())];
    let (lowest_hz, highest_hz) = instrument.range_hz();
    let key_hz = lowest_hz * 3.0_f64.powf(stream.unit());
    let scale = SCALES[stream.below(SCALES.len())];
    let beat_s = stream.between(0.15, 0.6);
    let mut step = stream.below(5);
    let mut at_s = 0.0;
    while at_s < whole_s {
        step = (step + stream.below(5))
            .saturating_sub(2)
            .min(2 * scale.len() - 1);
        let octave = if step >= scale.len() { 12.0 } else { 0.0 };
        let hz = key_hz * SEMITONE.powf(scale[step % scale.len()] + octave);
        let held_s = beat_s * [0.5, 1.0, 1.0, 2.0][stream.below(4)];
        if hz <= highest_hz && (at_s <= 0.0 || stream.chance(0.9)) {
            let note = instrument.note(hz, held_s * stream.between(0.8, 1.6), maker, stream);
            canvas.add(at_s, stream.between(0.5, 1.0), &note);
        }
        at_s += held_s;
    }
    canvas.into_samples()
}

/// Drums that repeat a bar.
fn beat(whole_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(whole_s));
    let sixteenth_s = stream.between(0.1, 0.2);
    let strokes = [bass_drum, snare_drum, cymbal].map(|drum| drum(maker, stream));
    let busy = stream.between(0.4, 0.9);
    let bar: Vec<[bool; 3]> = (0..SIXTEENTHS)
        .map(|at| {
            let low = at == 0 || stream.chance(0.25);
            [low, at % 8 == 4, stream.chance(busy)]
        })
        .collect();
    let mut at_s = 0.0;
    for hits in bar.iter().cycle() {
        if at_s >= whole_s {
            break;
        }
        for ((stroke, hit), loudness) in strokes.iter().zip(hits).zip([1.0, 0.8, 0.4]) {
            if *hit {
                canvas.add(at_s, loudness * stream.between(0.8, 1.0), stroke);
            }
        }
        at_s += sixteenth_s;
    }
    canvas.into_samples()
}

/// Chords of four changes with a tune above them, perhaps with drums.
fn piece(whole_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(count(whole_s));
    let [below, above] = [(); 2].map(|()| Instrument::CHORDS[stream.below(Instrument::CHORDS.len())]);
    let key_hz = stream.between(90.0, 200.0);
    let beat_s = stream.between(0.35, 0.8);
    let changes = [(); 4].map(|()| CHORDS[stream.below(CHORDS.len())]);
    let has_drums = stream.chance(0.5);
    let mut at_s = 0.0;
    for (lowest, third) in changes.into_iter().cycle() {
        if at_s >= whole_s {
            break;
        }
        let lowest_hz = key_hz * SEMITONE.powf(lowest);
        for step in [0.0, third, 7.0] {
            let note = below.note(lowest_hz * SEMITONE.powf(step), 2.0 * beat_s, maker, stream);
            canvas.add(at_s, 0.25, &note);
        }
        for beat in [at_s, at_s + beat_s] {
            if stream.chance(0.7) {
                let step = [12.0, 12.0 + third, 19.0, 24.0][stream.below(4)];
                let note = above.note(lowest_hz * SEMITONE.powf(step), 0.9 * beat_s, maker, stream);
                canvas.add(beat, 0.5, &note);
            }
        }
        if has_drums {
            canvas.add(at_s, 0.5, &bass_drum(maker, stream));
            canvas.add(at_s + beat_s, 0.3, &cymbal(maker, stream));
        }
        at_s += 2.0 * beat_s;
    }
    canvas.into_samples()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::units::peak;

    #[test]
    fn music_of_any_length_begins_soon_and_goes_on() {
        let maker = SoundMaker::default();
        for seed in 0..12 {
            let samples = music(count(30.0), &maker, &mut StreamKey::new(seed, 0, 0).stream(0));
            assert!(energy(&samples[..count(0.5)]) > 0.0, "seed {seed}");
            let mut tens = samples.chunks(count(10.0)).map(energy);
            assert!(tens.all(|energy| energy > 0.0), "seed {seed}");
            assert!(
                samples.iter().all(|x| x.is_finite()) && peak(&samples) < 8.0,
                "seed {seed}"
            );
        }
    }

    #[test]
    fn a_beat_repeats_its_bar() {
        let maker = SoundMaker::default();
        for seed in 0..6 {
            let stream = &mut StreamKey::new(seed, 0, 0).stream(0);
            let samples = beat(7.0, &maker, stream);
            // Loudness in 10 ms.
            let loudness: Vec<f64> = samples.chunks(count(0.01)).map(|f| energy(f).sqrt()).collect();
            let alike = |bar: usize| {
                let pairs = || loudness.iter().zip(loudness.iter().skip(bar));
                let product: f64 = pairs().map(|(x, y)| x * y).sum();
                let (x, y): (f64, f64) = (pairs().map(|p| p.0 * p.0).sum(), pairs().map(|p| p.1 * p.1).sum());
                product / (x * y).sqrt()
            };
            let best = (160..=320).map(alike).fold(0.0, f64::max);
            assert!(best > 0.8, "seed {seed}: {best}");
        }
    }
}
