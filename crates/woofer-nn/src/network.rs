use burn::tensor::{Device, Tensor};

use crate::architecture::Architecture;
use crate::backbone::mn::{Mn, MnConfig};
use crate::backbone::vggish::{Vggish, VggishConfig};
use crate::backbone::yamnet::{Yamnet, YamnetConfig};
use crate::head::{AttentionHead, AttentionHeadConfig};
use crate::weights::{Weights, WeightsError};

/// A network of any [`Architecture`], ready to run.
pub(crate) enum Network {
    Mn(Box<Mn>),
    Yamnet(Box<Yamnet>),
    VggishAttention(Box<(Vggish, AttentionHead)>),
}

/// Why a network cannot be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NetworkError {
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error("the network is VGGish without a classifier, which ends in an embedding and scores nothing")]
    NoClassifier,
}

impl Network {
    /// Builds the network from weights by canonical name; none may be left over.
    pub(crate) fn load(
        architecture: &Architecture,
        mut weights: Weights,
        device: &Device,
    ) -> Result<Self, NetworkError> {
        let w = &mut weights;
        let network = match architecture {
            Architecture::Mn { width_tenths } => {
                Self::Mn(Box::new(Mn::load(&MnConfig::new(*width_tenths), w, device)?))
            }
            Architecture::Yamnet => Self::Yamnet(Box::new(YamnetConfig::default().load(w, "", device)?)),
            Architecture::Vggish => return Err(NetworkError::NoClassifier),
            Architecture::VggishAttention { classes } => Self::VggishAttention(Box::new((
                VggishConfig::default().load(w, "", device)?,
                AttentionHeadConfig::new(*classes).load(w, "", device)?,
            ))),
        };
        weights.finish()?;
        Ok(network)
    }

    /// Logits of examples `[clips * count, 1, height, width]`, `count` of them a clip.
    ///
    /// `[clips, labels]`, or `[clips * count, labels]` where each example is scored by itself.
    pub(crate) fn logits(&self, examples: Tensor<4>, clips: usize) -> Tensor<2> {
        match self {
            Self::Mn(mn) => mn.logits(mn.embed(examples)),
            Self::Yamnet(yamnet) => yamnet.logits(yamnet.embed(examples)),
            Self::VggishAttention(network) => {
                let (vggish, head) = network.as_ref();
                let embeddings = vggish.forward(examples);
                let [examples, width] = embeddings.dims();
                head.forward(embeddings.reshape([clips, examples / clips.max(1), width]))
            }
        }
    }
}
