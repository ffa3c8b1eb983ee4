use serde::{Deserialize, Serialize};

use super::fft_plans::FftPlans;
use super::limits::{self, Fault};
use super::lower_rate::at_lower_rate;
use super::mdct::Mdct;
use super::stream::Stream;

/// Samples from one frame to the next, of which one is drawn: those of MP3 and AAC.
const HOPS: [usize; 2] = [576, 1024];
/// What is kept of the band for each kilobit a second: an encoder of 16 kbit/s sends 4 kHz.
const BAND_HZ_PER_KBPS: f64 = 250.0;
/// How fast masking falls towards higher and towards lower bands, in decibels a Bark.
const MASKED_ABOVE_DB: f64 = 10.0;
const MASKED_BELOW_DB: f64 = 25.0;
/// Width of a band of one quantiser step, in Bark.
const BAND_BARK: f64 = 0.5;

/// Coded at a low rate and decoded again, as cameras send sound in MP3, AAC or Opus: all above a band is gone, and in it each
/// frame is rounded as coarsely as its bits demand, most where louder bands mask it.
///
/// Not a codec that others can decode: frames of a modified cosine transform, steps that follow masking, and a power-law
/// quantiser (K. Brandenburg, "MP3 and AAC explained", 1999). Bands that are rounded away stay empty or are filled with noise,
/// as a clip's draw has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerceptualCodec {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Lowest rate in kilobits a second, 4 to 320.
    pub min_kbps: f64,
    /// Highest rate in kilobits a second.
    pub max_kbps: f64,
    /// The sample rate in hertz that is coded at; without it, and where it is not lower, the clip's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<u32>,
}

impl PerceptualCodec {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::range(
            ("min_kbps", self.min_kbps),
            ("max_kbps", self.max_kbps),
            4.0,
            320.0,
        )?;
        limits::rate_hz(self.rate_hz)
    }

    pub(super) fn apply(&self, samples: &mut [f32], rate_hz: u32, plans: &FftPlans, stream: &mut Stream) {
        let kbps = stream.between(self.min_kbps, self.max_kbps);
        let hop = HOPS.get(stream.below(HOPS.len())).copied().unwrap_or(1024);
        let fills = stream.chance(0.5);
        let coded_hz = self.rate_hz.map_or(rate_hz, |lower| lower.min(rate_hz));
        at_lower_rate(samples, rate_hz, coded_hz, |samples| {
            let mut coder = Coder::new(coded_hz, hop, kbps);
            let noise = fills.then_some(stream);
            coder.round_trip(samples, plans, noise);
        });
    }
}

/// Rounds frames of coefficients so that their bits are no more than the rate allows.
struct Coder {
    hop: usize,
    bits_per_frame: f64,
    bands: Vec<Band>,
    /// Bits that frames before have left, one frame's at most.
    saved: f64,
}

/// Coefficients that share a quantiser step.
struct Band {
    from: usize,
    to: usize,
    bark: f64,
}

impl Coder {
    fn new(rate_hz: u32, hop: usize, kbps: f64) -> Self {
        let hz_per_bin = f64::from(rate_hz) / (2 * hop) as f64;
        // Traunmüller, 1990.
        let bark = |bin: usize| {
            let hz = (bin as f64 + 0.5) * hz_per_bin;
            26.81 * hz / (1960.0 + hz) - 0.53
        };
        let in_band = |bin: &usize| (*bin as f64) * hz_per_bin < kbps * BAND_HZ_PER_KBPS;
        let mut bands: Vec<Band> = Vec::new();
        for bin in (0..hop).take_while(in_band) {
            match bands.last_mut() {
                Some(band) if bark(bin) < band.bark + BAND_BARK => band.to = bin + 1,
                _ => bands.push(Band {
                    from: bin,
                    to: bin + 1,
                    bark: bark(bin),
                }),
            }
        }
        Self {
            hop,
            bits_per_frame: kbps * 1000.0 * hop as f64 / f64::from(rate_hz),
            bands,
            saved: 0.0,
        }
    }

