//! Instruments that play notes.

use std::f64::consts::{PI, TAU};

use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::WHITE;
use super::struck::{Mode, struck};
use super::tone::{HIGHEST_HZ, Partial, Wander, tone};
use super::units::{add, amplitude, count, kept, length_s, to_peak};
use crate::augment::Stream;

/// Partials of a bowed string or a horn: beyond, they are fainter than its noise.
const PARTIALS: u32 = 40;

/// What a tune is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    /// A guitar, a harp, a double bass with the finger.
    Plucked,
    /// Violin to double bass.
    Bowed,
    /// A clarinet: its odd partials are the louder ones.
    Clarinet,
    /// A saxophone or an oboe.
    Saxophone,
    /// A flute or a recorder.
    Flute,
    /// A trumpet, a horn, a trombone: the louder, the brighter.
    Brass,
    /// A piano.
    Piano,
    /// An organ.
    Organ,
}

impl Instrument {
    pub const ALL: [Self; 8] = [
        Self::Plucked,
        Self::Bowed,
        Self::Clarinet,
        Self::Saxophone,
        Self::Flute,
        Self::Brass,
        Self::Piano,
        Self::Organ,
    ];

    /// Those that play several notes at once.
    pub const CHORDS: [Self; 5] = [Self::Plucked, Self::Bowed, Self::Brass, Self::Piano, Self::Organ];

    /// Lowest and highest note in hertz.
    pub const fn range_hz(self) -> (f64, f64) {
        match self {
            Self::Plucked => (41.0, 500.0),
            Self::Bowed => (41.0, 1_000.0),
            Self::Clarinet => (150.0, 1_000.0),
            Self::Saxophone => (110.0, 700.0),
            Self::Flute => (260.0, 1_600.0),
            Self::Brass => (80.0, 700.0),
            Self::Piano => (50.0, 1_200.0),
            Self::Organ => (80.0, 800.0),
        }
    }

    /// A note of a peak of 1 that is held for so long; what rings on is part of it.
    pub fn note(self, hz: f64, held_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
        let mut note = match self {
            Self::Plucked => plucked(hz, held_s, maker, stream),
            Self::Bowed => bowed(hz, held_s, maker, stream),
            Self::Clarinet => reed(hz, held_s, Some(9), maker, stream),
            Self::Saxophone => reed(hz, held_s, None, maker, stream),
            Self::Flute => flute(hz, held_s, maker, stream),
            Self::Brass => brass(hz, held_s, stream),
            Self::Piano => piano(hz, held_s, maker, stream),
            Self::Organ => organ(hz, held_s, stream),
        };
        to_peak(&mut note, 1.0);
        note
    }
}

/// K. Karplus and A. Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music Journal 7 (1983).
fn plucked(hz: f64, held_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    // The loop holds whole samples, so that a string is out of tune by up to half a sample, as strings are.
    let period = count(1.0 / hz).max(2);
    let excitation = maker.noise.generate(period, WHITE, stream);
    let picked_at = count(stream.between(0.08, 0.45) / hz);
    let kept_a_cycle = 1_000_f64.powf(-1.0 / (hz * stream.between(0.8, 4.0)));
    let blunt = stream.between(0.4, 0.55);
    let mut string: Vec<f64> = (0..period)
        // A string does not swing in the partials that are at rest where it is picked.
        .map(|t| f64::from(excitation[t]) - f64::from(excitation[(t + picked_at) % period]))
        .collect();
    let mut before = 0.0;
    let swung = (0..count(held_s)).map(|t| {
        let x = string[t % period];
        string[t % period] = kept_a_cycle * ((1.0 - blunt) * x + blunt * before);
        before = x;
        kept(x)
    });
    let mut note: Vec<f32> = swung.collect();
    shape(&mut note, held_s, 0.000_5, 0.05);
    note
}

