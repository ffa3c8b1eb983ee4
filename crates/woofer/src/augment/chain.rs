use std::sync::Arc;

use super::background::Backgrounds;
use super::config::AugmentConfig;
use super::error::AugmentError;
use super::fft_plans::FftPlans;
use super::mel_grid::MelGrid;
use super::mixup::{MixupDraw, MixupStage};
use super::noise_generator::NoiseGenerator;
use super::polarity::invert;
use super::stream::{Stream, StreamKey};
use crate::audio::{MAX_RATE_HZ, MIN_RATE_HZ};

/// A checked list of augmentations for clips of one rate.
///
/// Threads share a chain; what a clip becomes depends on its [`StreamKey`] alone. The step at place `i` of the list,
/// counted from 0, draws from [`StreamKey::stream`] of purpose `i`.
pub struct Chain {
    configs: Vec<AugmentConfig>,
    rate_hz: u32,
    plans: Arc<FftPlans>,
    noise: NoiseGenerator,
}

impl Chain {
    /// Checks a list of steps for clips at `rate_hz`.
    ///
    /// # Errors
    /// A value out of its range, a second mixup, or a rate that audio is not read at.
    pub fn new(configs: Vec<AugmentConfig>, rate_hz: u32) -> Result<Self, AugmentError> {
        if !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
            return Err(AugmentError::Rate { rate_hz });
        }
        let mut mixup = None;
        for (step, config) in (1..).zip(&configs) {
            config
                .check()
                .map_err(|fault| AugmentError::value(step, config.kind(), fault))?;
            if let (AugmentConfig::Mixup(_), Some(first)) = (config, mixup) {
                return Err(AugmentError::SecondMixup { step, first });
            }
            if matches!(config, AugmentConfig::Mixup(_)) {
                mixup = Some(step);
            }
        }
        let plans = Arc::new(FftPlans::new());
        Ok(Self {
            configs,
            rate_hz,
            noise: NoiseGenerator::with_plans(Arc::clone(&plans)),
            plans,
        })
    }

    /// The steps in their order.
    #[must_use]
    pub fn configs(&self) -> &[AugmentConfig] {
        &self.configs
    }

    /// Sample rate in hertz of the clips that the chain takes.
    #[must_use]
    pub const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Whether a step may change the samples, so that features kept from before are of no use.
    #[must_use]
    pub fn changes_waveform(&self) -> bool {
        self.likely().any(|config| match config {
            AugmentConfig::SpecAugment(_) => false,
            AugmentConfig::Mixup(mixup) => mixup.stage == MixupStage::Waveform,
            _ => true,
        })
    }

    /// Whether a step lays other clips under a clip, so that [`Chain::apply_waveform`] needs some.
    #[must_use]
    pub fn needs_backgrounds(&self) -> bool {
        self.likely()
            .any(|config| matches!(config, AugmentConfig::Background(_)))
    }

    /// The steps that are ever applied.
    fn likely(&self) -> impl Iterator<Item = &AugmentConfig> {
        self.configs.iter().filter(|config| config.probability() > 0.0)
    }

    /// The steps that this clip's draw applies, each with its random numbers.
    fn drawn(&self, key: StreamKey) -> impl Iterator<Item = (&AugmentConfig, Stream)> {
        (0..).zip(&self.configs).filter_map(move |(place, config)| {
            let mut stream = key.stream(place);
            stream.chance(config.probability()).then_some((config, stream))
        })
    }

    /// Applies the waveform steps to mono samples at the chain's rate.
    ///
    /// The length stays, and samples that are finite, of any usual size, stay finite. Steps that are not drawn leave
    /// every bit as it is.
    pub fn apply_waveform(&self, samples: &mut [f32], key: StreamKey, backgrounds: &dyn Backgrounds) {
        let rate_hz = self.rate_hz;
        for (config, mut stream) in self.drawn(key) {
            let stream = &mut stream;
            match config {
                AugmentConfig::TimeShift(step) => step.apply(samples, rate_hz, stream),
                AugmentConfig::Gain(step) => step.apply(samples, stream),
                AugmentConfig::Polarity(_) => invert(samples),
                AugmentConfig::Clipping(step) => step.apply(samples, stream),
                AugmentConfig::ColoredNoise(step) => step.apply(samples, rate_hz, &self.noise, stream),
                AugmentConfig::Background(step) => step.apply(samples, rate_hz, backgrounds, stream),
                AugmentConfig::Reverberation(step) => step.apply(samples, rate_hz, &self.plans, stream),
                AugmentConfig::BandLimit(step) => step.apply(samples, rate_hz, stream),
                AugmentConfig::Codec(step) => step.apply(samples, rate_hz, stream),
                AugmentConfig::PerceptualCodec(step) => step.apply(samples, rate_hz, &self.plans, stream),
                AugmentConfig::Mixup(_) | AugmentConfig::SpecAugment(_) => {}
            }
        }
    }

    /// Applies the log-mel steps to the values of one clip, laid out as `grid` says.
    pub fn apply_log_mel(&self, values: &mut [f32], grid: &MelGrid, key: StreamKey) {
        for (config, mut stream) in self.drawn(key) {
            if let AugmentConfig::SpecAugment(step) = config {
                step.apply(values, grid, &mut stream);
            }
        }
    }

    /// What this clip is mixed with, out of `clips` clips; `None` where it stays alone.
    ///
    /// Mixing is done with [`mix`](super::mix), of the values and of the label weights.
    #[must_use]
    pub fn mixup(&self, key: StreamKey, clips: usize) -> Option<MixupDraw> {
        if clips == 0 {
            return None;
        }
        self.drawn(key).find_map(|(config, mut stream)| match config {
            AugmentConfig::Mixup(step) => Some(step.draw(clips, &mut stream)),
            _ => None,
        })
    }
}
