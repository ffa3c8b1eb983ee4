use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::limits::{self, Fault};
use super::snr::mix_at_snr;
use super::stream::Stream;

/// Another clip laid under this one, at a drawn signal-to-noise ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// How often the step is applied, 0 to 1.
    pub probability: f64,
    /// Least ratio in decibels of the two clips' [active powers](super::active_power).
    pub min_snr_db: f64,
    /// Largest ratio in decibels.
    pub max_snr_db: f64,
}

/// The clips that may be laid under others.
pub trait Backgrounds {
    /// How many there are.
    fn count(&self) -> usize;

    /// The samples of one of them, `index < count()`, mono, at the rate of the chain.
    fn samples(&self, index: usize) -> Cow<'_, [f32]>;
}

impl Backgrounds for Vec<Vec<f32>> {
    fn count(&self) -> usize {
        self.len()
    }

    fn samples(&self, index: usize) -> Cow<'_, [f32]> {
        self.get(index).map(Vec::as_slice).unwrap_or_default().into()
    }
}

/// No clip to lay under others: [`Background`] then does nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoBackgrounds;

impl Backgrounds for NoBackgrounds {
    fn count(&self) -> usize {
        0
    }

    fn samples(&self, _: usize) -> Cow<'_, [f32]> {
        Cow::Borrowed(&[])
    }
}

impl Background {
    pub(super) fn check(&self) -> Result<(), Fault> {
        limits::probability(self.probability)?;
        limits::snr_db(self.min_snr_db, self.max_snr_db)
    }

    pub(super) fn apply(
        &self,
        samples: &mut [f32],
        rate_hz: u32,
        backgrounds: &dyn Backgrounds,
        stream: &mut Stream,
    ) {
        let snr_db = stream.between(self.min_snr_db, self.max_snr_db);
        let count = backgrounds.count();
        if count == 0 {
            return;
        }
        let background = backgrounds.samples(stream.below(count));
        let stretch = stretch(&background, samples.len(), stream);
        mix_at_snr(samples, &stretch, rate_hz, snr_db);
    }
}

/// `length` samples from a random place; a shorter background comes round again.
fn stretch<'a>(background: &'a [f32], length: usize, stream: &mut Stream) -> Cow<'a, [f32]> {
    if let Some(spare) = background.len().checked_sub(length) {
        let start = stream.below(spare + 1);
        return background.get(start..start + length).unwrap_or_default().into();
    }
    let start = stream.below(background.len());
    let round = background.iter().cycle().skip(start);
    round.take(length).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::{StreamKey, active_power};

    #[test]
    fn a_stretch_is_a_piece_of_a_long_background_and_goes_round_a_short_one() {
        let background: Vec<f32> = (0u16..10).map(f32::from).collect();
        for clip in 0..50 {
            let mut stream = StreamKey::new(0, 0, clip).stream(0);
            for length in [1usize, 9, 10, 11, 35] {
                let piece = stretch(&background, length, &mut stream);
                assert_eq!(piece.len(), length);
                for pair in piece.windows(2) {
                    let step = (pair[1] - pair[0] + 10.0) % 10.0;
                    assert!((step - 1.0).abs() < 1e-6);
                    assert!(length > 10 || pair[1] > pair[0]);
                }
            }
            assert!(stretch(&[], 5, &mut stream).is_empty());
            assert!(stretch(&[], 0, &mut stream).is_empty());
        }
    }

    #[test]
    fn the_background_is_laid_at_its_ratio() {
        let clip: Vec<f32> = (0u16..16_000).map(|t| (f32::from(t) * 0.3).sin()).collect();
        let long: Vec<f32> = (0u16..50_000).map(|t| 9.0 * (f32::from(t) * 0.7).cos()).collect();
        for (snr_db, background) in [(7.0, &long[..]), (-3.0, &long[..5_000])] {
            let step = Background {
                probability: 1.0,
                min_snr_db: snr_db,
                max_snr_db: snr_db,
            };
            let mut mixed = clip.clone();
            let mut stream = StreamKey::new(0, 0, 0).stream(0);
            step.apply(&mut mixed, 8_000, &vec![background.to_vec()], &mut stream);
            let added: Vec<f32> = mixed.iter().zip(&clip).map(|(x, y)| x - y).collect();
            let measured = 10.0 * (active_power(&clip, 8_000) / active_power(&added, 8_000)).log10();
            assert!((measured - snr_db).abs() < 0.1, "{snr_db}: {measured}");
        }
    }

    #[test]
    fn without_backgrounds_the_clip_stays() {
        let step = Background {
            probability: 1.0,
            min_snr_db: 0.0,
            max_snr_db: 0.0,
        };
        let none: [&dyn Backgrounds; 3] = [&NoBackgrounds, &Vec::new(), &vec![Vec::new()]];
        for backgrounds in none {
            let mut samples = [0.5, -0.5];
            let mut stream = StreamKey::new(0, 0, 0).stream(0);
            step.apply(&mut samples, 8_000, backgrounds, &mut stream);
            assert_eq!(samples.map(f32::to_bits), [0.5, -0.5].map(f32::to_bits));
        }
    }
}