fn bowed(hz: f64, held_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let body = body(6, (200.0, 5_000.0), stream);
    let fall = stream.between(0.9, 1.3);
    let partials = partials(hz, stream, |k| k.powf(-fall) * body(k * hz));
    let vibrato = [0.0, stream.between(0.002, 0.008)][stream.below(2)];
    let (rise_s, fall_s) = (stream.between(0.03, 0.25), stream.between(0.05, 0.3));
    let mut note = sung(hz, held_s, &partials, vibrato, stream);
    add_breath(
        &mut note,
        (3_000.0, 0.7),
        stream.between(-44.0, -24.0),
        maker,
        stream,
    );
    shape(&mut note, held_s, rise_s, fall_s);
    note
}

/// A reed on a pipe; one that is closed at one end is faint in its even partials up to `closed_until`.
fn reed(
    hz: f64,
    held_s: f64,
    closed_until: Option<u32>,
    maker: &SoundMaker,
    stream: &mut Stream,
) -> Vec<f32> {
    let body = body(3, (500.0, 4_000.0), stream);
    let fall = stream.between(0.8, 1.6);
    let closed_until = f64::from(closed_until.unwrap_or(0));
    let partials = partials(hz, stream, |k| {
        let faint = k <= closed_until && k % 2.0 < 0.5;
        k.powf(-fall) * body(k * hz) * if faint { 0.08 } else { 1.0 }
    });
    let vibrato = [0.0, 0.003, 0.006][stream.below(3)];
    let mut note = sung(hz, held_s, &partials, vibrato, stream);
    add_breath(
        &mut note,
        (2_000.0, 0.5),
        stream.between(-44.0, -34.0),
        maker,
        stream,
    );
    shape(
        &mut note,
        held_s,
        stream.between(0.02, 0.08),
        stream.between(0.03, 0.15),
    );
    note
}

fn flute(hz: f64, held_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let second = stream.between(0.1, 0.7);
    let third = stream.between(0.02, 0.3);
    let partials = [
        Partial::new(1.0, 1.0),
        Partial::new(2.0, second),
        Partial::new(3.0, third),
        Partial::new(4.0, stream.between(0.01, 0.1)),
        Partial::new(5.0, 0.02),
    ];
    let mut note = sung(hz, held_s, &partials, stream.between(0.0, 0.006), stream);
    let swell = Wander::new(stream.between(0.0, 0.2), 5.0, stream);
    for (t, x) in note.iter_mut().enumerate() {
        *x *= kept(swell.at(length_s(t)));
    }
    add_breath(
        &mut note,
        (2.0 * hz, 0.6),
        stream.between(-32.0, -14.0),
        maker,
        stream,
    );
    shape(
        &mut note,
        held_s,
        stream.between(0.03, 0.12),
        stream.between(0.04, 0.15),
    );
    note
}

fn brass(hz: f64, held_s: f64, stream: &mut Stream) -> Vec<f32> {
    let bright = stream.between(0.75, 0.92);
    let dull = partials(hz, stream, |k| 0.5_f64.powf(k - 1.0));
    let full = partials(hz, stream, |k| bright.powf(k - 1.0));
    let vibrato = [0.0, 0.004][stream.below(2)];
    let (rise_s, fall_s) = (stream.between(0.03, 0.1), stream.between(0.05, 0.15));
    let mut note = sung(hz, held_s, &dull, vibrato, stream);
    to_peak(&mut note, 1.0);
    let mut loud = sung(hz, held_s, &full, vibrato, stream);
    to_peak(&mut loud, stream.between(0.5, 1.5));
    // The upper partials come last and go first.
    shape(&mut loud, held_s, 2.0 * rise_s, 1.5 * fall_s);
    add(&mut note, 1.0, &loud);
    shape(&mut note, held_s, rise_s, fall_s);
    note
}

