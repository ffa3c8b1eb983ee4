//! What beats time.

use super::maker::SoundMaker;
use super::noise::{WHITE, burst};
use super::tone::{Partial, tone};
use super::units::{add, count, kept, length_s, to_peak};
use crate::augment::Stream;

/// Makes one stroke, of a peak of 1.
pub(super) type Drum = fn(&SoundMaker, &mut Stream) -> Vec<f32>;

/// Drums that are struck alone.
pub(super) const DRUMS: [Drum; 4] = [bass_drum, snare_drum, cymbal, tom];

/// A low tone that falls fast, and the knock of the beater.
pub(super) fn bass_drum(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, drop_hz) = (stream.between(40.0, 70.0), stream.between(60.0, 250.0));
    let (drop_s, fall) = (1.0 / stream.between(20.0, 60.0), stream.between(6.0, 18.0));
    let mut stroke = tone(
        count(stream.between(0.2, 0.7)),
        &[Partial::new(1.0, 1.0)],
        |t| hz + drop_hz * (-t / drop_s).exp(),
        |t| (-fall * t).exp(),
    );
    add(
        &mut stroke,
        stream.between(0.1, 0.5),
        &burst(2_500.0, 0.7, 0.02, maker, stream),
    );
    finished(stroke)
}

/// A skin, and wires that rattle below it.
pub(super) fn snare_drum(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, fall) = (stream.between(160.0, 240.0), stream.between(10.0, 30.0));
    let skin = [Partial::new(1.0, 0.6), Partial::new(1.6, 0.36)];
    let mut stroke = tone(count(0.4), &skin, |_| hz, |t| (-25.0 * t).exp());
    let t60_s = 1_000_f64.ln() / fall;
    let wires = burst(stream.between(2_500.0, 5_000.0), 0.5, t60_s, maker, stream);
    add(&mut stroke, stream.between(0.5, 2.0), &wires);
    finished(stroke)
}

/// A hi-hat, closed or open, or a cymbal.
pub(super) fn cymbal(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let t60_s = if stream.chance(0.6) {
        stream.between(0.08, 0.2)
    } else {
        stream.between(0.5, 2.0)
    };
    // Metal swings in ever so many ways at once.
    let metal: Vec<Partial> = (0..40)
        .map(|_| Partial {
            multiple: stream.between(1.0, 5.0),
            amplitude: stream.between(0.2, 1.0),
            phase: stream.unit(),
        })
        .collect();
    let fall = 1_000_f64.ln() / t60_s;
    let mut stroke = tone(
        count(t60_s),
        &metal,
        |_| 3_000.0,
        |t| (-fall * t).exp() * (1.0 - t / t60_s),
    );
    to_peak(&mut stroke, 1.0);
    let hz = stream.between(6_000.0, 11_000.0);
    add(
        &mut stroke,
        stream.between(0.5, 3.0),
        &burst(hz, 0.8, t60_s, maker, stream),
    );
    finished(stroke)
}

/// A drum that is tuned higher than the bass drum.
pub(super) fn tom(maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let hz = stream.between(80.0, 200.0);
    let skin = [
        Partial::new(1.0, 1.0),
        Partial::new(1.59, stream.between(0.1, 0.4)),
    ];
    let mut stroke = tone(
        count(0.6),
        &skin,
        |t| hz * (1.0 + 0.5 * (-t / 0.05).exp()),
        |t| (-9.0 * t).exp(),
    );
    let stick = maker.noise.generate(count(0.05), WHITE, stream);
    for (t, (x, stick)) in stroke.iter_mut().zip(stick).enumerate() {
        *x += kept(0.05 * (-60.0 * length_s(t)).exp()) * stick;
    }
    finished(stroke)
}

fn finished(mut stroke: Vec<f32>) -> Vec<f32> {
    to_peak(&mut stroke, 1.0);
    stroke
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::measure::dominant_hz;
    use crate::sounds::units::peak;

    fn strokes(drum: Drum) -> impl Iterator<Item = Vec<f32>> {
        (0..12).map(move |seed| drum(&SoundMaker::default(), &mut StreamKey::new(seed, 0, 0).stream(0)))
    }

    #[test]
    fn every_stroke_is_loud_at_once_and_dies_away() {
        for (i, drum) in DRUMS.iter().enumerate() {
            for stroke in strokes(*drum) {
                assert!((peak(&stroke) - 1.0).abs() < 1e-3, "drum {i}");
                let third = stroke.len() / 3;
                let (first, last) = (energy(&stroke[..third]), energy(&stroke[2 * third..]));
                assert!(last < 0.1 * first, "drum {i}: {last} of {first}");
            }
        }
    }

    #[test]
    fn a_bass_drum_is_low_and_a_cymbal_high() {
        assert!(strokes(bass_drum).all(|stroke| dominant_hz(&stroke) < 200.0));
        assert!(strokes(cymbal).all(|stroke| dominant_hz(&stroke) > 2_900.0));
    }
}
