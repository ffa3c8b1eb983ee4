//! From published weight files to Woofer's own names: what [`crate::Bundle`] holds.
//!
//! | file | what is done |
//! |---|---|
//! | EfficientAT `mn*.pt` | batch normalisation folded into the convolutions ([`efficientat`]) |
//! | `YAMNet` safetensors, TensorFlow's names | renamed |
//! | torchvggish `vggish-10086976.pth` | nothing: its names are ours |
//! | `mn` safetensors, folded | renamed |

mod efficientat;

use crate::architecture::{Architecture, Backbone, Head};
use crate::backbone::yamnet;
use crate::weights::{Weights, WeightsError};

/// Why weights cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The weights cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The tensors are of no network known here.
    #[error(
        "{file}: its {tensors} tensors ({first}, ...) are of no network known here: EfficientAT mn01, mn02, mn04, mn05, \
         mn10, mn20, mn30 and mn40 (.pt), torchvggish (.pth), YAMNet (safetensors)"
    )]
    UnknownNetwork {
        /// The file.
        file: String,
        /// Number of tensors.
        tensors: usize,
        /// The first name.
        first: String,
    },
}

/// Weights by canonical name, and the network they are for.
#[derive(Debug)]
pub struct Imported {
    /// The network.
    pub architecture: Architecture,
    /// Its tensors, nothing else.
    pub weights: Weights,
    /// Who made the weights, and under which licence; `None` where the file does not say and its
    /// network has no published home.
    pub origin: Option<&'static str>,
}

/// Brings the weights of a published network to canonical names.
///
/// # Errors
///
/// The tensors are not those of a network known here, or cannot be read.
pub fn import(mut weights: Weights) -> Result<Imported, ImportError> {
    if efficientat::is_unfolded(&weights) {
        weights = efficientat::fold(weights)?;
    } else if weights.names().any(|name| name.ends_with("/kernel")) {
        weights.rename(yamnet::canonical_name)?;
    }
    match Architecture::of(&weights) {
        Some(architecture) => Ok(Imported {
            origin: origin(architecture),
            architecture,
            weights,
        }),
        None => Err(ImportError::UnknownNetwork {
            file: weights.name().to_owned(),
            tensors: weights.len(),
            first: weights.names().next().unwrap_or_default().to_owned(),
        }),
    }
}

fn origin(architecture: Architecture) -> Option<&'static str> {
    match (architecture.backbone, architecture.head) {
        (Backbone::Mn { .. }, Head::AudioSet) => Some("EfficientAT, MIT licence, (c) 2022 Florian Schmid"),
        (Backbone::Yamnet, Head::AudioSet) => Some("YAMNet, Google, Apache-2.0 licence"),
        (Backbone::Vggish, Head::None) => Some("torchvggish after VGGish, Google, Apache-2.0 licence"),
        _ => None,
    }
}