    /// Codes and decodes samples; bands that are rounded away are filled where noise is given.
    fn round_trip(&mut self, samples: &mut [f32], plans: &FftPlans, mut noise: Option<&mut Stream>) {
        let peak = samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        // What is next to nothing stays as it is: its squares would be none.
        if peak < 1e-30 || !peak.is_finite() {
            return;
        }
        for x in samples.iter_mut() {
            *x /= peak;
        }
        Mdct::new(plans, self.hop).through(samples, |frame| self.round(frame, noise.as_deref_mut()));
        for x in samples {
            *x *= peak;
        }
    }

    fn round(&mut self, frame: &mut [f32], mut noise: Option<&mut Stream>) {
        let sent = self.bands.last().map_or(0, |band| band.to).min(frame.len());
        frame[sent..].fill(0.0);
        let powers: Vec<f64> = self.bands.iter().map(|band| band.power(frame)).collect();
        if powers.iter().all(|&power| power < 1e-18) {
            frame.fill(0.0);
            self.saved = self.bits_per_frame;
            return;
        }
        let masks = self.masks(&powers);
        let steps = |scale: f64| -> Vec<f64> { masks.iter().map(|mask| scale * mask.sqrt()).collect() };
        let budget = self.bits_per_frame + self.saved;
        // From far finer than any rate buys to nothing left; each turn halves what is between.
        let (mut finer, mut coarser) = (-20.0_f64, 10.0_f64);
        for _ in 0..12 {
            let middle = f64::midpoint(finer, coarser);
            if self.bits(frame, &steps(middle.exp2())) > budget {
                finer = middle;
            } else {
                coarser = middle;
            }
        }
        let steps = steps(coarser.exp2());
        self.saved = (budget - self.bits(frame, &steps)).clamp(0.0, self.bits_per_frame);
        for ((band, step), power) in self.bands.iter().zip(steps).zip(powers) {
            let Some(values) = frame.get_mut(band.from..band.to) else {
                continue;
            };
            let mut silent = true;
            for value in values.iter_mut() {
                let level = level(*value, step);
                silent &= level < 1.0;
                *value = value.signum() * decoded(level, step);
            }
            if let (true, Some(stream)) = (silent, noise.as_deref_mut()) {
                fill(values, power, stream);
            }
        }
    }

    /// What is masked in each band, as a power: its own, or what is left of its neighbours'.
    fn masks(&self, powers: &[f64]) -> Vec<f64> {
        let mut masks = powers.to_vec();
        let apart = |place: usize| self.bands[place].bark - self.bands[place - 1].bark;
        let left = |db: f64| 10f64.powf(-db / 10.0);
        for place in 1..masks.len() {
            masks[place] = masks[place].max(masks[place - 1] * left(MASKED_ABOVE_DB * apart(place)));
        }
        for place in (1..masks.len()).rev() {
            masks[place - 1] = masks[place - 1].max(masks[place] * left(MASKED_BELOW_DB * apart(place)));
        }
        masks
    }

    /// Bits of a frame, about: Huffman codes of the field take a fraction of a bit for nothing and two more for each doubling.
    fn bits(&self, frame: &[f32], steps: &[f64]) -> f64 {
        let of_band = |(band, &step): (&Band, &f64)| -> f64 {
            let values = frame.get(band.from..band.to).unwrap_or_default();
            let of_value = |&value: &f32| match level(value, step) {
                level if level < 1.0 => 0.25,
                level => 1.5 + 2.0 * level.log2(),
            };
            values.iter().map(of_value).sum()
        };
        self.bands.iter().zip(steps).map(of_band).sum()
    }
}

impl Band {
    /// Mean square of its coefficients.
    fn power(&self, frame: &[f32]) -> f64 {
        let values = frame.get(self.from..self.to).unwrap_or_default();
        let sum: f64 = values.iter().map(|&x| f64::from(x).powi(2)).sum();
        sum / values.len().max(1) as f64
    }
}

/// A coefficient as a whole number of steps, its loudness compressed.
fn level(value: f32, step: f64) -> f64 {
    ((f64::from(value.abs()) / step).powf(0.75) + 0.4054).floor()
}

#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn decoded(level: f64, step: f64) -> f32 {
    (level.powf(4.0 / 3.0) * step) as f32
}

