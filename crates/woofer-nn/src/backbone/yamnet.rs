//! YAMNet: a MobileNet v1 over log-mel windows, with 521 AudioSet classes.
//!
//! Google's `yamnet.py` (tensorflow/models, research/audioset/yamnet), batch norm folded into the weights.
//! MobileNet v1: Howard et al., "MobileNets", 2017.

use std::ops::Range;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use super::activated::activated;
use super::activation::Activation;
use super::layer::{Conv2dLayer, LinearLayer, TensorShape, dense};
use crate::weights::{Weights, WeightsError};

/// Sizes of a YAMNet network; the default is the published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamnetConfig {
    /// Channels of the first convolution, which halves both sides of the window.
    pub(crate) stem: usize,
    /// Stride and channels of each depthwise and pointwise pair.
    pub(crate) blocks: Vec<(usize, usize)>,
    /// Classes scored.
    pub(crate) classes: usize,
}

impl Default for YamnetConfig {
    fn default() -> Self {
        let mut blocks = vec![(1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512)];
        blocks.extend([(1, 512); 5]);
        blocks.extend([(2, 1024), (1, 1024)]);
        Self {
            stem: 32,
            blocks,
            classes: 521,
        }
    }
}

/// A square convolution padded as TensorFlow's "SAME": as many outputs as steps fit, the odd zero at the end.
fn same(input: usize, output: usize, side: usize, stride: usize, groups: usize) -> Conv2dLayer {
    Conv2dLayer {
        input,
        output,
        kernel: [side, side],
        stride: [stride, stride],
        groups,
        padding: PaddingConfig2d::Same,
        bias: true,
    }
}

/// Names of the convolutions in the order of the network: `layer1.conv`, `layer2.depthwise_conv`,
/// `layer2.pointwise_conv`, `layer3.depthwise_conv`, ...
fn convolution_names() -> impl Iterator<Item = String> {
    let blocks =
        (2..).flat_map(|number| ["depthwise", "pointwise"].map(|kind| format!("layer{number}.{kind}_conv")));
    std::iter::once("layer1.conv".to_owned()).chain(blocks)
}

impl YamnetConfig {
    /// Values of the embedding: the channels of the last block.
    pub(crate) fn embedding(&self) -> usize {
        self.blocks.last().map_or(self.stem, |&(_, channels)| channels)
    }

    /// Name and sizes of each convolution, in the order of the network.
    pub(crate) fn convolutions(&self) -> impl Iterator<Item = (String, Conv2dLayer)> {
        let mut layers = vec![same(1, self.stem, 3, 2, 1)];
        let mut input = self.stem;
        for &(stride, output) in &self.blocks {
            layers.push(same(input, input, 3, stride, input));
            layers.push(same(input, output, 1, 1, 1));
            input = output;
        }
        convolution_names().zip(layers)
    }

    /// What the names of each layer's tensors begin with, in the order in which [`Yamnet::run`] counts layers.
    pub(crate) fn layer_names(&self) -> Vec<String> {
        self.convolutions().map(|(name, _)| format!("{name}.")).collect()
    }

    /// Sizes of the dense layer `logits`.
    pub(crate) fn classifier(&self) -> LinearLayer {
        LinearLayer {
            input: self.embedding(),
            output: self.classes,
        }
    }

    /// Names and shapes of the network's tensors: those of [`canonical_name`].
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        self.convolutions()
            .flat_map(|(name, layer)| layer.tensors(&name))
            .chain(self.classifier().tensors("logits"))
            .collect()
    }

    /// Builds the network from [`YamnetConfig::tensors`], each name with `prefix` before it.
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        &self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<Yamnet, WeightsError> {
        Ok(Yamnet {
            convolutions: self
                .convolutions()
                .map(|(name, layer)| layer.load(weights, &format!("{prefix}{name}"), device))
                .collect::<Result<_, _>>()?,
            classifier: self
                .classifier()
                .load(weights, &format!("{prefix}logits"), device)?,
        })
    }
}

/// A tensor's name in Google's file as this network calls it: `layer2/depthwise_conv/kernel` is
/// `layer2.depthwise_conv.weight`.
pub(crate) fn canonical_name(name: &str) -> String {
    let name = match name.strip_suffix("/kernel") {
        Some(layer) => format!("{layer}.weight"),
        None => name.to_owned(),
    };
    name.replace('/', ".")
}

/// The network.
#[derive(Module, Debug)]
pub(crate) struct Yamnet {
    convolutions: Vec<Conv2d>,
    classifier: Linear,
}

impl Yamnet {
    /// Runs some of the convolutions on maps; the first takes log-mel windows `[n, 1, 96, 64]` (frames, mel bands).
    pub(crate) fn run(&self, maps: Tensor<4>, layers: Range<usize>) -> Tensor<4> {
        self.convolutions
            .get(layers)
            .unwrap_or_default()
            .iter()
            .fold(maps, |map, convolution| {
                activated(convolution, map, Activation::Relu)
            })
    }

