use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, relu, softmax};

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

/// How far what a backbone says, `[n, embedding + AudioSet logits]`, is from what the published one said, `[n, embedding +
/// AudioSet scores]`, summed over rows by their weights `[n, 1]`.
///
/// The mean square of the embedding's distance, each column in its spread (`scale`, `[1, embedding]`, is one over that),
/// and a tenth of the binary cross-entropies of the scores.
pub(super) fn distance_from_published(
    now: Tensor<2>,
    published: Tensor<2>,
    weights: Tensor<2>,
    scale: Tensor<2>,
) -> Tensor<1> {
    let [rows, width] = now.dims();
    let [_, embedding] = scale.dims();
    let of_embedding = |all: &Tensor<2>| all.clone().slice([0..rows, 0..embedding]);
    let apart = (of_embedding(&now) - of_embedding(&published)) * scale;
    let mut distance = (apart.clone() * apart).mean_dim(1);
    if width > embedding {
        let of_scores = [0..rows, embedding..width];
        let (logits, scores) = (now.slice(of_scores.clone()), published.slice(of_scores));
        // relu(x) - x t + ln(1 + exp(-|x|)): PyTorch's `binary_cross_entropy_with_logits`.
        let entropy = relu(logits.clone()) - logits.clone() * scores + logits.abs().neg().exp().log1p();
        distance = distance + entropy.sum_dim(1).mul_scalar(SCORES_SHARE);
    }
    (distance * weights).sum()
}

const SCORES_SHARE: f64 = 0.1;

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
    fn what_the_published_backbone_says_is_nearest_to_itself() {
        let device = Device::flex();
        let row = |values: &[f32]| tensor(values.to_vec(), [1, values.len()], &device);
        let logits = [-3.0_f32, 0.0, 2.0, 8.0];
        let score = |z: f32| 1.0 / (1.0 + (-z).exp());
        let distance = |embedding: f32, shift: f32| {
            let mut now = vec![embedding, 5.0];
            now.extend(logits.map(|z| z + shift));
            let mut published = vec![1.0, 5.0];
            published.extend(logits.map(score));
            values(distance_from_published(
                row(&now),
                row(&published),
                row(&[2.0]),
                row(&[0.5, 10.0]),
            ))[0]
        };
        let least = distance(1.0, 0.0);
        // A tenth of the entropies of the four scores themselves, for a row that counts twice.
        let entropy = |z: f32| {
            let p = f64::from(score(z));
            -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
        };
        let expected = 0.2 * logits.map(entropy).iter().sum::<f64>();
        assert!((f64::from(least) - expected).abs() < 1e-4, "{least} {expected}");
        assert!(distance(1.0, 0.5) > least && distance(1.0, -0.5) > least);
        // Two off in the first of two columns, in a spread of 2: a mean square of 0.5, counted twice.
        assert!((distance(3.0, 0.0) - least - 1.0).abs() < 1e-4);
    }
}
