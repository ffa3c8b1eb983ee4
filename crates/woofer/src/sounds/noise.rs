use std::f64::consts::FRAC_PI_2;

use super::filter::Filter;
use super::maker::SoundMaker;
use super::units::{RATE, amplitude, count, kept, length_s};
use crate::augment::{PowerLaw, Stream};

/// Longest stretch made at once: 16 s. Longer noise is made of stretches that fade into each other.
const STRETCH: usize = 1 << 19;
const FADE: usize = 1 << 12;

/// As strong at all pitches.
pub(super) const WHITE: PowerLaw = PowerLaw {
    beta: 0.0,
    lowest: 0.0,
};

/// Noise from a little blue to beyond brown, faint to loud.
pub(super) fn noise(n: usize, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let law = PowerLaw {
        beta: stream.between(-0.5, 2.5),
        lowest: 20.0 / RATE,
    };
    let mut samples = vec![0.0; n];
    add_noise(
        &mut samples,
        law,
        amplitude(stream.between(-60.0, -10.0)),
        maker,
        stream,
    );
    samples
}

/// Adds noise whose root mean square is `level`.
pub(super) fn add_noise(
    samples: &mut [f32],
    law: PowerLaw,
    level: f64,
    maker: &SoundMaker,
    stream: &mut Stream,
) {
    let mut begin = 0;
    while begin < samples.len() {
        let n = STRETCH.min(samples.len() - begin);
        let last = begin + n == samples.len();
        let stretch = maker.noise.generate(n, law, stream);
        let (fade_in, fade_out) = (begin > 0, !last);
        for (t, (to, x)) in samples.iter_mut().skip(begin).zip(&stretch).enumerate() {
            // Two stretches know nothing of each other, so that their powers add up: sine and cosine.
            let mut factor = level;
            if fade_in && t < FADE {
                factor *= (FRAC_PI_2 * t as f64 / FADE as f64).sin();
            }
            if fade_out && n - t <= FADE {
                factor *= (FRAC_PI_2 * (n - t) as f64 / FADE as f64).sin();
            }
            *to += kept(factor) * x;
        }
        if last {
            break;
        }
        begin += n - FADE;
    }
}

/// Noise in a narrow band that dies away.
pub(super) fn burst(hz: f64, q: f64, t60_s: f64, maker: &SoundMaker, stream: &mut Stream) -> Vec<f32> {
    let mut filter = Filter::default();
    let fall = -(1_000f64.ln()) / t60_s;
    let noise = maker.noise.generate(count(t60_s).max(2), WHITE, stream);
    let shaped = noise.iter().enumerate().map(|(t, x)| {
        let loudness = (fall * length_s(t)).exp();
        kept(filter.step(f64::from(*x) * loudness, hz, q).band)
    });
    shaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};
    use crate::sounds::measure::power;

    /// The slope of the spectrum from 100 Hz to 10 kHz: powers of octaves against their number, less the width.
    fn exponent(samples: &[f32]) -> f64 {
        let (power, width_hz) = power(samples);
        let octaves: Vec<(f64, f64)> = (0..6)
            .map(|k| 100.0 * 2f64.powi(k))
            .map(|from_hz| {
                let bins = power.iter().enumerate().filter(|(bin, _)| {
                    let hz = *bin as f64 * width_hz;
                    (from_hz..2.0 * from_hz).contains(&hz)
                });
                let (sum, n) = bins.fold((0.0, 0.0), |(sum, n), (_, p)| (sum + p, n + 1.0));
                (from_hz.log2(), f64::log2(sum / n))
            })
            .collect();
        let mean = |f: fn(&(f64, f64)) -> f64| octaves.iter().map(f).sum::<f64>() / 6.0;
        let (x, y) = (mean(|o| o.0), mean(|o| o.1));
        -octaves.iter().map(|o| (o.0 - x) * (o.1 - y)).sum::<f64>()
            / octaves.iter().map(|o| (o.0 - x).powi(2)).sum::<f64>()
    }

    #[test]
    fn noise_has_its_exponent_and_level_across_stretches() {
        for beta in [-0.5, 0.0, 1.0, 2.5] {
            let law = PowerLaw {
                beta,
                lowest: 20.0 / RATE,
            };
            let mut samples = vec![0.0; STRETCH + 200_000];
            let stream = &mut StreamKey::new(1, 0, 0).stream(0);
            add_noise(&mut samples, law, 0.01, &SoundMaker::default(), stream);
            let measured = exponent(&samples);
            assert!((measured - beta).abs() < 0.1, "{measured} for {beta}");
            let at_the_seam = &samples[STRETCH - 2 * FADE..STRETCH + FADE];
            for (part, allowed) in [(&samples[..], 0.02), (at_the_seam, 0.9)] {
                let level = (energy(part) / part.len() as f64).sqrt();
                assert!((level / 0.01 - 1.0).abs() < allowed, "{beta}: {level}");
            }
        }
    }

    #[test]
    fn the_kinds_noise_differs_in_colour_and_level() {
        let maker = SoundMaker::default();
        let drawn: Vec<(f64, f64)> = (0..12)
            .map(|seed| {
                let samples = noise(64_000, &maker, &mut StreamKey::new(seed, 0, 0).stream(0));
                let level_db = 10.0 * (energy(&samples) / 64_000.0).log10();
                (exponent(&samples), level_db)
            })
            .collect();
        assert!(
            drawn.iter().all(|(beta, _)| (-0.7..2.7).contains(beta)),
            "{drawn:?}"
        );
        assert!(
            drawn.iter().all(|(_, db)| (-60.1..-9.9).contains(db)),
            "{drawn:?}"
        );
        assert!(drawn.iter().any(|(beta, _)| *beta < 0.7) && drawn.iter().any(|(beta, _)| *beta > 1.3));
    }
}
