use std::ops::Range;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use woofer::features::FrontEnd;

use crate::architecture::{Architecture, Backbone, Head};
use crate::backbone::layer::{parameter_id, transposed, values};
use crate::backbone::mn::{Mn, MnConfig};
use crate::backbone::vggish::{Vggish, VggishConfig};
use crate::backbone::yamnet::{Yamnet, YamnetConfig};
use crate::head::{
    AttentionHead, AttentionHeadConfig, LinearHead, LinearHeadConfig, MappedHead, MappedHeadConfig,
    WindowMask,
};
use crate::weights::{Weights, WeightsError};

/// A network of any [`Architecture`], ready to run.
#[derive(Clone)]
pub(crate) struct Network {
    architecture: Architecture,
    layers: usize,
    backbone: BackboneModule,
    head: HeadModule,
}

#[derive(Clone)]
enum BackboneModule {
    Mn(Box<Mn>),
    Yamnet(Box<Yamnet>),
    Vggish(Box<Vggish>),
}

#[derive(Clone)]
enum HeadModule {
    None,
    AudioSet,
    Attention(Box<AttentionHead>),
    Linear(Box<LinearHead>),
    Mapped(Box<MappedHead>),
}

/// Where a network is cut in two: what is below is run once and kept, what is above is run again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// After so many layers of the backbone; 0 is before the first.
    Layers(usize),
    /// Between the backbone and the head.
    Head,
}

impl Network {
    /// Builds the network from weights by canonical name; none may be left over.
    pub(crate) fn load(
        architecture: Architecture,
        mut weights: Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let w = &mut weights;
        let of = architecture.backbone;
        let backbone = match of {
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
            Head::Attention { classes } => HeadModule::Attention(Box::new(
                AttentionHeadConfig::new(of, classes).load(w, "", device)?,
            )),
            Head::Linear { classes } => {
                HeadModule::Linear(Box::new(LinearHeadConfig::new(of, classes).load(w, device)?))
            }
            Head::Mapped { classes, background } => {
                let config = MappedHeadConfig::new(of, classes, background);
                HeadModule::Mapped(Box::new(config.load(w, device)?))
            }
        };
        weights.finish()?;
        Ok(Self {
            architecture,
            layers: of.layer_names().len(),
            backbone,
            head,
        })
    }

    /// The features that the network reads.
    pub(crate) const fn front_end(&self) -> FrontEnd {
        self.architecture.front_end()
    }

    /// Logits of examples `[clips * count, 1, height, width]`, `count` of them a clip.
    ///
    /// `[clips, labels]`, or `[clips * count, labels]` where each example is scored by itself. `None`
    /// when the network ends in an embedding.
    pub(crate) fn logits(&self, examples: Tensor<4>, clips: usize) -> Option<Tensor<2>> {
        self.above(examples, clips, Cut::Layers(0), WindowMask::default())
    }

    /// Runs what is below a cut: examples `[clips * count, 1, height, width]` to what [`Network::above`] takes.
    pub(crate) fn below(&self, examples: Tensor<4>, clips: usize, cut: Cut) -> Tensor<4> {
        match cut {
            Cut::Layers(layers) => self.run(examples, 0..layers),
            Cut::Head => {
                let rows = self.rows_of(self.pool(self.run(examples, 0..self.layers)), clips);
                let [rows_of_all, width] = rows.dims();
                rows.reshape([rows_of_all, width, 1, 1])
            }
        }
    }

    /// Runs what is above a cut on maps `[clips * count, channels, height, width]`; above [`Cut::Head`] they are rows,
    /// `[clips, embedding + labels, 1, 1]` or, for an attention head, `[clips * count, embedding, 1, 1]`.
    ///
    /// Gives logits `[segments, labels]`, or `[windows, labels]` where each window is scored by itself; none where the
    /// network ends in an embedding. `mask` is for an attention head.
    pub(crate) fn above(
        &self,
        maps: Tensor<4>,
        clips: usize,
        cut: Cut,
        mask: WindowMask,
    ) -> Option<Tensor<2>> {
        let Cut::Layers(layers) = cut else {
            return self.above_backbone(maps.flatten(1, 3), clips, mask);
        };
        let embeddings = self.pool(self.run(maps, layers..self.layers));
        if let HeadModule::AudioSet = self.head {
            return self.audioset_logits(embeddings);
        }
        self.above_backbone(self.rows_of(embeddings, clips), clips, mask)
    }

