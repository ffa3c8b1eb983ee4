use crate::backbone::mn::MnConfig;
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
/// A convolution or a part of a normalisation is missing or of another size, or the convolutions are larger than those of the
/// largest published network: a file of a few bytes may claim any number of values.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub(super) fn fold(mut weights: Weights) -> Result<Weights, WeightsError> {
    weights.discard(|name| name.ends_with(".num_batches_tracked"));
    let layers: Vec<String> = weights
        .names()
        .filter_map(|name| name.strip_suffix(MEAN))
        .map(str::to_owned)
        .collect();
    let (largest, mut left) = largest_published();
    for layer in layers {
        let convolution = format!("{layer}.0.weight");
        let shape = weights.shape(&convolution).unwrap_or_default().to_vec();
        let most = largest.min(left);
        let (channels, per_channel) = match (weights.contains(&convolution), shape.as_slice()) {
            (true, &[channels, inputs, height, width]) => {
                (channels, inputs.saturating_mul(height).saturating_mul(width))
            }
            // Taking it tells that it is not there.
            (false, _) => (1, 1),
            (true, _) => (0, 0),
        };
        let count = channels.saturating_mul(per_channel);
        if count == 0 || count > most {
            return Err(WeightsError::NotAKernel {
                file: weights.name().to_owned(),
                name: convolution,
                found: shape,
                most,
            });
        }
        left -= count;
        let mut kernel = weights.take(&convolution, &shape)?;
        let mut part = |name: &str| weights.take(&format!("{layer}.1.{name}"), &[channels]);
        let (scale, shift) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let of_channels = scale.iter().zip(&shift).zip(mean.iter().zip(&variance));
        let mut bias = Vec::with_capacity(channels);
        let kernels = kernel.chunks_exact_mut(per_channel);
        for (values, ((&scale, &shift), (&mean, &variance))) in kernels.zip(of_channels) {
            let gain = f64::from(scale) / (f64::from(variance) + EPSILON).sqrt();
            for v in values {
                *v = (f64::from(*v) * gain) as f32;
            }
            bias.push((f64::from(shift) - f64::from(mean) * gain) as f32);
        }
        weights.insert(&format!("{layer}.weight"), &shape, kernel)?;
        weights.insert(&format!("{layer}.bias"), &[channels], bias)?;
    }
    Ok(weights)
}

/// Values of the largest kernel of the published networks, and of all kernels of the largest network.
fn largest_published() -> (usize, usize) {
    let networks = MnConfig::published().map(|(_, network)| {
        let tensors = network.tensors();
        let kernels = tensors.iter().filter(|(_, shape)| shape.len() == 4);
        let sizes = kernels.map(|(_, shape)| shape.iter().product::<usize>());
        (sizes.clone().max().unwrap_or(0), sizes.sum())
    });
    networks.fold((0, 0), |(kernel, all), (k, a): (usize, usize)| {
        (kernel.max(k), all.max(a))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_kernel_of_a_network_is_refused_before_it_is_read() {
        for shape in [&[][..], &[0, 1, 1, 1], &[2, 3], &[1, 6_000_000, 1, 1]] {
            let mut w = weights();
            w.discard(|name| name == "features.0.0.weight");
            w.insert("features.0.0.weight", shape, vec![0.5; shape.iter().product()])
                .unwrap();
            let channels = shape.first().copied().unwrap_or_default();
            for part in ["weight", "bias", "running_mean", "running_var"] {
                let name = format!("features.0.1.{part}");
                w.discard(|other| other == name);
                w.insert(&name, &[channels], vec![1.0; channels]).unwrap();
            }
            let error = fold(w).unwrap_err().to_string();
            let told = format!("test.pt: tensor `features.0.0.weight` has shape {shape:?}");
            assert!(error.contains(&told) && error.contains("at most"), "{error}");
        }
    }

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
