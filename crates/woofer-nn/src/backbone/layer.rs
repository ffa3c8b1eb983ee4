//! The layers networks are made of: what they need from a weight file, and how they are built from it.

use burn::module::{Param, ParamId};
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, PaddingConfig2d};
use burn::tensor::{DType, Device, Tensor, TensorData};
use sha2::{Digest, Sha256};

use crate::weights::{Weights, WeightsError};

/// A tensor's name and shape, as [`Weights`] holds it.
pub(crate) type TensorShape = (String, Vec<usize>);

/// A two-dimensional convolution.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conv2dLayer {
    /// Channels in.
    pub(crate) input: usize,
    /// Channels out.
    pub(crate) output: usize,
    /// Height and width of the kernel.
    pub(crate) kernel: [usize; 2],
    /// Step down and to the right.
    pub(crate) stride: [usize; 2],
    /// Groups of channels; as many as channels for a depthwise convolution.
    pub(crate) groups: usize,
    /// Zeros around the input.
    pub(crate) padding: PaddingConfig2d,
    /// Whether a bias is added.
    pub(crate) bias: bool,
}

impl Conv2dLayer {
    fn weight_shape(&self) -> [usize; 4] {
        let [height, width] = self.kernel;
        let per_group = self.input.checked_div(self.groups).unwrap_or(0);
        [self.output, per_group, height, width]
    }

    /// `prefix.weight` `[output, input / groups, height, width]` and, if there is one, `prefix.bias` `[output]`.
    pub(crate) fn tensors(&self, prefix: &str) -> Vec<TensorShape> {
        let mut tensors = vec![(format!("{prefix}.weight"), self.weight_shape().to_vec())];
        if self.bias {
            tensors.push((format!("{prefix}.bias"), vec![self.output]));
        }
        tensors
    }

    /// Builds the layer from [`Conv2dLayer::tensors`].
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        &self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<Conv2d, WeightsError> {
        let shape = self.weight_shape();
        let name = format!("{prefix}.weight");
        let weight = weights.take(&name, &shape)?;
        let bias = if self.bias {
            Some(vector(weights, &format!("{prefix}.bias"), self.output, device)?)
        } else {
            None
        };
        Ok(Conv2d {
            weight: parameter(&name, weight, shape, device),
            bias,
            stride: self.stride,
            kernel_size: self.kernel,
            dilation: [1, 1],
            groups: self.groups,
            padding: self.padding.clone(),
        })
    }
}

/// A dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinearLayer {
    /// Values in.
    pub(crate) input: usize,
    /// Values out.
    pub(crate) output: usize,
}

impl LinearLayer {
    /// `prefix.weight` `[output, input]` and `prefix.bias` `[output]`, as PyTorch has them.
    pub(crate) fn tensors(self, prefix: &str) -> Vec<TensorShape> {
        self.named_tensors(&format!("{prefix}.weight"), &format!("{prefix}.bias"))
    }

    /// [`LinearLayer::tensors`] under names of their own, for PyTorch's `in_proj_weight`.
    pub(crate) fn named_tensors(self, weight: &str, bias: &str) -> Vec<TensorShape> {
        vec![
            (weight.to_owned(), vec![self.output, self.input]),
            (bias.to_owned(), vec![self.output]),
        ]
    }

    /// Builds the layer from [`LinearLayer::tensors`].
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load(
        self,
        weights: &mut Weights,
        prefix: &str,
        device: &Device,
    ) -> Result<Linear, WeightsError> {
        self.load_named(
            weights,
            &format!("{prefix}.weight"),
            &format!("{prefix}.bias"),
            device,
        )
    }

    /// Builds the layer from [`LinearLayer::named_tensors`].
    ///
    /// # Errors
    ///
    /// Those of [`Weights::take`].
    pub(crate) fn load_named(
        self,
        weights: &mut Weights,
        weight: &str,
        bias: &str,
        device: &Device,
    ) -> Result<Linear, WeightsError> {
        let values = weights.take(weight, &[self.output, self.input])?;
        // burn multiplies `[n, input] x [input, output]`, PyTorch keeps the transpose.
        let values = transposed(&values, self.output, self.input);
        Ok(Linear {
            weight: parameter(weight, values, [self.input, self.output], device),
            bias: Some(vector(weights, bias, self.output, device)?),
        })
    }
}

/// Runs a dense layer over rows `[n, input]`, each row's outcome the same bits whatever the others.
///
/// A single row would go another way through `gemm`, its matrix-vector code, which adds in another order: outcomes
/// differ by 3e-6 then, and VGGish's first dense layer takes 17 ms where two rows take 11 (one core).
pub(crate) fn dense(layer: &Linear, rows: Tensor<2>) -> Tensor<2> {
    match rows.dims() {
        [1, _] => layer.forward(rows.repeat_dim(0, 2)).narrow(0, 0, 1),
        _ => layer.forward(rows),
    }
}

/// Side of the square blocks in which [`transposed`] walks, in values: two of them fit the first-level cache.
const BLOCK: usize = 32;

/// The transpose of a row-major matrix.
pub(crate) fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut transpose = vec![0.0; values.len()];
    for row_block in (0..rows).step_by(BLOCK) {
        for column_block in (0..columns).step_by(BLOCK) {
            for column in column_block..(column_block + BLOCK).min(columns) {
                for row in row_block..(row_block + BLOCK).min(rows) {
                    transpose[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    transpose
}

fn vector(
    weights: &mut Weights,
    name: &str,
    length: usize,
    device: &Device,
) -> Result<Param<Tensor<1>>, WeightsError> {
    Ok(parameter(name, weights.take(name, &[length])?, [length], device))
}

/// A trainable tensor of these values, known by its canonical name.
pub(crate) fn parameter<const D: usize>(
    name: &str,
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let mut parameter = Param::from_tensor(tensor(values, shape, device));
    parameter.id = parameter_id(name);
    parameter
}

/// The id under which burn knows the tensor of a canonical name: the same in every run.
pub(crate) fn parameter_id(name: &str) -> ParamId {
    let hash: [u8; 32] = Sha256::digest(name).into();
    let first = hash.first_chunk().copied().unwrap_or_default();
    ParamId::from(u64::from_le_bytes(first))
}

/// A tensor of these values, row-major.
pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A tensor's values as float32, row-major.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    if data.dtype() == DType::F32 {
        // Mostly the very memory that the tensor held.
        return data.try_into_vec().unwrap_or_default();
    }
    data.iter::<f32>().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::pattern;

    #[test]
    fn a_transpose_swaps_rows_and_columns_at_any_size() {
        for (rows, columns) in [(1, 1), (1, 70), (33, 31), (64, 32), (100, 3)] {
            let matrix: Vec<f32> = pattern(rows * columns);
            let transpose = transposed(&matrix, rows, columns);
            for row in 0..rows {
                for column in 0..columns {
                    let (found, expected) = (transpose[column * rows + row], matrix[row * columns + column]);
                    assert_eq!(found.to_bits(), expected.to_bits());
                }
            }
            assert_eq!(transposed(&transpose, columns, rows), matrix);
        }
    }

    #[test]
    fn a_layer_of_another_shape_is_refused_by_name() {
        let mut weights = Weights::new("file.pt");
        weights.insert("fc.weight", &[2, 3], vec![0.0; 6]).unwrap();
        let layer = LinearLayer { input: 2, output: 3 };
        let error = layer.load(&mut weights, "fc", &Device::flex()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "file.pt: tensor `fc.weight` has shape [2, 3]; [3, 2] is needed"
        );
    }
}
