//! The tones of a telephone (ITU-T E.180 and Q.23).

use super::canvas::Canvas;
use super::tone::{Partial, gate, tone};
use super::units::count;
use crate::augment::Stream;

/// Pitches of the columns and rows of a keypad.
const COLUMNS_HZ: [f64; 3] = [1_209.0, 1_336.0, 1_477.0];
const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];

/// Two tones at once that begin at a time, for a time.
fn pair(canvas: &mut Canvas, at_s: f64, on_s: f64, (low_hz, high_hz): (f64, f64)) {
    let partials = [Partial::new(1.0, 0.5), Partial::new(high_hz / low_hz, 0.5)];
    let sound = tone(count(on_s), &partials, |_| low_hz, |t| gate(t, on_s, 0.004));
    canvas.add(at_s, 1.0, &sound);
}

/// The receiver is off the hook; in the middle somebody may begin to dial.
pub(super) fn dial_tone(canvas: &mut Canvas, stream: &mut Stream) {
    let pitches = if stream.chance(0.5) {
        (350.0, 440.0)
    } else {
        (425.0, 425.0)
    };
    let length_s = canvas.length_s();
    let from_s = if stream.chance(0.5) {
        -1.0
    } else {
        stream.between(0.0, 0.3 * length_s)
    };
    let dials = stream.chance(0.4);
    let to_s = if dials {
        stream.between(0.4, 0.8) * length_s
    } else {
        length_s + 1.0
    };
    pair(canvas, from_s, to_s - from_s, pitches);
    if dials {
        digits(canvas, to_s + 0.1, stream);
    }
}

/// Busy: half a second on and off.
pub(super) fn busy_tone(canvas: &mut Canvas, stream: &mut Stream) {
    let pitches = if stream.chance(0.5) {
        (480.0, 620.0)
    } else {
        (425.0, 425.0)
    };
    // Some networks tell "no line free" at twice the pace.
    let on_s = if stream.chance(0.25) {
        0.25
    } else {
        stream.between(0.4, 0.5)
    };
    let mut at_s = -stream.between(0.0, on_s);
    while at_s < canvas.length_s() {
        pair(canvas, at_s, on_s, pitches);
        at_s += 2.0 * on_s;
    }
}

/// Somebody dials.
pub(super) fn dialling(canvas: &mut Canvas, stream: &mut Stream) {
    let mut at_s = stream.between(0.0, 0.5);
    while at_s < canvas.length_s() {
        at_s = digits(canvas, at_s, stream) + stream.between(2.0, 6.0);
    }
}

/// A number of four to eleven digits; returns when it ends.
fn digits(canvas: &mut Canvas, mut at_s: f64, stream: &mut Stream) -> f64 {
    let on_s = stream.between(0.07, 0.25);
    for _ in 0..4 + stream.below(8) {
        let (row, column) = (stream.below(ROWS_HZ.len()), stream.below(COLUMNS_HZ.len()));
        pair(canvas, at_s, on_s, (ROWS_HZ[row], COLUMNS_HZ[column]));
        at_s += on_s + stream.between(0.05, 0.4);
    }
    at_s
}
