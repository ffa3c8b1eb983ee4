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

/// Canonical name of which label speaks for which class where nothing else is heard.
pub(crate) const BACKGROUND: &str = "background";

/// Canonical name of how strongly the background of one class yields to another class.
pub(crate) const YIELDING: &str = "yielding";

/// Whether a tensor belongs to what a mapped head begins with and keeps.
pub(crate) fn is_of_mapping(name: &str) -> bool {
    [EVIDENCE, BACKGROUND, YIELDING].contains(&name)
}

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
    /// Whether some labels are background.
    pub(crate) background: bool,
    linear: LinearHeadConfig,
}

/// Names and shapes of the tensors of a [`MappedHead`].
pub(crate) struct MappedTensors {
    /// Those of the linear head that adds to the mapping.
    pub(crate) linear: Vec<TensorShape>,
    /// Which label speaks for which class.
    pub(crate) evidence: TensorShape,
    /// If some labels are background, which of them speaks for which class, and how that yields to other classes.
    pub(crate) background: Option<[TensorShape; 2]>,
}

impl MappedHeadConfig {
    /// The head on a backbone that scores AudioSet labels.
    pub(crate) fn new(backbone: Backbone, classes: usize, background: bool) -> Self {
        Self {
            embedding: backbone.embedding(),
            labels: backbone.label_list().map_or(0, |list| list.labels().len()),
            classes,
            background,
            linear: LinearHeadConfig::new(backbone, classes),
        }
    }

