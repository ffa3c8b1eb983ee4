//! The simplest head: one dense layer on what a frozen backbone says of a segment.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::architecture::Backbone;
use crate::backbone::layer::{LinearLayer, TensorShape, dense, parameter};
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
            standardise: None,
        })
    }
}

/// The head.
#[derive(burn::module::Module, Debug)]
pub(crate) struct LinearHead {
    layer: Linear,
    /// In training only: what is folded into the layer in the end.
    standardise: Option<Standardised>,
}

/// Columns shifted and scaled before the layer.
#[derive(burn::module::Module, Debug)]
struct Standardised {
    mean: Param<Tensor<1>>,
    scale: Param<Tensor<1>>,
}

impl LinearHead {
    /// Summaries `[segments, embedding + labels]` to logits `[segments, classes]`.
    pub(crate) fn forward(&self, summaries: Tensor<2>) -> Tensor<2> {
        let rows = match &self.standardise {
            Some(columns) => (summaries - columns.mean.val().unsqueeze()) * columns.scale.val().unsqueeze(),
            None => summaries,
        };
        dense(&self.layer, rows)
    }

    /// Puts a fixed shift and scale of each column before the layer.
    pub(crate) fn standardised(mut self, mean: Vec<f32>, scale: Vec<f32>, device: &Device) -> Self {
        let fixed = |name: &str, values: Vec<f32>| {
            let width = values.len();
            parameter(name, values, [width], device).set_require_grad(false)
        };
        self.standardise = Some(Standardised {
            mean: fixed("standardise.mean", mean),
            scale: fixed("standardise.scale", scale),
        });
        self
    }
}