    /// What [`Yamnet::run`] gives of all layers, to embeddings `[n, 1024]`: the mean over the map.
    pub(crate) fn pool(maps: Tensor<4>) -> Tensor<2> {
        maps.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2)
    }

    /// Log-mel windows `[n, 1, 96, 64]` to embeddings `[n, 1024]`.
    #[cfg(test)]
    pub(crate) fn embed(&self, windows: Tensor<4>) -> Tensor<2> {
        Self::pool(self.run(windows, 0..self.convolutions.len()))
    }

    /// Embeddings `[n, 1024]` to logits `[n, 521]`; their sigmoid is the score of each class.
    pub(crate) fn logits(&self, embeddings: Tensor<2>) -> Tensor<2> {
        dense(&self.classifier, embeddings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::{assert_close, formula_weights, pattern, shared, tensor, values};

    #[test]
    fn names_of_the_google_file_become_those_of_the_network() {
        assert_eq!(canonical_name("layer1/conv/kernel"), "layer1.conv.weight");
        assert_eq!(
            canonical_name("layer14/depthwise_conv/bias"),
            "layer14.depthwise_conv.bias"
        );
        assert_eq!(canonical_name("logits/kernel"), "logits.weight");
        assert_eq!(canonical_name("logits.weight"), "logits.weight");
    }

    #[test]
    fn the_published_network_has_3_7_million_parameters() {
        let tensors = YamnetConfig::default().tensors();
        let parameters: usize = tensors
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum();
        assert_eq!(tensors.len(), 56);
        assert_eq!(parameters, 3_729_481);
    }

    #[test]
    fn a_window_of_any_size_is_padded_at_the_end_as_tensorflow_does() {
        let device = Device::flex();
        let mut weights = Weights::new("one");
        weights
            .insert("c.weight", &[1, 1, 3, 3], (1_u8..=9).map(f32::from).collect())
            .unwrap();
        weights.insert("c.bias", &[1], vec![0.0]).unwrap();
        let layer = same(1, 1, 3, 2, 1).load(&mut weights, "c", &device).unwrap();
        // 4 -> 2 steps of 2 need one zero: at the end, so the first output sees the upper left nine ones.
        let output = values(layer.forward(Tensor::ones([1, 1, 4, 4], &device)));
        assert_eq!(output, [45.0, 27.0, 21.0, 12.0]);
        // 5 -> 3 steps need two: one on either side.
        let output = values(layer.forward(Tensor::ones([1, 1, 5, 5], &device)));
        assert_eq!(output, [28.0, 39.0, 24.0, 33.0, 45.0, 27.0, 16.0, 21.0, 12.0]);
    }

    #[test]
    fn one_window_scores_as_it_does_among_others() {
        let device = Device::flex();
        let config = YamnetConfig {
            stem: 8,
            blocks: vec![(1, 16), (2, 24), (1, 24), (2, 32)],
            classes: 7,
        };
        let mut weights = formula_weights(&config.tensors());
        let network = config.load(&mut weights, "", &device).unwrap();
        weights.finish().unwrap();
        let windows = pattern(4 * 96 * 64);
        let score = |windows: &[f32], count| {
            let windows = tensor(windows.to_vec(), [count, 1, 96, 64], &device);
            values(network.logits(network.embed(windows)))
        };
        let together = score(&windows, 4);
        let alone: Vec<f32> = windows
            .chunks(96 * 64)
            .flat_map(|window| score(window, 1))
            .collect();
        assert_eq!(alone, together);
    }

    #[test]
    #[ignore = "needs ../shared"]
    fn published_weights_give_the_golden_embedding_and_scores() {
        let device = Device::flex();
        let mut weights = Weights::open(&shared("weights/yamnet_mixed.safetensors")).unwrap();
        weights.rename(canonical_name).unwrap();
        let network = YamnetConfig::default().load(&mut weights, "", &device).unwrap();
        weights.finish().unwrap();

        let mut golden = Weights::open(&shared("golden/backbones.safetensors")).unwrap();
        let windows = golden.take("yamnet/log_mel_windows", &[10, 96, 64]).unwrap();
        let run = |windows: &[f32], count| {
            let embedding = network.embed(tensor(windows.to_vec(), [count, 1, 96, 64], &device));
            let scores = burn::tensor::activation::sigmoid(network.logits(embedding.clone()));
            (values(embedding), values(scores))
        };
        let (embedding, scores) = run(&windows, 10);
        let expected = golden.take("yamnet/embedding", &[10, 1024]).unwrap();
        assert_close(&embedding, &expected, 1e-4);
        let expected = golden.take("yamnet/scores", &[10, 521]).unwrap();
        assert_close(&scores, &expected, 1e-4);

        let (mut alone, mut alone_scores) = (Vec::new(), Vec::new());
        for window in windows.chunks(96 * 64) {
            let (embedding, scores) = run(window, 1);
            alone.extend(embedding);
            alone_scores.extend(scores);
        }
        assert_eq!(
            alone, embedding,
            "a window's embedding does not depend on the others"
        );
        assert_eq!(alone_scores, scores, "nor do its scores");
    }
}
