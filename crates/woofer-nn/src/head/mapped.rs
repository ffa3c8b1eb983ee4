//! A head that begins as the untrained mapping from AudioSet labels and learns what to add to it.

use burn::module::Param;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::linear::{LinearHead, LinearHeadConfig};
use crate::architecture::Backbone;
use crate::backbone::layer::{TensorShape, parameter, transposed};
use crate::weights::{Weights, WeightsError};

/// Canonical name of which label speaks for which class.
pub(crate) const EVIDENCE: &str = "evidence";

/// Added to each probability before its logarithm: a class that the published network rules out altogether can still
/// be learned, and a label without evidence has this.
pub(crate) const LEAST_PROBABILITY: f32 = 1e-5;

/// Sizes of a [`MappedHead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MappedHeadConfig {
    /// Values of an embedding.
    pub(crate) embedding: usize,
    /// AudioSet labels.
    pub(crate) labels: usize,
    /// Fine labels.
    pub(crate) classes: usize,
    linear: LinearHeadConfig,
}

impl MappedHeadConfig {
    /// The head on a backbone that scores AudioSet labels.
    pub(crate) fn new(backbone: Backbone, classes: usize) -> Self {
        Self {
            embedding: backbone.embedding(),
            labels: backbone.label_list().map_or(0, |list| list.labels().len()),
            classes,
            linear: LinearHeadConfig::new(backbone, classes),
        }
    }

    /// Name and shape of each tensor.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        let mut tensors = self.linear.tensors();
        tensors.push((EVIDENCE.to_owned(), vec![self.classes, self.labels]));
        tensors
    }

    /// Builds the head from [`MappedHeadConfig::tensors`].
    pub(crate) fn load(&self, weights: &mut Weights, device: &Device) -> Result<MappedHead, WeightsError> {
        let evidence = weights.take(EVIDENCE, &[self.classes, self.labels])?;
        let evidence = transposed(&evidence, self.classes, self.labels);
        let evidence = parameter(EVIDENCE, evidence, [self.labels, self.classes], device);
        Ok(MappedHead {
            linear: self.linear.load(weights, device)?,
            evidence: evidence.set_require_grad(false),
            embedding: self.embedding,
        })
    }
}

/// The head.
#[derive(burn::module::Module, Debug)]
pub(crate) struct MappedHead {
    linear: LinearHead,
    /// `[labels, classes]`: how much a label speaks for a class, 1 in full, as a power of the probability that it is not heard.
    evidence: Param<Tensor<2>>,
    embedding: usize,
}

impl MappedHead {
    /// As [`LinearHead::standardised`].
    pub(crate) fn standardised(mut self, mean: Vec<f32>, scale: Vec<f32>, device: &Device) -> Self {
        self.linear = self.linear.standardised(mean, scale, device);
        self
    }

    /// Summaries `[segments, embedding + labels]` to logits `[segments, classes]`: the logarithm of each class's
    /// noisy-or over its labels, plus a dense layer.
    pub(crate) fn forward(&self, summaries: Tensor<2>) -> Tensor<2> {
        let [_, width] = summaries.dims();
        let labels = summaries
            .clone()
            .narrow(1, self.embedding, width - self.embedding);
        log_noisy_or(labels, self.evidence.val()) + self.linear.forward(summaries)
    }
}

/// `ln(1 - prod(1 - sigmoid(z)) + 1e-5)` over the labels of each class: logits `[n, labels]`, evidence
/// `[labels, classes]`.
///
/// With `s` the sum of the labels' softplus the product is `exp(-s)`. Written so that small scores keep their digits, and
/// with operations that ONNX has: `softplus(z) = relu(z) + 2 artanh(e / (2 + e))` for `e = exp(-|z|)`, and
/// `1 - exp(-s) = 2 t / (1 + t)` for `t = tanh(s / 2)`.
fn log_noisy_or(logits: Tensor<2>, evidence: Tensor<2>) -> Tensor<2> {
    let e = logits.clone().abs().neg().exp();
    let softplus = relu(logits) + (e.clone() / e.add_scalar(2.0)).atanh().mul_scalar(2.0);
    let t = softplus.matmul(evidence).mul_scalar(0.5).tanh();
    let probability = t.clone().mul_scalar(2.0) / t.add_scalar(1.0);
    probability.add_scalar(LEAST_PROBABILITY).log()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::{tensor, values};

    #[test]
    fn the_logarithm_is_that_of_the_noisy_or_even_of_tiny_scores() {
        let device = Device::flex();
        let logits = [-18.0, -16.0, -3.0, 0.5, 2.0, 9.0, 25.0];
        // One class for each label, and one that hears all of them, and one that hears none.
        let mut evidence = vec![0.0; 7 * 9];
        for label in 0..7 {
            evidence[label * 9 + label] = 1.0;
            evidence[label * 9 + 7] = 1.0;
        }
        let found = values(log_noisy_or(
            tensor(logits.to_vec(), [1, 7], &device),
            tensor(evidence, [7, 9], &device),
        ));
        let heard = |z: f32| 1.0 / (1.0 + (-f64::from(z)).exp());
        let least = f64::from(LEAST_PROBABILITY);
        let mut expected: Vec<f64> = logits.iter().map(|&z| (heard(z) + least).ln()).collect();
        let unheard: f64 = logits.iter().map(|&z| 1.0 - heard(z)).product();
        expected.push((1.0 - unheard + least).ln());
        expected.push(least.ln());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 2e-6 * expected.abs().max(1.0),
                "{found} {expected}"
            );
        }
    }

    #[test]
    fn gradients_are_finite_where_nothing_is_heard() {
        let device = Device::flex().autodiff();
        let logits = tensor(vec![-40.0, 40.0, 0.0], [1, 3], &device).require_grad();
        let evidence = tensor(vec![1.0, 0.0, 1.0, 0.0, 0.0, 0.0], [3, 2], &device);
        let mut gradients = log_noisy_or(logits.clone(), evidence).sum().backward();
        let gradient = values(logits.grad_remove(&mut gradients).unwrap());
        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }
}