/// A stiff string that a hammer strikes: its partials lie wider than whole multiples (N. H. Fletcher and T. D. Rossing,
/// "The Physics of Musical Instruments", section 12.3), two strings a note.
fn piano(hz: f64, held_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let stiffness = stream.between(1e-4, 8e-4);
    let t60_s = stream.between(1.5, 5.0) * (220.0 / hz).powf(0.4);
    let struck_at = stream.between(0.1, 0.15);
    let (fall, soft_hz) = (stream.between(0.6, 1.2), stream.between(2_500.0, 6_000.0));
    let second = 1.0 + stream.between(0.2, 0.8) / hz * 0.5;
    let strings = (1..30).map(f64::from).flat_map(|k| {
        let own_hz = k * hz * (1.0 + stiffness * k * k).sqrt();
        let mode = |hz: f64| Mode {
            hz,
            amplitude: (PI * k * struck_at).sin().abs() * k.powf(-fall) * (-own_hz / soft_hz).exp(),
            t60_s: t60_s / (1.0 + 0.25 * k.powf(0.8)),
        };
        [mode(own_hz), mode(own_hz * second)]
    });
    let mut note = struck(&strings.collect::<Vec<_>>());
    to_peak(&mut note, 1.0);
    note.truncate(count(held_s));
    let knock = maker.noise.generate(count(0.03), WHITE, stream);
    for (t, (x, knock)) in note.iter_mut().zip(knock).enumerate() {
        *x += kept(0.05 * (-200.0 * length_s(t)).exp()) * knock;
    }
    let held_s = length_s(note.len());
    shape(&mut note, held_s, 0.001, 0.05);
    note
}

fn organ(hz: f64, held_s: f64, stream: &mut Stream) -> Vec<f32> {
    let stops = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0];
    let partials = stops.map(|multiple| Partial {
        multiple,
        amplitude: stream.between(0.1, 1.0),
        phase: stream.unit(),
    });
    let mut note = sung(hz, held_s, &partials, 0.002, stream);
    shape(&mut note, held_s, 0.02, 0.06);
    note
}

/// Whole multiples, each as loud as told by its number.
fn partials(hz: f64, stream: &mut Stream, loudness: impl Fn(f64) -> f64) -> Vec<Partial> {
    let below_half_rate = |k: &f64| k * hz < HIGHEST_HZ;
    let numbers = (1..=PARTIALS).map(f64::from).take_while(below_half_rate);
    numbers
        .map(|k| Partial {
            multiple: k,
            amplitude: loudness(k),
            phase: stream.unit(),
        })
        .collect()
}

/// A tone that is never quite steady and trembles five to six times a second after a while.
fn sung(hz: f64, held_s: f64, partials: &[Partial], vibrato: f64, stream: &mut Stream) -> Vec<f32> {
    let unsteady = Wander::new(0.002, 2.0, stream);
    let rate_hz = stream.between(5.0, 6.2);
    let pitch = |t: f64| {
        let depth = vibrato * ((t - 0.25) / 0.3).clamp(0.0, 1.0);
        hz * unsteady.at(t) * (1.0 + depth * (TAU * rate_hz * t).sin())
    };
    tone(count(held_s), partials, pitch, |_| 1.0)
}

/// What a wooden body or a pipe makes louder: so many resonances of 3 to 12 dB.
fn body(
    resonances: usize,
    (lowest_hz, highest_hz): (f64, f64),
    stream: &mut Stream,
) -> impl Fn(f64) -> f64 + use<> {
    let resonances: Vec<(f64, f64, f64)> = (0..resonances)
        .map(|_| {
            let at_hz = lowest_hz * (highest_hz / lowest_hz).powf(stream.unit());
            (at_hz, stream.between(3.0, 12.0), stream.between(0.15, 0.4))
        })
        .collect();
    move |hz| {
        let db = |(at_hz, db, width): &(f64, f64, f64)| db * (-((hz / at_hz).ln() / width).powi(2)).exp();
        amplitude(resonances.iter().map(db).sum())
    }
}

/// Adds the noise of a bow or of breath, so many decibels below the tone's peak, around a pitch; `q` tells how narrow it is.
fn add_breath(note: &mut [f32], (hz, q): (f64, f64), db: f64, maker: &SoundMaker, stream: &mut Stream) {
    to_peak(note, 1.0);
    let mut filter = Filter::default();
    let share = amplitude(db);
    let noise = maker.noise.generate(note.len(), WHITE, stream);
    for (x, noise) in note.iter_mut().zip(noise) {
        *x += kept(share * filter.step(f64::from(noise), hz, q).band);
    }
}

