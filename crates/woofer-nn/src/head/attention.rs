//! Self-attention over a clip's windows, their mean, and a dense layer.
//!
//! Vaswani et al., "Attention Is All You Need", 2017; tensors and arithmetic as PyTorch's `nn.MultiheadAttention`.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use crate::architecture::Backbone;
use crate::backbone::layer::{LinearLayer, TensorShape, dense};
use crate::weights::{Weights, WeightsError};

/// Attention heads side by side: the original's number.
pub(crate) const ATTENTION_HEADS: usize = 4;

/// Taken from the closeness of a window that is not there: its softmax is 0 beside any that is.
const FAR: f32 = 1e30;

/// What an attention head leaves out; nothing by default.
#[derive(Default)]
pub(crate) struct WindowMask {
    /// `[clips, heads, windows, windows]`: attention weights are multiplied by it, as dropout does.
    ///
    /// It is the caller's, so that what is drawn does not depend on the device.
    pub(crate) dropout: Option<Tensor<4>>,
    /// `[clips, windows]`: 1 for a clip's own windows, 0 for those that make up the number; each clip has one at least.
    pub(crate) present: Option<Tensor<2>>,
}

/// Sizes of an attention head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttentionHeadConfig {
    /// Values of an embedding; a multiple of `heads`.
    pub(crate) width: usize,
    /// Attention heads.
    pub(crate) heads: usize,
    /// Classes.
    pub(crate) classes: usize,
}

impl AttentionHeadConfig {
    /// The original's head, four attention heads, on a backbone's embeddings.
    pub(crate) fn new(backbone: Backbone, classes: usize) -> Self {
        Self {
            width: backbone.embedding(),
            heads: ATTENTION_HEADS,
            classes,
        }
    }

    fn projection(&self) -> LinearLayer {
        LinearLayer {
            input: self.width,
            output: 3 * self.width,
        }
    }

    /// Names and shapes of the dense layer that gives query, key and value.
    pub(crate) fn projection_tensors(&self) -> Vec<TensorShape> {
        self.projection()
            .named_tensors("attention.in_proj_weight", "attention.in_proj_bias")
    }

    /// Sizes of the dense layer `attention.out_proj`.
    pub(crate) fn output(&self) -> LinearLayer {
        LinearLayer {
            input: self.width,
            output: self.width,
        }
    }

    /// Sizes of the dense layer `classifier`.
    pub(crate) fn classifier(&self) -> LinearLayer {
        LinearLayer {
            input: self.width,
            output: self.classes,
        }
    }

    /// Names and shapes of the head's tensors, as PyTorch's `attention` and `classifier` have them.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        let mut tensors = self.projection_tensors();
        tensors.extend(self.output().tensors("attention.out_proj"));
        tensors.extend(self.classifier().tensors("classifier"));
        tensors
    }

    /// Builds the head from [`AttentionHeadConfig::tensors`], each name with `prefix` before it.
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        &self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<AttentionHead, WeightsError> {
        Ok(AttentionHead {
            projection: self.projection().load_named(
                weights,
                &format!("{prefix}attention.in_proj_weight"),
                &format!("{prefix}attention.in_proj_bias"),
                device,
            )?,
            output: self
                .output()
                .load(weights, &format!("{prefix}attention.out_proj"), device)?,
            classifier: self
                .classifier()
                .load(weights, &format!("{prefix}classifier"), device)?,
            heads: self.heads,
        })
    }
}

/// The head.
#[derive(Module, Debug)]
pub(crate) struct AttentionHead {
    projection: Linear,
    output: Linear,
    classifier: Linear,
    heads: usize,
}

impl AttentionHead {
    /// Embeddings `[clips, windows, width]` to logits `[clips, classes]`.
    #[cfg(test)]
    pub(crate) fn forward(&self, embeddings: Tensor<3>) -> Tensor<2> {
        self.forward_masked(embeddings, WindowMask::default())
    }

