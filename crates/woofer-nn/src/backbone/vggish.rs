//! VGGish: six convolutions and three dense layers, from log-mel windows to 128 values each.
//!
//! Hershey et al., "CNN Architectures for Large-Scale Audio Classification", ICASSP 2017; the network and its tensor
//! names as in `torchvggish` (`torchvggish/vggish.py`), without the quantising step after it.

use std::ops::Range;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::activated::activated;
use super::activation::Activation;
use super::layer::{Conv2dLayer, LinearLayer, TensorShape, dense};
use crate::weights::{Weights, WeightsError};

/// Frames and mel bands of a window.
const WINDOW: [usize; 2] = [96, 64];

/// The convolutions' places in torchvggish's `features`, where ReLU and pooling are counted too.
const CONV_PLACES: [usize; 6] = [0, 3, 6, 8, 11, 13];

/// The dense layers' places in torchvggish's `embeddings`.
const DENSE_PLACES: [usize; 3] = [0, 2, 4];

/// Whether each convolution is followed by a 2x2 pooling.
pub(crate) const POOLED: [bool; 6] = [true, true, false, true, false, true];

/// How much smaller a map is after the four poolings, along each side.
const POOLING: usize = 16;

/// Sizes of a VGGish network; the default is the published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VggishConfig {
    /// Channels of the six convolutions.
    pub(crate) widths: [usize; 6],
    /// Values of the two hidden dense layers.
    pub(crate) hidden: usize,
    /// Values of the embedding.
    pub(crate) embedding: usize,
}

impl Default for VggishConfig {
    fn default() -> Self {
        Self {
            widths: [64, 128, 256, 256, 512, 512],
            hidden: 4096,
            embedding: 128,
        }
    }
}

impl VggishConfig {
    /// Name and sizes of each convolution, in the order of the network.
    pub(crate) fn convolutions(&self) -> impl Iterator<Item = (String, Conv2dLayer)> {
        let inputs = std::iter::once(1).chain(self.widths);
        let layers = inputs.zip(self.widths).map(|(input, output)| Conv2dLayer {
            input,
            output,
            kernel: [3, 3],
            stride: [1, 1],
            groups: 1,
            padding: PaddingConfig2d::Explicit(1, 1, 1, 1),
            bias: true,
        });
        CONV_PLACES
            .iter()
            .map(|place| format!("features.{place}"))
            .zip(layers)
    }

    /// Name and sizes of each dense layer, in the order of the network.
    pub(crate) fn dense(&self) -> impl Iterator<Item = (String, LinearLayer)> {
        let [.., channels] = self.widths;
        let [frames, mels] = WINDOW;
        let map = channels * (frames / POOLING) * (mels / POOLING);
        let sizes = [
            (map, self.hidden),
            (self.hidden, self.hidden),
            (self.hidden, self.embedding),
        ];
        DENSE_PLACES
            .iter()
            .map(|place| format!("embeddings.{place}"))
            .zip(sizes.map(|(input, output)| LinearLayer { input, output }))
    }

    /// What the names of each layer's tensors begin with, in the order in which [`Vggish::run`] counts layers.
    pub(crate) fn layer_names(&self) -> Vec<String> {
        let convolutions = self.convolutions().map(|(name, _)| name);
        let dense = self.dense().map(|(name, _)| name);
        convolutions.chain(dense).map(|name| format!("{name}.")).collect()
    }