    /// As [`Network::above`] for a linear or mapped head, with what the head reads: see [`Network::summaries`].
    ///
    /// `detached` lets no gradient of the logits reach the backbone.
    pub(crate) fn above_with_summaries(
        &self,
        maps: Tensor<4>,
        clips: usize,
        cut: Cut,
        detached: bool,
    ) -> (Option<Tensor<2>>, Tensor<2>) {
        let summaries = self.summaries(maps, clips, cut);
        let read = if detached {
            summaries.clone().detach()
        } else {
            summaries.clone()
        };
        (self.above_backbone(read, clips, WindowMask::default()), summaries)
    }

    fn above_backbone(&self, rows: Tensor<2>, clips: usize, mask: WindowMask) -> Option<Tensor<2>> {
        match &self.head {
            HeadModule::None | HeadModule::AudioSet => None,
            HeadModule::Attention(head) => Some(head.forward_masked(rows_of_clips(rows, clips), mask)),
            HeadModule::Linear(head) => Some(head.forward(rows)),
            HeadModule::Mapped(head) => Some(head.forward(rows)),
        }
    }

    /// What a linear head reads of each clip above a cut: the mean over its windows of the embedding and, where there
    /// are any, of the AudioSet logits, `[clips, embedding + labels]`.
    pub(crate) fn summaries(&self, maps: Tensor<4>, clips: usize, cut: Cut) -> Tensor<2> {
        match cut {
            Cut::Head => maps.flatten(1, 3),
            Cut::Layers(layers) => {
                let embeddings = self.pool(self.run(maps, layers..self.layers));
                self.summaries_of(embeddings, clips)
            }
        }
    }

    /// What the head reads: a linear or mapped one summaries, others embeddings.
    fn rows_of(&self, embeddings: Tensor<2>, clips: usize) -> Tensor<2> {
        match self.head {
            HeadModule::Linear(_) | HeadModule::Mapped(_) => self.summaries_of(embeddings, clips),
            HeadModule::None | HeadModule::AudioSet | HeadModule::Attention(_) => embeddings,
        }
    }

