use std::path::PathBuf;

use woofer::taxonomy::UnscoredClass;

use crate::architecture::Architecture;
use crate::bundle::BundleError;
use crate::import::ImportError;
use crate::weights::WeightsError;

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The weight file cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The model has no classifier.
    #[error("{0}: is {1}, which scores nothing; train a classifier on it")]
    NoClassifier(String, Architecture),
    /// The taxonomy asks for labels that the network does not score.
    #[error(transparent)]
    Unscored(#[from] UnscoredClass),
    /// The model was trained for a taxonomy of its own.
    #[error(
        "{name}: was trained on the taxonomy \"{own}\"; another cannot be put in its place, only \
         on the AudioSet labels that its backbone knows (--names audioset)"
    )]
    OtherTaxonomy {
        /// The model.
        name: String,
        /// Its taxonomy.
        own: String,
    },
    /// Nothing says what a trained classifier scores.
    #[error(
        "{name}: scores {labels} labels that it was trained for, and does not say which they are; give the folder of the model, \
         which holds a model.toml, or say by --taxonomy which"
    )]
    Unnamed {
        /// The weight file.
        name: String,
        /// How many labels it scores.
        labels: usize,
    },
    /// The taxonomy names more or fewer labels than a trained classifier scores.
    #[error(
        "{name}: scores {labels} labels that it was trained for; the taxonomy \"{taxonomy}\" has {named}"
    )]
    OtherCount {
        /// The weight file.
        name: String,
        /// How many labels it scores.
        labels: usize,
        /// The taxonomy.
        taxonomy: String,
        /// How many fine labels that has.
        named: usize,
    },
    /// A file of a bundle stands for the bundle.
    #[error("{}: is part of the model in {}; give that folder", file.display(), folder.display())]
    PartOfBundle {
        /// The file.
        file: PathBuf,
        /// The bundle.
        folder: PathBuf,
    },
    /// The parts of a model do not belong together.
    #[error("{name}: {reason}")]
    Inconsistent {
        /// The model.
        name: String,
        /// The value and what is allowed.
        reason: String,
    },
    /// There is nothing at the path.
    #[error(
        "{0}: there is no such model; give the folder of one, a weight file such as mn04_as_mAP_432.pt, or \"default\""
    )]
    NotFound(String),
}

impl From<WeightsError> for ModelError {
    fn from(error: WeightsError) -> Self {
        Self::Import(error.into())
    }
}
