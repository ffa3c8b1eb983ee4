//! Alarms: a sounder and a cadence.

use super::alarm_voice::AlarmVoice;
use super::cadence::Cadence;
use super::canvas::Canvas;
use crate::augment::Stream;

/// In sounds shorter than this, pulses stand at the start, lest nothing but the pause be heard.
const ANYWHERE_FROM_S: f64 = 3.0;

/// A smoke alarm that has been going on for some time.
pub(super) fn smoke_alarm(n: usize, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let cadence = Cadence::TEMPORAL_THREE.varied(stream);
    let voice = AlarmVoice::draw(stream);
    let latest_s = if canvas.length_s() < ANYWHERE_FROM_S {
        cadence.group_s() - cadence.on_s
    } else {
        cadence.period_s()
    };
    let group_at_s = -stream.between(0.0, latest_s);
    lay(&mut canvas, &voice, &cadence, group_at_s, stream);
    canvas.into_samples()
}

/// A carbon monoxide alarm; from 2 s on at least one group is heard whole.
pub(super) fn co_alarm(n: usize, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let cadence = Cadence::TEMPORAL_FOUR.varied(stream);
    let voice = AlarmVoice::draw(stream);
    // A hundredth more for pulses that are unsteady.
    let room_s = canvas.length_s() - 1.01 * cadence.group_s();
    let group_at_s = stream.between(0.0, room_s.clamp(0.0, cadence.period_s()));
    lay(&mut canvas, &voice, &cadence, group_at_s, stream);
    canvas.into_samples()
}

fn lay(canvas: &mut Canvas, voice: &AlarmVoice, cadence: &Cadence, group_at_s: f64, stream: &mut Stream) {
    for onset_s in cadence.onsets(group_at_s, canvas.length_s()) {
        let on_s = cadence.on_s * stream.between(0.995, 1.005);
        canvas.add(onset_s, 1.0, &voice.pulse(onset_s, on_s));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::{Pulse, dominant_hz, pulses};
    use crate::sounds::units::count;

    const SEEDS: u64 = 24;

    fn made(make: fn(usize, &mut Stream) -> Vec<f32>, seed: u64, seconds: f64) -> Vec<f32> {
        make(count(seconds), &mut StreamKey::new(seed, 0, 0).stream(0))
    }

    /// The pulses that neither end of the sound cuts.
    fn whole(pulses: &[Pulse], length_s: f64) -> Vec<Pulse> {
        let inside = |p: &&Pulse| p.onset_s > 0.01 && p.offset_s < length_s - 0.01;
        pulses.iter().filter(inside).copied().collect()
    }

    fn assert_within(value: f64, nominal: f64, seed: u64) {
        let error = (value / nominal - 1.0).abs();
        // The envelope has frames of 2 ms, and soft edges hide up to 3 ms at each end.
        assert!(
            error < 0.1 + 0.008 / nominal,
            "seed {seed}: {value} for {nominal}"
        );
    }

    #[test]
    fn a_smoke_alarm_keeps_the_times_of_the_temporal_three() {
        for seed in 0..SEEDS {
            let heard = pulses(&made(smoke_alarm, seed, 12.0));
            let whole = whole(&heard, 12.0);
            assert!((6..=10).contains(&whole.len()), "seed {seed}: {whole:?}");
            for pulse in &whole {
                assert_within(pulse.offset_s - pulse.onset_s, 0.5, seed);
            }
            let gaps: Vec<f64> = whole.windows(2).map(|p| p[1].onset_s - p[0].offset_s).collect();
            let is_pause = |gap: &f64| *gap > 1.0;
            assert!((1..=3).contains(&gaps.iter().filter(|g| is_pause(g)).count()));
            for gap in &gaps {
                assert_within(*gap, if is_pause(gap) { 1.5 } else { 0.5 }, seed);
            }
            // Between two pauses there are two gaps: three pulses.
            let between: Vec<usize> = gaps.split(is_pause).map(<[f64]>::len).collect();
            let inner = between.len().saturating_sub(2);
            assert!(between.iter().skip(1).take(inner).all(|n| *n == 2), "{gaps:?}");
        }
    }

    #[test]
    fn a_carbon_monoxide_alarm_has_a_whole_group_of_four_from_two_seconds_on() {
        for seed in 0..SEEDS {
            for length_s in [2.0, 6.0, 14.0] {
                let heard = pulses(&made(co_alarm, seed, length_s));
                let groups: Vec<&[Pulse]> = heard
                    .chunk_by(|a, b| b.onset_s - a.offset_s < 1.0)
                    .filter(|group| group.len() == 4)
                    .collect();
                assert!(!groups.is_empty(), "seed {seed}, {length_s} s: {heard:?}");
                for group in &groups {
                    for pulse in *group {
                        assert_within(pulse.offset_s - pulse.onset_s, 0.1, seed);
                    }
                    for pair in group.windows(2) {
                        assert_within(pair[1].onset_s - pair[0].offset_s, 0.1, seed);
                    }
                }
                for pair in groups.windows(2) {
                    assert_within(pair[1][0].onset_s - pair[0][3].offset_s, 5.0, seed);
                }
            }
        }
    }

    #[test]
    fn alarms_have_the_pitch_of_a_piezo_disc_or_520_hz() {
        for make in [smoke_alarm, co_alarm] {
            let pitches: Vec<f64> = (0..SEEDS)
                .map(|seed| dominant_hz(&made(make, seed, 6.0)))
                .collect();
            let is_low = |hz: &f64| (505.0..535.0).contains(hz);
            let is_high = |hz: &f64| (2_800.0..3_500.0).contains(hz);
            assert!(pitches.iter().all(|hz| is_low(hz) || is_high(hz)), "{pitches:?}");
            let low = pitches.iter().filter(|hz| is_low(hz)).count();
            assert!((1..=12).contains(&low), "{pitches:?}");
        }
    }

    #[test]
    fn a_short_sound_of_an_alarm_is_not_its_pause() {
        for seed in 0..SEEDS {
            for make in [smoke_alarm, co_alarm] {
                assert!(!pulses(&made(make, seed, 1.0)).is_empty(), "seed {seed}");
            }
        }
    }
}
