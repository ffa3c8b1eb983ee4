use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, relu, sigmoid, softmax};

/// Cross-entropy of logits `[n, labels]` with targets `[n, labels]`, summed over rows by their weights `[n, 1]`.
///
/// `softmax_twice` takes a softmax before, which is the original's defect.
pub(super) fn cross_entropy(
    logits: Tensor<2>,
    targets: Tensor<2>,
    weights: Tensor<2>,
    softmax_twice: bool,
) -> Tensor<1> {
    let logits = if softmax_twice { softmax(logits, 1) } else { logits };
    let rows = (log_softmax(logits, 1) * targets).sum_dim(1).neg();
    (rows * weights).sum()
}

/// A label as a target: `1 - smoothing` on it, and `smoothing` spread evenly over all.
///
/// Source: PyTorch `CrossEntropyLoss(label_smoothing=...)`; `smoothed_ce` in testdata/golden/generate.py.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub(super) fn smoothed_target(label: usize, labels: usize, smoothing: f64) -> Vec<f32> {
    let even = smoothing / labels.max(1) as f64;
    let mut target = vec![even as f32; labels];
    if let Some(own) = target.get_mut(label) {
        *own = (1.0 - smoothing + even) as f32;
    }
    target
}

/// Binary cross-entropy of logits with the sigmoid of other logits, both `[n, labels]`: the mean over labels, summed
/// over rows by their weights `[n, 1]`.
pub(super) fn distance_of_scores(logits: Tensor<2>, kept: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    // relu(x) - x t + ln(1 + exp(-|x|)): PyTorch's `binary_cross_entropy_with_logits`.
    let entropy = relu(logits.clone()) - logits.clone() * sigmoid(kept) + logits.abs().neg().exp().log1p();
    (entropy.mean_dim(1) * weights).sum()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::weights::formula::{tensor, values};

    #[test]
    fn a_row_of_weight_two_counts_as_two_rows() {
        let device = Device::flex();
        let loss = |logits: &[f32], ids: &[usize], weights: &[f32]| {
            let n = ids.len();
            let targets: Vec<f32> = ids.iter().flat_map(|&id| smoothed_target(id, 2, 0.1)).collect();
            values(cross_entropy(
                tensor(logits.to_vec(), [n, 2], &device),
                tensor(targets, [n, 2], &device),
                tensor(weights.to_vec(), [n, 1], &device),
                false,
            ))[0]
        };
        let twice = loss(&[1.0, 0.0, 1.0, 0.0, 0.5, 2.0], &[1, 1, 0], &[1.0; 3]);
        let weighed = loss(&[1.0, 0.0, 0.5, 2.0], &[1, 0], &[2.0, 1.0]);
        assert!((twice - weighed).abs() < 1e-5);
    }

    #[test]
    fn scores_are_nearest_to_themselves() {
        let device = Device::flex();
        let kept = || tensor(vec![-3.0, 0.0, 2.0, 8.0], [1, 4], &device);
        let distance = |shift: f32| {
            let logits = kept().add_scalar(shift);
            values(distance_of_scores(
                logits,
                kept(),
                tensor(vec![1.0], [1, 1], &device),
            ))[0]
        };
        let least = distance(0.0);
        // The mean entropy of the four scores themselves.
        let entropy = |z: f64| {
            let p = 1.0 / (1.0 + (-z).exp());
            -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
        };
        let expected = [-3.0, 0.0, 2.0, 8.0].map(entropy).iter().sum::<f64>() / 4.0;
        assert!((f64::from(least) - expected).abs() < 1e-5, "{least} {expected}");
        assert!(distance(0.5) > least && distance(-0.5) > least);
    }
}