    /// The same without the windows that a mask leaves out.
    pub(crate) fn forward_masked(&self, embeddings: Tensor<3>, mask: WindowMask) -> Tensor<2> {
        let [clips, windows, width] = embeddings.dims();
        let per_head = width / self.heads;
        let weight = self.projection.weight.val();
        let bias = self.projection.bias.as_ref();
        let bias = bias.map(|bias| bias.val().reshape([1, 3 * width]));
        // Query and key come side by side: `[2, clips, heads, windows, per head]` once permuted.
        let projected = embeddings
            .clone()
            .reshape([clips * windows, width])
            .matmul(weight.clone().narrow(1, 0, 2 * width));
        let projected = match &bias {
            Some(bias) => projected + bias.clone().narrow(1, 0, 2 * width),
            None => projected,
        };
        let projected = projected
            .reshape([clips, windows, 2, self.heads, per_head])
            .permute([2, 0, 3, 1, 4]);
        let part = |index| projected.clone().narrow(0, index, 1).squeeze_dim::<4>(0);
        let (query, key) = (part(0), part(1));
        #[expect(clippy::cast_precision_loss, reason = "a width is small")]
        let scale = (per_head as f64).sqrt().recip();
        let closeness = query.mul_scalar(scale).matmul(key.transpose());
        let closeness = match &mask.present {
            Some(present) => {
                closeness
                    + (present.clone() - 1.0)
                        .mul_scalar(FAR)
                        .reshape([clips, 1, 1, windows])
            }
            None => closeness,
        };
        let weights = softmax(closeness, 3);
        let weights = match mask.dropout {
            Some(dropout) => weights * dropout,
            None => weights,
        };
        // The mean of what the windows attend to is what they attend to in the mean: values are taken once a clip, not once a window.
        let shares = match mask.present {
            Some(present) => {
                let counted = present.clone() / present.sum_dim(1);
                (weights * counted.reshape([clips, 1, windows, 1])).sum_dim(2)
            }
            None => weights.mean_dim(2),
        };
        let shares = shares.squeeze_dim::<3>(2);
        let attended = shares.clone().matmul(embeddings).swap_dims(0, 1);
        // A single row would be multiplied in another order, see `dense`.
        let rows = if clips == 1 {
            attended.repeat_dim(1, 2)
        } else {
            attended
        };
        let of_values = weight
            .narrow(1, 2 * width, width)
            .reshape([width, self.heads, per_head])
            .swap_dims(0, 1);
        let values = rows.matmul(of_values).narrow(1, 0, clips).swap_dims(0, 1);
        let values = match bias {
            Some(bias) => {
                let bias = bias
                    .narrow(1, 2 * width, width)
                    .reshape([1, self.heads, per_head]);
                values + shares.sum_dim(2) * bias
            }
            None => values,
        };
        let mean = dense(&self.output, values.reshape([clips, width]));
        dense(&self.classifier, mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::{
        assert_close, golden, labels, merged, pattern, seed_weights, softmax_rows, tensor, testdata, values,
    };

    fn seed_head(device: &Device) -> AttentionHead {
        let mut weights = seed_weights(|name| !name.starts_with("backbone."));
        let head = AttentionHeadConfig::new(Backbone::Vggish, 15)
            .load(&mut weights, "", device)
            .expect("the formula gives every tensor");
        weights.finish().expect("the head takes every tensor");
        head
    }

    #[test]
    fn windows_that_make_up_the_number_change_nothing() {
        let device = Device::flex();
        let head = seed_head(&device);
        let embeddings = |windows: usize| {
            let all = pattern(2 * windows * 128);
            tensor(all, [2, windows, 128], &device)
        };
        let three = embeddings(3);
        let expected = values(head.forward(three.clone()));
        // The large ones are so close to every window that nothing would be left of the softmax of the others.
        for others in [embeddings(2).add_scalar(0.7), embeddings(2).mul_scalar(1e3)] {
            let padded = Tensor::cat(vec![three.clone(), others], 1);
            let present = tensor([1.0, 1.0, 1.0, 0.0, 0.0].repeat(2), [2, 5], &device);
            let mask = WindowMask {
                dropout: None,
                present: Some(present),
            };
            assert_close(&values(head.forward_masked(padded, mask)), &expected, 1e-5);
        }
    }

    #[test]
    fn golden_embeddings_give_the_golden_logits_and_probabilities() {
        let device = Device::flex();
        let mut golden = golden("seed_network.safetensors");
        let embeddings = tensor(golden.take("embedding", &[5, 128]).unwrap(), [1, 5, 128], &device);
        let logits = values(seed_head(&device).forward(embeddings));
        assert_close(&logits, &golden.take("logits", &[1, 15]).unwrap(), 1e-4);
        let at_5 = softmax_rows(&logits, 15, 5.0);
        assert_close(
            &softmax_rows(&logits, 15, 1.0),
            &golden.take("prob_t1", &[1, 15]).unwrap(),
            1e-4,
        );
        assert_close(&at_5, &golden.take("prob_t5", &[1, 15]).unwrap(), 1e-4);
        assert_close(&merged(&at_5), &golden.take("coarse_t5", &[1, 10]).unwrap(), 1e-4);
    }

    #[test]
    fn one_clip_scores_as_it_does_among_others() {
        let device = Device::flex();
        let mut golden = golden("seed_network.safetensors");
        let all = golden.take("train_embeddings", &[32, 5, 128]).unwrap();
        let head = seed_head(&device);
        let together = values(head.forward(tensor(all.clone(), [32, 5, 128], &device)));
        let alone: Vec<f32> = all
            .chunks(5 * 128)
            .flat_map(|clip| values(head.forward(tensor(clip.to_vec(), [1, 5, 128], &device))))
            .collect();
        assert_eq!(alone, together, "a clip's logits do not depend on the others");
    }

    #[test]
    fn golden_embeddings_give_the_golden_training_loss() {
        let device = Device::flex();
        let mut golden = golden("seed_network.safetensors");
        let embeddings = golden.take("train_embeddings", &[32, 5, 128]).unwrap();
        let logits = values(seed_head(&device).forward(tensor(embeddings, [32, 5, 128], &device)));
        let losses = golden.take("adam_losses", &[5]).unwrap();
        let labels = labels("seed_network.safetensors", "train_labels");
        // Cross-entropy with label smoothing 0.1, as `smoothed_ce` in generate.py.
        let total: f32 = softmax_rows(&logits, 15, 1.0)
            .chunks(15)
            .zip(&labels)
            .map(|(row, &label)| {
                let mean = row.iter().map(|p| -p.ln()).sum::<f32>() / 15.0;
                0.9 * -row[label].ln() + 0.1 * mean
            })
            .sum();
        assert_close(&[total / 32.0], &losses[..1], 1e-5);
    }

    #[test]
    fn pytorch_gives_the_same_logits_from_its_own_file() {
        let device = Device::flex();
        let mut weights = Weights::open(&testdata("weights/attention_tiny.pth")).unwrap();
        let config = AttentionHeadConfig {
            width: 8,
            heads: 2,
            classes: 3,
        };
        let head = config.load(&mut weights, "", &device).unwrap();
        weights.finish().unwrap();
        let json = std::fs::read_to_string(testdata("weights/attention.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let expected: Vec<Vec<f32>> = serde_json::from_value(json["logits"].clone()).unwrap();
        let input = pattern(80);
        let logits = values(head.forward(tensor(input, [2, 5, 8], &device)));
        assert_close(&logits, &expected.concat(), 1e-6);
    }
}
