use crate::weights::{Weights, WeightsError};

/// PyTorch's name for the mean of a batch normalisation: what tells unfolded weights.
const MEAN: &str = ".1.running_mean";

/// The network's `BatchNorm2d(eps=0.001)`. Source: EfficientAT `models/mn/model.py`.
const EPSILON: f64 = 1e-3;

/// Whether these are convolutions with batch normalisation, as EfficientAT publishes them.
pub(super) fn is_unfolded(weights: &Weights) -> bool {
    weights.names().any(|name| name.ends_with(MEAN))
}

/// Folds each batch normalisation into the convolution before it.
///
/// `features.0.0.weight` and `features.0.1.*` become `features.0.weight` and `features.0.bias`; all other
/// tensors stay.
///
/// # Errors
///
/// A convolution or a part of a normalisation is missing or of another size.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub(super) fn fold(mut weights: Weights) -> Result<Weights, WeightsError> {
    weights.discard(|name| name.ends_with(".num_batches_tracked"));
    let layers: Vec<String> = weights
        .names()
        .filter_map(|name| name.strip_suffix(MEAN))
        .map(str::to_owned)
        .collect();
    for layer in layers {
        let convolution = format!("{layer}.0.weight");
        let shape = weights
            .shape(&convolution)
            .map(<[usize]>::to_vec)
            .unwrap_or_default();
        let channels = shape.first().copied().unwrap_or_default();
        let mut kernel = weights.take(&convolution, &shape)?;
        let mut part = |name: &str| weights.take(&format!("{layer}.1.{name}"), &[channels]);
        let (scale, shift) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let per_channel = (kernel.len() / channels.max(1)).max(1);
        let mut bias = Vec::with_capacity(channels);
        for (c, values) in kernel.chunks_exact_mut(per_channel).enumerate() {
            let gain = f64::from(scale[c]) / (f64::from(variance[c]) + EPSILON).sqrt();
            for v in values {
                *v = (f64::from(*v) * gain) as f32;
            }
            bias.push((f64::from(shift[c]) - f64::from(mean[c]) * gain) as f32);
        }
        weights.insert(&format!("{layer}.weight"), &shape, kernel)?;
        weights.insert(&format!("{layer}.bias"), &[channels], bias)?;
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        let mut w = Weights::new("test.pt");
        w.insert("features.0.0.weight", &[2, 1, 1, 2], vec![1.0, 2.0, 3.0, 4.0])
            .unwrap();
        w.insert("features.0.1.weight", &[2], vec![2.0, 1.0]).unwrap();
        w.insert("features.0.1.bias", &[2], vec![0.5, -0.5]).unwrap();
        w.insert("features.0.1.running_mean", &[2], vec![1.0, 3.0])
            .unwrap();
        w.insert("features.0.1.running_var", &[2], vec![4.0 - 1e-3, 1.0 - 1e-3])
            .unwrap();
        w.insert("features.0.1.num_batches_tracked", &[1], vec![7.0])
            .unwrap();
        w.insert("classifier.2.bias", &[1], vec![9.0]).unwrap();
        w
    }

    #[test]
    fn a_folded_convolution_is_the_convolution_and_then_the_normalisation() {
        assert!(is_unfolded(&weights()));
        let mut folded = fold(weights()).unwrap();
        assert!(!is_unfolded(&folded));
        let kernel = folded.take("features.0.weight", &[2, 1, 1, 2]).unwrap();
        let bias = folded.take("features.0.bias", &[2]).unwrap();
        // (x - mean) / sqrt(variance + eps) * weight + bias, for channel 0: (x - 1) / 2 * 2 + 0.5.
        for (got, want) in kernel.iter().chain(&bias).zip([1.0, 2.0, 3.0, 4.0, -0.5, -3.5]) {
            assert!((got - want).abs() < 1e-6, "{got} for {want}");
        }
        assert_eq!(folded.take("classifier.2.bias", &[1]).unwrap(), [9.0]);
        folded.finish().unwrap();
    }

    #[test]
    fn a_missing_or_misshapen_part_is_named() {
        for (part, shape) in [("features.0.0.weight", None), ("features.0.1.bias", Some([3]))] {
            let mut w = weights();
            w.discard(|name| name == part);
            if let Some(shape) = shape {
                w.insert(part, &shape, vec![0.0; shape[0]]).unwrap();
            }
            let error = fold(w).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("test.pt"), "{error}");
        }
    }
}
