use super::tone::{Partial, Wander, tone};
use super::units::{amplitude, length_s};
use crate::augment::Stream;

/// Mains hum of 50 or 60 Hz.
///
/// Iron is pulled twice a cycle, so that transformers are loudest at the even partials; lamps and dimmers switch, so
/// that their buzz reaches high up.
pub(super) fn hum(n: usize, stream: &mut Stream) -> Vec<f32> {
    let mains_hz = if stream.chance(0.5) { 50.0 } else { 60.0 };
    let buzzes = stream.chance(0.4);
    let count = if buzzes { 40 } else { 12 };
    let fall = if buzzes {
        stream.between(0.3, 1.0)
    } else {
        stream.between(1.0, 2.2)
    };
    let odd = amplitude(stream.between(-30.0, 3.0));
    let partials: Vec<Partial> = (1..=count)
        .map(|k| Partial {
            multiple: f64::from(k),
            amplitude: f64::from(k).powf(-fall)
                * if k % 2 == 0 { 1.0 } else { odd }
                * amplitude(stream.between(-9.0, 3.0)),
            // A buzz is a train of pulses; in a hum nothing stands together.
            phase: if buzzes { 0.0 } else { stream.unit() },
        })
        .collect();
    // Networks hold their frequency to about a tenth of a hertz.
    let pitch = Wander::new(0.001, 0.05, stream);
    let swell = Wander::new(stream.between(0.0, 0.25), 0.3, stream);
    let begins_s = if stream.chance(0.15) {
        stream.between(0.0, 0.5 * length_s(n))
    } else {
        0.0
    };
    let switched = |t: f64| {
        if begins_s > 0.0 {
            ((t - begins_s) / 0.01).clamp(0.0, 1.0)
        } else {
            1.0
        }
    };
    tone(
        n,
        &partials,
        |t| mains_hz * pitch.at(t),
        |t| swell.at(t) * switched(t),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::power;

    #[test]
    fn a_hum_lies_on_the_multiples_of_its_mains() {
        for seed in 0..12 {
            let (power, width_hz) = power(&hum(128_000, &mut StreamKey::new(seed, 0, 0).stream(0)));
            let share = |mains_hz: f64| {
                let near = |bin: usize| {
                    let multiple = bin as f64 * width_hz / mains_hz;
                    (multiple - multiple.round()).abs() * mains_hz < 4.0
                };
                let on: f64 = power
                    .iter()
                    .enumerate()
                    .filter(|(bin, _)| near(*bin))
                    .map(|b| b.1)
                    .sum();
                on / power.iter().sum::<f64>()
            };
            assert!(share(50.0).max(share(60.0)) > 0.95, "seed {seed}");
        }
    }
}