    /// What the rows above [`Cut::Head`] are, for the key of a cache.
    pub(crate) const fn read_by_head(&self) -> &'static str {
        match self.head {
            HeadModule::Linear(_) | HeadModule::Mapped(_) => "summaries",
            HeadModule::None | HeadModule::AudioSet | HeadModule::Attention(_) => "windows",
        }
    }

    fn summaries_of(&self, embeddings: Tensor<2>, clips: usize) -> Tensor<2> {
        let audioset = self.audioset_logits(embeddings.clone());
        mean_of_clips(&joined(embeddings, audioset), clips)
    }

    /// What the backbone says of examples `[clips * count, 1, height, width]`: the mean embedding of each clip, then the
    /// sigmoids of its mean AudioSet logits, `[clips, embedding + labels]`.
    pub(crate) fn published(&self, examples: Tensor<4>, clips: usize) -> Tensor<2> {
        let summaries = self.summaries(examples, clips, Cut::Layers(0));
        let [rows, width] = summaries.dims();
        let embedding = self.architecture.backbone.embedding();
        if width == embedding {
            return summaries;
        }
        let scores = sigmoid(summaries.clone().slice([0..rows, embedding..width]));
        Tensor::cat(vec![summaries.slice([0..rows, 0..embedding]), scores], 1)
    }

    /// Puts a fixed shift and scale of each column before a linear head's layer, for training.
    pub(crate) fn standardised(mut self, mean: Vec<f32>, scale: Vec<f32>, device: &Device) -> Self {
        self.head = match self.head {
            HeadModule::Linear(head) => HeadModule::Linear(Box::new(head.standardised(mean, scale, device))),
            HeadModule::Mapped(head) => HeadModule::Mapped(Box::new(head.standardised(mean, scale, device))),
            other => other,
        };
        self
    }

    /// Shows every parameter.
    pub(crate) fn visit(&self, visitor: &mut impl ModuleVisitor) {
        match &self.backbone {
            BackboneModule::Mn(mn) => mn.visit(visitor),
            BackboneModule::Yamnet(yamnet) => yamnet.visit(visitor),
            BackboneModule::Vggish(vggish) => vggish.visit(visitor),
        }
        match &self.head {
            HeadModule::None | HeadModule::AudioSet => {}
            HeadModule::Attention(head) => head.visit(visitor),
            HeadModule::Linear(head) => head.visit(visitor),
            HeadModule::Mapped(head) => head.visit(visitor),
        }
    }

    /// Replaces every parameter.
    pub(crate) fn map(self, mapper: &mut impl ModuleMapper) -> Self {
        Self {
            backbone: match self.backbone {
                BackboneModule::Mn(mn) => BackboneModule::Mn(Box::new(mn.map(mapper))),
                BackboneModule::Yamnet(yamnet) => BackboneModule::Yamnet(Box::new(yamnet.map(mapper))),
                BackboneModule::Vggish(vggish) => BackboneModule::Vggish(Box::new(vggish.map(mapper))),
            },
            head: match self.head {
                HeadModule::Attention(head) => HeadModule::Attention(Box::new(head.map(mapper))),
                HeadModule::Linear(head) => HeadModule::Linear(Box::new(head.map(mapper))),
                HeadModule::Mapped(head) => HeadModule::Mapped(Box::new(head.map(mapper))),
                nothing => nothing,
            },
            ..self
        }
    }

    /// The weights by canonical name, as [`Network::load`] takes them.
    pub(crate) fn weights(&self, name: &str) -> Result<Weights, WeightsError> {
        let mut collected = Collected { tensors: Vec::new() };
        self.visit(&mut collected);
        let mut weights = Weights::new(name);
        for (tensor, shape) in self.architecture.tensors() {
            let id = parameter_id(&tensor).val();
            if let Some((_, found, values)) = collected.tensors.iter().find(|(of, ..)| *of == id) {
                let values = match found.as_slice() {
                    // burn keeps the transpose of a dense layer's weight.
                    [rows, columns] => transposed(values, *rows, *columns),
                    _ => values.clone(),
                };
                weights.insert(&tensor, &shape, values)?;
            }
        }
        Ok(weights)
    }

    fn run(&self, maps: Tensor<4>, layers: Range<usize>) -> Tensor<4> {
        match &self.backbone {
            BackboneModule::Mn(mn) => mn.run(maps, layers),
            BackboneModule::Yamnet(yamnet) => yamnet.run(maps, layers),
            BackboneModule::Vggish(vggish) => vggish.run(maps, layers),
        }
    }

    fn pool(&self, maps: Tensor<4>) -> Tensor<2> {
        match &self.backbone {
            BackboneModule::Mn(_) => Mn::pool(maps),
            BackboneModule::Yamnet(_) => Yamnet::pool(maps),
            BackboneModule::Vggish(_) => Vggish::pool(maps),
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

fn joined(embeddings: Tensor<2>, audioset: Option<Tensor<2>>) -> Tensor<2> {
    match audioset {
        Some(logits) => Tensor::cat(vec![embeddings, logits], 1),
        None => embeddings,
    }
}

fn rows_of_clips(rows: Tensor<2>, clips: usize) -> Tensor<3> {
    let [count, width] = rows.dims();
    rows.reshape([clips, count / clips.max(1), width])
}

fn mean_of_clips(rows: &Tensor<2>, clips: usize) -> Tensor<2> {
    let [_, width] = rows.dims();
    rows_of_clips(rows.clone(), clips)
        .mean_dim(1)
        .reshape([clips, width])
}

/// Parameters on their way out of a network: id, shape and values.
struct Collected {
    tensors: Vec<(u64, Vec<usize>, Vec<f32>)>,
}

impl ModuleVisitor for Collected {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let value = parameter.val();
        let shape = value.dims().to_vec();
        self.tensors.push((parameter.id.val(), shape, values(value)));
    }
}
