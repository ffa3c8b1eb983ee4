use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};

/// Mean cross-entropy of logits `[n, labels]` with smoothed targets, each row counting by its weight.
///
/// A target is `1 - smoothing` on the row's label and `smoothing` spread evenly over all.
/// Source: PyTorch `CrossEntropyLoss(label_smoothing=...)`; `smoothed_ce` in testdata/golden/generate.py.
pub(super) fn smoothed_cross_entropy(
    logits: Tensor<2>,
    labels: Tensor<2, Int>,
    weights: Tensor<2>,
    smoothing: f64,
) -> Tensor<1> {
    let log_scores = log_softmax(logits, 1);
    let own = log_scores.clone().gather(1, labels);
    let even = log_scores.mean_dim(1);
    let loss = (own.mul_scalar(1.0 - smoothing) + even.mul_scalar(smoothing)).neg();
    let total = weights.clone().sum();
    (loss * weights).sum().div(total)
}

#[cfg(test)]
mod tests {
    use burn::optim::{AdamConfig, GradientsParams};
    use burn::tensor::activation::softmax;
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::head::AttentionHeadConfig;
    use crate::weights::formula::{assert_close, golden, labels, seed_weights, tensor, values};

    /// The training arithmetic of the original's head, against PyTorch: generate.py.
    #[test]
    fn five_adam_steps_give_pytorchs_losses_and_logits() {
        let device = Device::flex().autodiff();
        let is_head = |name: &str| name.starts_with("attention") || name.starts_with("classifier");
        let mut weights = seed_weights(is_head);
        let config = AttentionHeadConfig {
            dropout: 0.0,
            ..AttentionHeadConfig::new(15)
        };
        let mut head = config.load(&mut weights, "", &device).unwrap();
        let mut golden = golden("seed_network.safetensors");
        let embeddings = golden.take("train_embeddings", &[32, 5, 128]).unwrap();
        let embeddings = tensor(embeddings, [32, 5, 128], &device);
        let ids: Vec<i64> = labels("seed_network.safetensors", "train_labels")
            .into_iter()
            .map(|l| i64::try_from(l).unwrap())
            .collect();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [32, 1]), &device);
        let ones = || tensor(vec![1.0; 32], [32, 1], &device);
        let loss = |logits| smoothed_cross_entropy(logits, ids.clone(), ones(), 0.1);

        let twice = values(loss(softmax(head.forward(embeddings.clone()), 1)))[0];
        assert_close(&[twice], &golden.take("double_softmax_loss", &[1]).unwrap(), 1e-5);

        let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
        let mut losses = Vec::new();
        for _ in 0..5 {
            let loss = loss(head.forward(embeddings.clone()));
            losses.extend(values(loss.clone()));
            let gradients = GradientsParams::from_grads(loss.backward(), &head);
            head = adam.step(1e-4, head, gradients);
        }
        assert_close(&losses, &golden.take("adam_losses", &[5]).unwrap(), 1e-5);
        let logits = values(head.forward(embeddings));
        assert_close(&logits, &golden.take("adam_final_logits", &[32, 15]).unwrap(), 1e-4);
    }

    #[test]
    fn a_row_of_weight_two_counts_as_two_rows() {
        let device = Device::flex();
        let loss = |logits: &[f32], ids: &[i64], weights: &[f32]| {
            let n = ids.len();
            let ids = Tensor::<2, Int>::from_data(TensorData::new(ids.to_vec(), [n, 1]), &device);
            let logits = tensor(logits.to_vec(), [n, 2], &device);
            values(smoothed_cross_entropy(logits, ids, tensor(weights.to_vec(), [n, 1], &device), 0.1))[0]
        };
        let twice = loss(&[1.0, 0.0, 1.0, 0.0, 0.5, 2.0], &[1, 1, 0], &[1.0; 3]);
        let weighed = loss(&[1.0, 0.0, 0.5, 2.0], &[1, 0], &[2.0, 1.0]);
        assert!((twice - weighed).abs() < 1e-6);
    }
}
