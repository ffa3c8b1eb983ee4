use serde::{Deserialize, Serialize};

use super::background::Background;
use super::band_limit::BandLimit;
use super::clipping::Clipping;
use super::codec::Codec;
use super::colored_noise::ColoredNoise;
use super::gain::Gain;
use super::limits::Fault;
use super::mixup::Mixup;
use super::perceptual_codec::PerceptualCodec;
use super::polarity::Polarity;
use super::reverberation::Reverberation;
use super::spec_augment::SpecAugment;
use super::time_shift::TimeShift;

/// One step of a chain, as it stands in a recipe.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Recipe {
///     augment: Vec<woofer::augment::AugmentConfig>,
/// }
/// let recipe: Recipe = toml::from_str(
///     r#"
///     [[augment]]
///     kind = "gain"
///     probability = 0.5
///     min_db = -12
///     max_db = 6
///
///     [[augment]]
///     kind = "codec"
///     probability = 0.2
///     codecs = ["mu_law", "a_law"]
///     rate_hz = 8000
///     "#,
/// )?;
/// assert_eq!(recipe.augment.len(), 2);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AugmentConfig {
    /// See [`TimeShift`].
    TimeShift(TimeShift),
    /// See [`Gain`].
    Gain(Gain),
    /// See [`Polarity`].
    Polarity(Polarity),
    /// See [`Clipping`].
    Clipping(Clipping),
    /// See [`ColoredNoise`].
    ColoredNoise(ColoredNoise),
    /// See [`Background`].
    Background(Background),
    /// See [`Reverberation`].
    Reverberation(Reverberation),
    /// See [`BandLimit`].
    BandLimit(BandLimit),
    /// See [`Codec`].
    Codec(Codec),
    /// See [`PerceptualCodec`].
    PerceptualCodec(PerceptualCodec),
    /// See [`Mixup`].
    Mixup(Mixup),
    /// See [`SpecAugment`].
    SpecAugment(SpecAugment),
}

impl AugmentConfig {
    /// The step's kind, as in a recipe.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TimeShift(_) => "time_shift",
            Self::Gain(_) => "gain",
            Self::Polarity(_) => "polarity",
            Self::Clipping(_) => "clipping",
            Self::ColoredNoise(_) => "colored_noise",
            Self::Background(_) => "background",
            Self::Reverberation(_) => "reverberation",
            Self::BandLimit(_) => "band_limit",
            Self::Codec(_) => "codec",
            Self::PerceptualCodec(_) => "perceptual_codec",
            Self::Mixup(_) => "mixup",
            Self::SpecAugment(_) => "spec_augment",
        }
    }

    /// How often the step is applied, 0 to 1.
    #[must_use]
    pub const fn probability(&self) -> f64 {
        match self {
            Self::TimeShift(step) => step.probability,
            Self::Gain(step) => step.probability,
            Self::Polarity(step) => step.probability,
            Self::Clipping(step) => step.probability,
            Self::ColoredNoise(step) => step.probability,
            Self::Background(step) => step.probability,
            Self::Reverberation(step) => step.probability,
            Self::BandLimit(step) => step.probability,
            Self::Codec(step) => step.probability,
            Self::PerceptualCodec(step) => step.probability,
            Self::Mixup(step) => step.probability,
            Self::SpecAugment(step) => step.probability,
        }
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        match self {
            Self::TimeShift(step) => step.check(),
            Self::Gain(step) => step.check(),
            Self::Polarity(step) => step.check(),
            Self::Clipping(step) => step.check(),
            Self::ColoredNoise(step) => step.check(),
            Self::Background(step) => step.check(),
            Self::Reverberation(step) => step.check(),
            Self::BandLimit(step) => step.check(),
            Self::Codec(step) => step.check(),
            Self::PerceptualCodec(step) => step.check(),
            Self::Mixup(step) => step.check(),
            Self::SpecAugment(step) => step.check(),
        }
    }
}
