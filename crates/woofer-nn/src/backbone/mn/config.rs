use super::block::BlockConfig;
use super::sizes::{convolution, divisible_by_8};
use crate::backbone::layer::{Conv2dLayer, LinearLayer, TensorShape};

/// The published widths, in tenths: `mn01` is a tenth as wide as `mn10`.
const PUBLISHED_WIDTHS: [u32; 8] = [1, 2, 4, 5, 10, 20, 30, 40];

/// Number of AudioSet classes that the published networks score.
const AUDIOSET_CLASSES: usize = 527;

/// One row of MobileNetV3-Large: kernel, expanded channels, output channels, squeeze and
/// excitation, hard swish (else ReLU), stride; channels at width 1.
type Row = (usize, usize, usize, bool, bool, usize);

const ROWS: [Row; 15] = [
    (3, 16, 16, false, false, 1),
    (3, 64, 24, false, false, 2),
    (3, 72, 24, false, false, 1),
    (5, 72, 40, true, false, 2),
    (5, 120, 40, true, false, 1),
    (5, 120, 40, true, false, 1),
    (3, 240, 80, false, true, 2),
    (3, 200, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 184, 80, false, true, 1),
    (3, 480, 112, true, true, 1),
    (3, 672, 112, true, true, 1),
    (5, 672, 160, true, true, 2),
    (5, 960, 160, true, true, 1),
    (5, 960, 160, true, true, 1),
];

const STEM_CHANNELS: usize = 16;
const HIDDEN: usize = 1280;

/// The sizes of an `mn` network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MnConfig {
    /// The first convolution, `features.0`.
    pub(crate) stem: Conv2dLayer,
    /// The inverted residual blocks, `features.1` to `features.15`.
    pub(crate) blocks: Vec<BlockConfig>,
    /// The last convolution, `features.16`.
    pub(crate) last: Conv2dLayer,
    /// Embedding to hidden layer, `classifier.2`.
    pub(crate) hidden: LinearLayer,
    /// Hidden layer to class logits, `classifier.5`.
    pub(crate) output: LinearLayer,
}

impl MnConfig {
    /// The published network of a width in tenths.
    pub(crate) fn new(width_tenths: u32) -> Self {
        let channels = |c: usize| divisible_by_8(c as f64 * f64::from(width_tenths) / 10.0);
        let mut input = channels(STEM_CHANNELS);
        let stem = convolution(1, input, 3, 2, 1);
        let blocks = ROWS
            .iter()
            .map(|&(kernel, expanded, output, squeeze, hard_swish, stride)| {
                let block = BlockConfig {
                    input,
                    expanded: channels(expanded),
                    output: channels(output),
                    kernel,
                    stride,
                    squeeze,
                    hard_swish,
                };
                input = block.output;
                block
            })
            .collect();
        let embedding = 6 * input;
        Self {
            stem,
            blocks,
            last: convolution(input, embedding, 1, 1, 1),
            hidden: LinearLayer {
                input: embedding,
                output: channels(HIDDEN),
            },
            output: LinearLayer {
                input: channels(HIDDEN),
                output: AUDIOSET_CLASSES,
            },
        }
    }

    /// The published networks, each with its width in tenths.
    pub(crate) fn published() -> impl Iterator<Item = (u32, Self)> {
        PUBLISHED_WIDTHS.iter().map(|&width| (width, Self::new(width)))
    }

    /// Values in the embedding.
    pub(crate) const fn embedding(&self) -> usize {
        self.hidden.input
    }

    /// What the names of each layer's tensors begin with, in the order in which [`super::Mn::run`] counts layers.
    pub(crate) fn layer_names(&self) -> Vec<String> {
        (0..self.blocks.len() + 2)
            .map(|i| format!("features.{i}."))
            .collect()
    }

    /// Name and shape of every tensor.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        let mut tensors = self.stem.tensors("features.0");
        for (i, block) in self.blocks.iter().enumerate() {
            tensors.extend(block.tensors(&format!("features.{}", i + 1)));
        }
        tensors.extend(self.last.tensors(&format!("features.{}", self.blocks.len() + 1)));
        tensors.extend(self.hidden.tensors("classifier.2"));
        tensors.extend(self.output.tensors("classifier.5"));
        tensors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters as PyTorch counts them before folding: a folded convolution has one bias a
    /// channel, batch normalisation a weight and a bias.
    fn published_parameters(config: &MnConfig) -> usize {
        let tensors = config.tensors();
        let values: usize = tensors.iter().map(|(_, s)| s.iter().product::<usize>()).sum();
        let folded: usize = tensors
            .iter()
            .filter(|(_, shape)| shape.len() == 4)
            .map(|(_, shape)| shape[0])
            .sum();
        values + folded
    }

    #[test]
    fn parameter_counts_are_the_published_ones() {
        // EfficientAT README, "Pre-Trained Models", millions of parameters.
        let published = [
            (4, 0.983, 0.001), // printed cut off: 983,599
            (5, 1.43, 0.005),
            (10, 4.88, 0.005),
            (20, 17.91, 0.005),
            (30, 39.09, 0.005),
            (40, 68.43, 0.005),
        ];
        for (width, millions, rounding) in published {
            let counted = published_parameters(&MnConfig::new(width)) as f64 / 1e6;
            assert!((counted - millions).abs() <= rounding, "mn{width:02}: {counted}");
        }
    }

    #[test]
    fn channels_are_multiples_of_eight_at_every_width() {
        for (width, config) in MnConfig::published() {
            for block in &config.blocks {
                for c in [block.input, block.expanded, block.output] {
                    assert!(c >= 8 && c % 8 == 0, "mn{width:02}: {c}");
                }
            }
        }
        assert_eq!(divisible_by_8(28.8), 32);
        assert_eq!(divisible_by_8(9.6), 16);
        assert_eq!(divisible_by_8(1.6), 8);
    }
}
