use std::ops::Range;

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::hard_swish;
use burn::tensor::{Device, Tensor};
use rayon::prelude::*;

use super::block::Block;
use super::config::MnConfig;
use crate::backbone::activated::{activated, is_plain};
use crate::backbone::activation::Activation;
use crate::backbone::layer::dense;
use crate::weights::{Weights, WeightsError};

/// An `mn` network.
#[derive(Module, Debug)]
pub(crate) struct Mn {
    stem: Conv2d,
    blocks: Vec<Block>,
    last: Conv2d,
    hidden: Linear,
    output: Linear,
}

impl Mn {
    /// Builds the network from [`MnConfig::tensors`].
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        config: &MnConfig,
        weights: &mut Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let stem = config.stem.load(weights, "features.0", device)?;
        let mut blocks = Vec::with_capacity(config.blocks.len());
        for (i, block) in config.blocks.iter().enumerate() {
            blocks.push(block.load(weights, &format!("features.{}", i + 1), device)?);
        }
        let last = format!("features.{}", config.blocks.len() + 1);
        Ok(Self {
            stem,
            blocks,
            last: config.last.load(weights, &last, device)?,
            hidden: config.hidden.load(weights, "classifier.2", device)?,
            output: config.output.load(weights, "classifier.5", device)?,
        })
    }

    /// Runs some of the layers (the stem, the blocks, the last convolution) on maps `[n, channels, mels, frames]`; the
    /// first takes log-mel `[n, 1, mels, frames]`.
    pub(crate) fn run(&self, maps: Tensor<4>, layers: Range<usize>) -> Tensor<4> {
        let [n, ..] = maps.dims();
        if n < 2 || !is_plain(&maps) {
            return self.run_together(maps, layers);
        }
        // The maps of one clip stay in the cache from layer to layer; those of many do not.
        let clips = (0..n).into_par_iter();
        let clips: Vec<Tensor<4>> = clips
            .map(|clip| self.run_together(maps.clone().narrow(0, clip, 1), layers.clone()))
            .collect();
        Tensor::cat(clips, 0)
    }

    fn run_together(&self, maps: Tensor<4>, layers: Range<usize>) -> Tensor<4> {
        let last = self.blocks.len() + 1;
        layers.fold(maps, |x, layer| match layer {
            0 => activated(&self.stem, x, Activation::HardSwish),
            _ if layer == last => activated(&self.last, x, Activation::HardSwish),
            _ => match self.blocks.get(layer - 1) {
                Some(block) => block.forward(x),
                None => x,
            },
        })
    }

    /// What [`Mn::run`] gives of all layers, to embeddings `[n, embedding]`: the mean of the map.
    pub(crate) fn pool(maps: Tensor<4>) -> Tensor<2> {
        let [n, channels, mels, frames] = maps.dims();
        maps.reshape([n, channels, mels * frames])
            .mean_dim(2)
            .reshape([n, channels])
    }

    /// Log-mel `[n, 1, mels, frames]` to embeddings `[n, embedding]`.
    #[cfg(test)]
    pub(crate) fn embed(&self, log_mel: Tensor<4>) -> Tensor<2> {
        Self::pool(self.run(log_mel, 0..self.blocks.len() + 2))
    }

    /// Embeddings `[n, embedding]` to a logit a class, `[n, classes]`.
    pub(crate) fn logits(&self, embeddings: Tensor<2>) -> Tensor<2> {
        dense(&self.output, hard_swish(dense(&self.hidden, embeddings)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Backbone;
    use crate::import::import;
    use crate::weights::formula::{assert_close, shared, tensor, values};

    fn mn04(file: &str) -> Mn {
        let mut imported = import(Weights::open(&shared(file)).unwrap()).unwrap();
        assert_eq!(imported.architecture.backbone, Backbone::Mn { width_tenths: 4 });
        let mn = Mn::load(&MnConfig::new(4), &mut imported.weights, &Device::flex()).unwrap();
        imported.weights.finish().unwrap();
        mn
    }

    #[test]
    #[ignore = "needs ../shared"]
    fn mn04_gives_pytorchs_embedding_and_logits() {
        let device = Device::flex();
        let mut golden = Weights::open(&shared("golden/backbones.safetensors")).unwrap();
        let log_mel = golden.take("mn/log_mel", &[128, 500]).unwrap();
        let embedding = golden.take("mn/embedding", &[1, 384]).unwrap();
        let logits = golden.take("mn/logits", &[1, 527]).unwrap();
        let scores =
            |logits: &[f32]| -> Vec<f32> { logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect() };
        for file in ["weights/mn04_as_mAP_432.pt", "weights/mn04_as.safetensors"] {
            let mn = mn04(file);
            let ours = mn.embed(tensor(log_mel.clone(), [1, 1, 128, 500], &device));
            assert_close(&values(ours.clone()), &embedding, 1e-4);
            let ours = values(mn.logits(ours));
            assert_close(&ours, &logits, 1e-4);
            assert_close(&scores(&ours), &scores(&logits), 1e-4);
        }
    }

    #[test]
    #[ignore = "needs ../shared"]
    fn a_clip_scores_the_same_alone_and_in_a_batch() {
        let device = Device::flex();
        let mn = mn04("weights/mn04_as_mAP_432.pt");
        let clips: Vec<Vec<f32>> = (1..=3)
            .map(|k| {
                (0..128 * 200)
                    .map(|i| (i as f32 * 0.01 * k as f32).sin())
                    .collect()
            })
            .collect();
        let together = values(mn.logits(mn.embed(tensor(clips.concat(), [3, 1, 128, 200], &device))));
        let alone: Vec<f32> = clips
            .into_iter()
            .flat_map(|clip| values(mn.logits(mn.embed(tensor(clip, [1, 1, 128, 200], &device)))))
            .collect();
        assert_eq!(alone, together);
    }
}
