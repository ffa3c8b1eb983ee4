use super::canvas::Canvas;
use super::filter::Filter;
use super::maker::SoundMaker;
use super::noise::{WHITE, add_noise};
use super::tone::{Partial, Wander, tone};
use super::units::{add, amplitude, count, kept, length_s, to_rms};
use crate::augment::Stream;

/// Water that runs: a tap, a shower, rain at a window, a vessel that fills.
///
/// It hisses where it breaks up, and each bubble rings for a moment.
pub(super) fn water(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut samples = hiss(n, maker, stream);
    to_rms(&mut samples, 1.0);
    let mut bubbles = bubbles(n, stream);
    to_rms(&mut bubbles, amplitude(stream.between(-20.0, 3.0)));
    add(&mut samples, 1.0, &bubbles);
    samples
}

/// Noise in a wide band, whose middle rises while a vessel fills.
fn hiss(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let (hz, q) = (stream.between(700.0, 5_000.0), stream.between(0.3, 1.1));
    let octaves_per_s = if stream.chance(0.25) {
        stream.between(0.02, 0.12)
    } else {
        0.0
    };
    let flow = Wander::new(stream.between(0.02, 0.3), stream.between(0.1, 1.5), stream);
    let dull = stream.between(0.0, 0.4);
    let mut samples = vec![0.0; n];
    add_noise(&mut samples, WHITE, 1.0, maker, stream);
    let mut filter = Filter::default();
    for (t, x) in samples.iter_mut().enumerate() {
        let time_s = length_s(t);
        let hz = (hz * (octaves_per_s * time_s).exp2()).min(8_000.0);
        let bands = filter.step(f64::from(*x), hz, q);
        *x = kept((bands.band + dull * bands.low) * flow.at(time_s));
    }
    samples
}

/// Five to a hundred and fifty bubbles a second, small ones high and short.
fn bubbles(n: usize, stream: &mut Stream) -> Vec<f32> {
    let mut canvas = Canvas::new(n);
    let gap_s = 1.0 / (5.0 * 30f64.powf(stream.unit()));
    let lowest_hz = stream.between(300.0, 1_200.0);
    let mut at_s = 0.0;
    while at_s < canvas.length_s() {
        let hz = lowest_hz * 5f64.powf(stream.unit());
        let t60_s = (stream.between(15.0, 60.0) / hz).min(0.12);
        let sound = bubble(hz, t60_s, stream.between(0.0, 6.0));
        canvas.add(at_s, stream.between(0.05, 1.0).powi(2), &sound);
        at_s -= gap_s * (1.0 - stream.unit()).ln();
    }
    canvas.into_samples()
}

/// A bubble whose pitch rises, by `rise` of itself a second, as it comes to the surface.
pub(super) fn bubble(hz: f64, t60_s: f64, rise: f64) -> Vec<f32> {
    let fall = -(1_000f64.ln()) / t60_s;
    tone(
        count(t60_s),
        &[Partial::new(1.0, 1.0)],
        |t| hz * (1.0 + rise * t),
        |t| (t / 0.002).min(1.0) * (fall * t).exp(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;
    use crate::sounds::measure::{level_range_db, power};

    #[test]
    fn water_runs_without_a_pause_and_lies_above_the_hums() {
        let maker = SoundMaker::default();
        for seed in 0..16 {
            let sound = water(count(5.0), &maker, &mut StreamKey::new(seed, 0, 0).stream(0));
            let range_db = level_range_db(&sound, 0.5);
            assert!(range_db < 12.0, "seed {seed}: {range_db}");
            let (power, width_hz) = power(&sound);
            let is_low = |(bin, _): &(usize, &f64)| (*bin as f64) * width_hz < 250.0;
            let low: f64 = power.iter().enumerate().filter(is_low).map(|(_, p)| p).sum();
            let share = low / power.iter().sum::<f64>();
            assert!(share < 0.25, "seed {seed}: {share}");
        }
    }

    #[test]
    fn bubbles_are_heard_one_by_one_where_they_are_few() {
        let ring = bubble(800.0, 0.05, 3.0);
        assert_eq!(ring.len(), count(0.05));
        let peak = |part: &[f32]| part.iter().fold(0f32, |peak, x| peak.max(x.abs()));
        assert!(peak(&ring[count(0.04)..]) < 0.01 * peak(&ring));
    }
}
