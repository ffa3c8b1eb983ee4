use burn::tensor::{Device, Tensor};

use crate::architecture::{Architecture, Backbone, Head};
use crate::backbone::mn::{Mn, MnConfig};
use crate::backbone::vggish::{Vggish, VggishConfig};
use crate::backbone::yamnet::{Yamnet, YamnetConfig};
use crate::head::{AttentionHead, AttentionHeadConfig, LinearHead, LinearHeadConfig};
use crate::weights::{Weights, WeightsError};

/// A network of any [`Architecture`], ready to run.
pub(crate) struct Network {
    backbone: BackboneModule,
    head: HeadModule,
}

enum BackboneModule {
    Mn(Box<Mn>),
    Yamnet(Box<Yamnet>),
    Vggish(Box<Vggish>),
}

enum HeadModule {
    None,
    AudioSet,
    Attention(Box<AttentionHead>),
    Linear(Box<LinearHead>),
}

impl Network {
    /// Builds the network from weights by canonical name; none may be left over.
    pub(crate) fn load(
        architecture: Architecture,
        mut weights: Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let w = &mut weights;
        let backbone = match architecture.backbone {
            Backbone::Mn { width_tenths } => {
                BackboneModule::Mn(Box::new(Mn::load(&MnConfig::new(width_tenths), w, device)?))
            }
            Backbone::Yamnet => {
                BackboneModule::Yamnet(Box::new(YamnetConfig::default().load(w, "", device)?))
            }
            Backbone::Vggish => {
                BackboneModule::Vggish(Box::new(VggishConfig::default().load(w, "", device)?))
            }
        };
        let head = match architecture.head {
            Head::None => HeadModule::None,
            Head::AudioSet => HeadModule::AudioSet,
            Head::Attention { classes } => {
                HeadModule::Attention(Box::new(AttentionHeadConfig::new(classes).load(w, "", device)?))
            }
            Head::Linear { classes } => {
                let config = LinearHeadConfig::new(architecture.backbone, classes);
                HeadModule::Linear(Box::new(config.load(w, device)?))
            }
        };
        weights.finish()?;
        Ok(Self { backbone, head })
    }

    /// Logits of examples `[clips * count, 1, height, width]`, `count` of them a clip.
    ///
    /// `[clips, labels]`, or `[clips * count, labels]` where each example is scored by itself. `None`
    /// when the network ends in an embedding.
    pub(crate) fn logits(&self, examples: Tensor<4>, clips: usize) -> Option<Tensor<2>> {
        match &self.head {
            HeadModule::None => None,
            HeadModule::AudioSet => self.audioset_logits(self.embed(examples)),
            HeadModule::Attention(head) => {
                let embeddings = self.embed(examples);
                let [examples, width] = embeddings.dims();
                Some(head.forward(embeddings.reshape([clips, examples / clips.max(1), width])))
            }
            HeadModule::Linear(head) => Some(head.forward(self.summaries(examples, clips))),
        }
    }

    /// What a frozen backbone says of each clip, `[clips, embedding + labels]`: the mean over its examples
    /// of the embedding and, where there are any, of the AudioSet logits.
    pub(crate) fn summaries(&self, examples: Tensor<4>, clips: usize) -> Tensor<2> {
        let embeddings = self.embed(examples);
        let all = match self.audioset_logits(embeddings.clone()) {
            Some(logits) => Tensor::cat(vec![embeddings, logits], 1),
            None => embeddings,
        };
        let [examples, width] = all.dims();
        all.reshape([clips, examples / clips.max(1), width])
            .mean_dim(1)
            .reshape([clips, width])
    }

    fn embed(&self, examples: Tensor<4>) -> Tensor<2> {
        match &self.backbone {
            BackboneModule::Mn(mn) => mn.embed(examples),
            BackboneModule::Yamnet(yamnet) => yamnet.embed(examples),
            BackboneModule::Vggish(vggish) => vggish.forward(examples),
        }
    }

    fn audioset_logits(&self, embeddings: Tensor<2>) -> Option<Tensor<2>> {
        match &self.backbone {
            BackboneModule::Mn(mn) => Some(mn.logits(embeddings)),
            BackboneModule::Yamnet(yamnet) => Some(yamnet.logits(embeddings)),
            BackboneModule::Vggish(_) => None,
        }
    }
}