#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn fill(values: &mut [f32], power: f64, stream: &mut Stream) {
    let size = power.sqrt() as f32;
    for value in values {
        *value = if stream.chance(0.5) { size } else { -size };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, energy};

    const RATE_HZ: u32 = 16_000;

    fn stream() -> Stream {
        StreamKey::new(0, 0, 0).stream(0)
    }

    /// A harmonic tone that decays, over a little noise.
    fn sound() -> Vec<f32> {
        let mut stream = StreamKey::new(1, 0, 0).stream(0);
        (0..RATE_HZ)
            .map(|t| {
                let seconds = t as f32 / RATE_HZ as f32;
                let partial = |k: f32| (std::f32::consts::TAU * 310.0 * k * seconds).sin() / k;
                let tone: f32 = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0].map(partial).iter().sum();
                tone * (-2.0 * seconds).exp() + 0.05 * stream.normal_pair().0
            })
            .collect()
    }

    fn coded(hop: usize, kbps: f64, noise: Option<&mut Stream>) -> Vec<f32> {
        let mut samples = sound();
        Coder::new(RATE_HZ, hop, kbps).round_trip(&mut samples, &FftPlans::new(), noise);
        samples
    }

    fn snr_db(samples: &[f32]) -> f64 {
        let lost: Vec<f32> = sound().iter().zip(samples).map(|(x, y)| x - y).collect();
        10.0 * (energy(&sound()) / energy(&lost)).log10()
    }

    #[test]
    fn a_higher_rate_keeps_more() {
        for hop in HOPS {
            let ratios = [8.0, 16.0, 32.0, 96.0].map(|kbps| snr_db(&coded(hop, kbps, None)));
            assert!(ratios.is_sorted(), "{ratios:?}");
            assert!(
                ratios[0] > 3.0 && ratios[1] < 25.0 && ratios[3] > 25.0,
                "{ratios:?}"
            );
        }
    }

    #[test]
    fn bits_are_no_more_than_the_rate_allows() {
        for kbps in [6.0, 16.0, 48.0] {
            let mut coder = Coder::new(RATE_HZ, 1024, kbps);
            let mut spent = 0.0;
            let mut frames = 0;
            Mdct::new(&FftPlans::new(), 1024).through(&mut sound(), |frame| {
                let budget = coder.bits_per_frame + coder.saved;
                coder.round(frame, None);
                spent += budget - coder.saved;
                frames += 1;
            });
            let allowed = coder.bits_per_frame * f64::from(frames);
            assert!(
                spent <= allowed && spent > 0.8 * allowed,
                "{kbps}: {spent} of {allowed}"
            );
        }
    }

    #[test]
    fn nothing_is_left_above_the_band_and_noise_fills_what_was_rounded_away() {
        let tone = |hz: f32| -> Vec<f32> {
            (0..RATE_HZ)
                .map(|t| (std::f32::consts::TAU * hz * t as f32 / RATE_HZ as f32).sin())
                .collect()
        };
        let mut high = tone(5_000.0);
        Coder::new(RATE_HZ, 1024, 16.0).round_trip(&mut high, &FftPlans::new(), Some(&mut stream()));
        // Where it begins and ends it has other frequencies too.
        assert!(energy(&high[3_000..13_000]) < 1e-6 * energy(&tone(5_000.0)));
        let (empty, filled) = (coded(1024, 6.0, None), coded(1024, 6.0, Some(&mut stream())));
        assert!(
            energy(&filled) > energy(&empty),
            "{} {}",
            energy(&filled),
            energy(&empty)
        );
    }

    #[test]
    fn silence_stays_silence_and_any_size_stays_finite() {
        for size in [0.0, 1e-35, 1e-20, 1.0, 1e30] {
            let mut samples: Vec<f32> = sound().iter().map(|x| x * size).collect();
            Coder::new(RATE_HZ, 576, 16.0).round_trip(&mut samples, &FftPlans::new(), Some(&mut stream()));
            assert!(samples.iter().all(|x| x.is_finite()), "{size}");
            assert_eq!(energy(&samples) > 0.0, size > 0.0, "{size}");
        }
    }
}