    /// Names and shapes of the network's tensors, in torchvggish's order.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        let convolutions = self.convolutions().flat_map(|(name, layer)| layer.tensors(&name));
        let dense = self.dense().flat_map(|(name, layer)| layer.tensors(&name));
        convolutions.chain(dense).collect()
    }

    /// Builds the network from [`VggishConfig::tensors`], each name with `prefix` before it.
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        &self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<Vggish, WeightsError> {
        Ok(Vggish {
            convolutions: self
                .convolutions()
                .map(|(name, layer)| layer.load(weights, &format!("{prefix}{name}"), device))
                .collect::<Result<_, _>>()?,
            dense: self
                .dense()
                .map(|(name, layer)| layer.load(weights, &format!("{prefix}{name}"), device))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The network.
#[derive(Module, Debug)]
pub(crate) struct Vggish {
    convolutions: Vec<Conv2d>,
    dense: Vec<Linear>,
}

impl Vggish {
    /// Runs some of the layers, convolutions with their pooling first; the first takes log-mel windows
    /// `[n, 1, 96, 64]` (frames, mel bands), the dense ones rows as `[n, values, 1, 1]`.
    pub(crate) fn run(&self, maps: Tensor<4>, layers: Range<usize>) -> Tensor<4> {
        layers.fold(maps, |map, layer| {
            match (
                self.convolutions.get(layer),
                self.dense.get(layer.saturating_sub(self.convolutions.len())),
            ) {
                (Some(convolution), _) => convolve(convolution, map, POOLED.get(layer) == Some(&true)),
                (None, Some(layer)) => {
                    // The published dense weights expect time, frequency, channel: TensorFlow's order.
                    let rows = relu(dense(layer, map.permute([0, 2, 3, 1]).flatten::<2>(1, 3)));
                    let [n, width] = rows.dims();
                    rows.reshape([n, width, 1, 1])
                }
                (None, None) => map,
            }
        })
    }

    /// What [`Vggish::run`] gives of all layers, as rows: embeddings `[n, 128]`, none of them negative.
    pub(crate) fn pool(maps: Tensor<4>) -> Tensor<2> {
        maps.flatten::<2>(1, 3)
    }

    /// Log-mel windows `[n, 1, 96, 64]` to embeddings `[n, 128]`.
    #[cfg(test)]
    pub(crate) fn forward(&self, windows: Tensor<4>) -> Tensor<2> {
        Self::pool(self.run(windows, 0..self.convolutions.len() + self.dense.len()))
    }
}

fn convolve(convolution: &Conv2d, map: Tensor<4>, pooled: bool) -> Tensor<4> {
    let map = activated(convolution, map, Activation::Relu);
    if pooled { halve(map) } else { map }
}

/// 2x2 max pooling of a map with even sides, two to four times as fast as burn-flex's own.
fn halve(map: Tensor<4>) -> Tensor<4> {
    let [n, channels, height, width] = map.dims();
    let rows = map.reshape([n * channels * height / 2, 2, width / 2, 2]);
    let rows = rows.clone().narrow(1, 0, 1).max_pair(rows.narrow(1, 1, 1));
    let halved = rows.clone().narrow(3, 0, 1).max_pair(rows.narrow(3, 1, 1));
    halved.reshape([n, channels, height / 2, width / 2])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::architecture::Backbone;
    use crate::head::AttentionHeadConfig;
    use crate::weights::formula::{
        assert_close, golden, pattern, seed_weights, softmax_rows, tensor, testdata, values,
    };

    fn tiny() -> VggishConfig {
        VggishConfig {
            widths: [2, 2, 3, 3, 4, 4],
            hidden: 8,
            embedding: 5,
        }
    }

    fn pytorch() -> serde_json::Value {
        let text = std::fs::read_to_string(testdata("weights/vggish.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn published_tensors_are_those_of_the_pytorch_module() {
        let expected: BTreeMap<String, Vec<usize>> =
            serde_json::from_value(pytorch()["published_tensors"].clone()).unwrap();
        let tensors = VggishConfig::default().tensors();
        let parameters: usize = tensors
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum();
        assert_eq!(tensors.len(), expected.len());
        assert_eq!(tensors.into_iter().collect::<BTreeMap<_, _>>(), expected);
        assert_eq!(pytorch()["published_parameters"], 72_141_184);
        assert_eq!(parameters, 72_141_184);
    }

    #[test]
    fn pytorch_gives_the_same_embedding_from_its_own_file() {
        let device = Device::flex();
        let mut weights = Weights::open(&testdata("weights/vggish_tiny.pth")).unwrap();
        let network = tiny().load(&mut weights, "", &device).unwrap();
        weights.finish().unwrap();
        let expected: Vec<Vec<f32>> = serde_json::from_value(pytorch()["tiny_embedding"].clone()).unwrap();
        let input = pattern(2 * 96 * 64);
        let embedding = values(network.forward(tensor(input, [2, 1, 96, 64], &device)));
        assert_close(&embedding, &expected.concat(), 1e-5);
    }

    #[test]
    fn formula_weights_give_the_golden_embedding_logits_and_probabilities() {
        let device = Device::flex();
        let mut weights = seed_weights(|_| true);
        let network = VggishConfig::default().load(&mut weights, "", &device).unwrap();
        let head = AttentionHeadConfig::new(Backbone::Vggish, 15)
            .load(&mut weights, "", &device)
            .unwrap();
        weights.finish().unwrap();
        assert_eq!(network.num_params(), 72_141_184);

        let mut golden = golden("seed_network.safetensors");
        let windows = golden.take("log_mel", &[1, 5, 1, 96, 64]).unwrap();
        let embedding = network.forward(tensor(windows.clone(), [5, 1, 96, 64], &device));
        let together = values(embedding.clone());
        assert_close(&together, &golden.take("embedding", &[5, 128]).unwrap(), 1e-4);

        let logits = values(head.forward(embedding.reshape([1, 5, 128])));
        assert_close(&logits, &golden.take("logits", &[1, 15]).unwrap(), 1e-4);
        for (name, temperature) in [("prob_t1", 1.0), ("prob_t5", 5.0)] {
            let expected = golden.take(name, &[1, 15]).unwrap();
            assert_close(&softmax_rows(&logits, 15, temperature), &expected, 1e-4);
        }

        let alone: Vec<f32> = windows
            .chunks(96 * 64)
            .flat_map(|window| values(network.forward(tensor(window.to_vec(), [1, 1, 96, 64], &device))))
            .collect();
        assert_eq!(
            alone, together,
            "a window's embedding does not depend on the others"
        );
    }
}