    /// Name and shape of each tensor.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        let MappedTensors {
            linear: mut tensors,
            evidence,
            background,
        } = self.parts();
        tensors.push(evidence);
        tensors.extend(background.into_iter().flatten());
        tensors
    }

    /// The same, by what they are for.
    pub(crate) fn parts(&self) -> MappedTensors {
        let of_classes = |name: &str, columns| (name.to_owned(), vec![self.classes, columns]);
        let background = || {
            [
                of_classes(BACKGROUND, self.labels),
                of_classes(YIELDING, self.classes),
            ]
        };
        MappedTensors {
            linear: self.linear.tensors(),
            evidence: of_classes(EVIDENCE, self.labels),
            background: self.background.then(background),
        }
    }

    /// Builds the head from [`MappedHeadConfig::tensors`].
    pub(crate) fn load(&self, weights: &mut Weights, device: &Device) -> Result<MappedHead, WeightsError> {
        let mut fixed = |name, rows, columns| {
            let values = weights.take(name, &[rows, columns])?;
            let values = transposed(&values, rows, columns);
            Ok(parameter(name, values, [columns, rows], device).set_require_grad(false))
        };
        let evidence = fixed(EVIDENCE, self.classes, self.labels)?;
        let background = if self.background {
            Some(Background {
                evidence: fixed(BACKGROUND, self.classes, self.labels)?,
                yielding: fixed(YIELDING, self.classes, self.classes)?,
            })
        } else {
            None
        };
        Ok(MappedHead {
            linear: self.linear.load(weights, device)?,
            evidence,
            background,
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
    background: Option<Background>,
    embedding: usize,
}

/// Labels of what goes on under other sounds: they speak for a class in full where nothing else is heard, and hardly where something is.
#[derive(burn::module::Module, Debug)]
struct Background {
    /// `[labels, classes]`, as [`MappedHead`] has it.
    evidence: Param<Tensor<2>>,
    /// `[classes, classes]`: the power of the probability that a class, the row, is not heard, by which the background of another, the
    /// column, counts.
    yielding: Param<Tensor<2>>,
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
        self.mapped(labels) + self.linear.forward(summaries)
    }

    /// The logarithm of the probability that a class is heard, and 1e-5: AudioSet logits `[n, labels]` to `[n, classes]`.
    ///
    /// A class is heard where one of its labels is or, as far as no other class is, one of its background.
    fn mapped(&self, logits: Tensor<2>) -> Tensor<2> {
        let unheard = softplus(logits);
        let evidence = unheard.clone().matmul(self.evidence.val());
        let heard = one_less_exp(evidence.clone());
        let heard = match &self.background {
            Some(background) => {
                let under = one_less_exp(unheard.matmul(background.evidence.val()));
                let alone = evidence.matmul(background.yielding.val()).neg().exp();
                heard.clone() + heard.neg().add_scalar(1.0) * under * alone
            }
            None => heard,
        };
        heard.add_scalar(LEAST_PROBABILITY).log()
    }
}

/// `ln(1 + exp(z))`, which is the negative logarithm of the probability that a label is not heard.
///
/// Written so that small scores keep their digits, and with operations that ONNX has: `relu(z) + 2 artanh(e / (2 + e))`
/// for `e = exp(-|z|)`.
fn softplus(logits: Tensor<2>) -> Tensor<2> {
    let e = logits.clone().abs().neg().exp();
    relu(logits) + (e.clone() / e.add_scalar(2.0)).atanh().mul_scalar(2.0)
}

/// `1 - exp(-s)`, the probability that any of several labels is heard, of the sum of their softplus; with all digits of small
/// ones: `2 t / (1 + t)` for `t = tanh(s / 2)`.
fn one_less_exp(sums: Tensor<2>) -> Tensor<2> {
    let t = sums.mul_scalar(0.5).tanh();
    t.clone().mul_scalar(2.0) / t.add_scalar(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::{tensor, values};

    #[test]
    fn the_logarithm_is_that_of_the_noisy_or_even_of_tiny_scores() {
        let logits = [-18.0, -16.0, -3.0, 0.5, 2.0, 9.0, 25.0];
        // One class for each label, and one that hears all of them, and one that hears none.
        let mut evidence = vec![0.0; 9 * 7];
        for label in 0..7 {
            evidence[label * 7 + label] = 1.0;
            evidence[7 * 7 + label] = 1.0;
        }
        let found = mapped(&logits, 9, evidence, None);
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
    fn the_background_speaks_where_nothing_else_is_heard_and_yields_where_something_is() {
        // The first label speaks for the first class, the second for the rest, the third is background of the rest.
        let evidence = vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        for strength in [0.0, 3.0, 20.0] {
            let background = [vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0], vec![0.0, 0.0, strength, 0.0]];
            for logits in [
                [-9.0, -7.0, 4.0],
                [-2.0, -7.0, 4.0],
                [3.0, -1.0, -2.0],
                [-30.0, -30.0, -12.0],
            ] {
                let [class, rest, under] = logits.map(heard);
                let alone = (1.0 - class).powf(f64::from(strength));
                let rest = 1.0 - (1.0 - rest) * (1.0 - under * alone);
                let least = f64::from(LEAST_PROBABILITY);
                let found = mapped(&logits, 2, evidence.clone(), Some(background.clone()));
                for (found, expected) in found.iter().zip([class, rest]) {
                    let expected = (expected + least).ln();
                    assert!(
                        (f64::from(*found) - expected).abs() < 2e-5,
                        "{logits:?}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_head_without_background_is_one_whose_background_is_empty() {
        let logits = [-18.0, -3.0, 0.5, 25.0];
        let evidence = vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
        let empty = [vec![0.0; 8], vec![0.0; 4]];
        let bits = |found: Vec<f32>| -> Vec<u32> { found.into_iter().map(f32::to_bits).collect() };
        assert_eq!(
            bits(mapped(&logits, 2, evidence.clone(), Some(empty))),
            bits(mapped(&logits, 2, evidence, None))
        );
    }

    #[test]
    fn gradients_are_finite_where_nothing_is_heard() {
        let device = Device::flex().autodiff();
        let background = [vec![0.0, 0.0, 1.0, 0.0, 0.0, 0.0], vec![0.0, 20.0, 0.0, 0.0]];
        let head = head(
            3,
            2,
            vec![1.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            Some(background),
            &device,
        );
        let logits = tensor(vec![-40.0, 40.0, 0.0], [1, 3], &device).require_grad();
        let mut gradients = head.mapped(logits.clone()).sum().backward();
        let gradient = values(logits.grad_remove(&mut gradients).unwrap());
        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }

    fn heard(z: f32) -> f64 {
        1.0 / (1.0 + (-f64::from(z)).exp())
    }

    /// What a head says of one row of logits, with values by rows, a class each, as weights have them.
    fn mapped(
        logits: &[f32],
        classes: usize,
        evidence: Vec<f32>,
        background: Option<[Vec<f32>; 2]>,
    ) -> Vec<f32> {
        let device = Device::flex();
        let head = head(logits.len(), classes, evidence, background, &device);
        values(head.mapped(tensor(logits.to_vec(), [1, logits.len()], &device)))
    }

    fn head(
        labels: usize,
        classes: usize,
        evidence: Vec<f32>,
        background: Option<[Vec<f32>; 2]>,
        device: &Device,
    ) -> MappedHead {
        let config = MappedHeadConfig {
            labels,
            ..MappedHeadConfig::new(Backbone::Yamnet, classes, background.is_some())
        };
        let mut weights = Weights::new("test");
        for (name, shape) in config.linear.tensors() {
            let count = shape.iter().product();
            weights.insert(&name, &shape, vec![0.0; count]).unwrap();
        }
        weights.insert(EVIDENCE, &[classes, labels], evidence).unwrap();
        if let Some([of_labels, yielding]) = background {
            weights.insert(BACKGROUND, &[classes, labels], of_labels).unwrap();
            weights.insert(YIELDING, &[classes, classes], yielding).unwrap();
        }
        config.load(&mut weights, device).unwrap()
    }
}