/// Lets a note come up and end within so many seconds.
fn shape(note: &mut [f32], held_s: f64, rise_s: f64, fall_s: f64) {
    for (t, x) in note.iter_mut().enumerate() {
        let time_s = length_s(t);
        let risen = (time_s / rise_s).min(1.0);
        let left = ((held_s - time_s) / fall_s).clamp(0.0, 1.0);
        *x *= kept(risen * left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::measure::power;
    use crate::sounds::units::peak;

    fn note(instrument: Instrument, hz: f64, seed: u64) -> Vec<f32> {
        let stream = &mut StreamKey::new(seed, 0, 0).stream(0);
        instrument.note(hz, 1.0, &SoundMaker::default(), stream)
    }

    /// The share of even multiples of a pitch in the power that lies near whole multiples.
    fn share_of_even(samples: &[f32], hz: f64) -> f64 {
        let (power, width_hz) = power(samples);
        let (mut all, mut even) = (0.0, 0.0);
        for (bin, power) in power.iter().enumerate() {
            let multiple = bin as f64 * width_hz / hz;
            if multiple > 0.5 && (multiple - multiple.round()).abs() < 0.03 {
                all += power;
                if multiple.round() % 2.0 < 0.5 {
                    even += power;
                }
            }
        }
        even / all
    }

    /// How alike a sound and itself some seconds later are, at most 1.
    fn alike(samples: &[f32], later_s: f64) -> f64 {
        let product = |x: &[f32], y: &[f32]| -> f64 {
            x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
        };
        let at = |later: usize| {
            let (first, second) = (&samples[..samples.len() - later], &samples[later..]);
            product(first, second) / (product(first, first) * product(second, second)).sqrt()
        };
        let later = count(later_s);
        at(later - 1).max(at(later)).max(at(later + 1))
    }

    #[test]
    fn a_note_has_its_pitch() {
        for instrument in Instrument::ALL {
            let (lowest, highest) = instrument.range_hz();
            for (seed, hz) in (0..8).zip([1.1 * lowest, (lowest * highest).sqrt()].into_iter().cycle()) {
                let note = note(instrument, hz, seed);
                let (period, half) = (alike(&note, 1.0 / hz), alike(&note, 0.5 / hz));
                assert!(
                    period > 0.8 && period > half,
                    "{instrument:?} at {hz} Hz, seed {seed}: {period}, {half}"
                );
            }
        }
    }

    #[test]
    fn a_clarinet_is_faint_in_its_even_partials() {
        for seed in 0..8 {
            let [of_clarinet, of_saxophone] = [Instrument::Clarinet, Instrument::Saxophone]
                .map(|instrument| share_of_even(&note(instrument, 200.0, seed), 200.0));
            assert!(of_clarinet < 0.1 && of_saxophone > of_clarinet, "seed {seed}");
        }
    }

    #[test]
    fn strings_that_are_let_go_fade_and_others_are_held() {
        for instrument in Instrument::ALL {
            for seed in 0..6 {
                let note = note(instrument, 200.0, seed);
                let [early, late] = [0.15, 0.6].map(|at| energy(&note[count(at)..count(at + 0.15)]));
                let fades = matches!(instrument, Instrument::Plucked | Instrument::Piano);
                let fell_db = 10.0 * (early / late).log10();
                assert_eq!(fades, fell_db > 2.5, "{instrument:?}, seed {seed}: {fell_db} dB");
            }
        }
    }

    #[test]
    fn notes_are_loud_finite_and_end_in_silence() {
        for instrument in Instrument::ALL {
            for (seed, held_s) in (0..8).zip([0.05, 0.3, 1.5, 0.0].into_iter().cycle()) {
                let stream = &mut StreamKey::new(seed, 1, 0).stream(0);
                let (lowest, highest) = instrument.range_hz();
                let hz = stream.between(lowest, highest);
                let note = instrument.note(hz, held_s, &SoundMaker::default(), stream);
                assert!(note.len() <= count(held_s), "{instrument:?}");
                assert!(note.iter().all(|x| x.is_finite()), "{instrument:?}");
                if held_s > 0.0 {
                    assert!((peak(&note) - 1.0).abs() < 1e-3, "{instrument:?}");
                    let last = f64::from(note.last().copied().unwrap_or_default());
                    assert!(last.abs() < 0.02, "{instrument:?}: {last}");
                }
            }
        }
    }
}
