//! The simplest head: one dense layer on what a frozen backbone says of a segment.

use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::architecture::Backbone;
use crate::backbone::layer::{LinearLayer, TensorShape, dense};
use crate::weights::{Weights, WeightsError};

/// Canonical name of the head's layer.
pub(crate) const LINEAR_HEAD: &str = "head";

/// Sizes of a [`LinearHead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinearHeadConfig {
    layer: LinearLayer,
}

impl LinearHeadConfig {
    /// The head on a backbone's mean embedding and, where it has them, its mean AudioSet logits.
    pub(crate) fn new(backbone: Backbone, classes: usize) -> Self {
        let labels = backbone.label_list().map_or(0, |list| list.labels().len());
        Self {
            layer: LinearLayer {
                input: backbone.embedding() + labels,
                output: classes,
            },
        }
    }

    /// Name and shape of each tensor.
    pub(crate) fn tensors(&self) -> Vec<TensorShape> {
        self.layer.tensors(LINEAR_HEAD)
    }

    /// Builds the head from [`LinearHeadConfig::tensors`].
    pub(crate) fn load(&self, weights: &mut Weights, device: &Device) -> Result<LinearHead, WeightsError> {
        Ok(LinearHead {
            layer: self.layer.load(weights, LINEAR_HEAD, device)?,
        })
    }
}

/// The head.
#[derive(burn::module::Module, Debug)]
pub(crate) struct LinearHead {
    layer: Linear,
}

impl LinearHead {
    /// Summaries `[segments, embedding + labels]` to logits `[segments, classes]`.
    pub(crate) fn forward(&self, summaries: Tensor<2>) -> Tensor<2> {
        dense(&self.layer, summaries)
    }
}
