use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use woofer::dataset::shuffled;

use super::clips::LabelledClip;
use super::loss::smoothed_cross_entropy;
use super::recipe::Recipe;
use super::standardise::Standardise;
use crate::architecture::{Architecture, Backbone, Head};
use crate::backbone::layer::{tensor, transposed, values};
use crate::head::LINEAR_HEAD;
use crate::weights::{Weights, WeightsError};

/// A trained dense layer on the backbone's summaries.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedHead {
    /// `[labels, width]`, row by row.
    pub(crate) weight: Vec<f32>,
    /// One value a label.
    pub(crate) bias: Vec<f32>,
}

/// Why a classifier could not be trained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainingError {
    /// There is nothing to train on.
    #[error("no clip to train on")]
    NoClips,
    /// Summaries of different lengths: they are of different backbones.
    #[error("a clip's segment is described by {found} values, others by {expected}")]
    Width {
        /// Values of the odd one.
        found: usize,
        /// Values of the others.
        expected: usize,
    },
    /// The loss is no number any more.
    #[error(
        "the loss became {loss} in epoch {epoch}, at learning rate {learning_rate}; try a tenth of the learning rate"
    )]
    Diverged {
        /// The loss.
        loss: f32,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The recipe's.
        learning_rate: f64,
    },
}

/// Segments as rows of a table.
struct Table {
    rows: Vec<f32>,
    labels: Vec<i64>,
    /// A clip counts the same however many segments it has.
    weights: Vec<f32>,
    width: usize,
}

/// Trains a dense layer from the clips' summaries to `labels` fine labels, from a start of zeros.
///
/// The same clips, recipe and seed give the same bits. `on_epoch` gets the epoch, counted from 1, and
/// its mean loss.
///
/// # Errors
///
/// There are no clips, they are of different backbones, or the loss is no number any more.
pub fn train_head(
    clips: &[&LabelledClip],
    labels: usize,
    recipe: &Recipe,
    mut on_epoch: impl FnMut(usize, f32),
) -> Result<TrainedHead, TrainingError> {
    let (table, standardise) = Table::new(clips)?;
    let device = Device::flex().autodiff();
    let mut layer = Linear {
        weight: Param::from_tensor(Tensor::zeros([table.width, labels], &device)),
        bias: Some(Param::from_tensor(Tensor::zeros([labels], &device))),
    };
    let decay = (recipe.weight_decay > 0.0).then(|| WeightDecayConfig::new(recipe.weight_decay));
    let mut adam = AdamConfig::new()
        .with_epsilon(recipe.adam_epsilon)
        .with_weight_decay(decay)
        .init();
    for epoch in 1..=recipe.epochs {
        let mut sum = 0.0;
        for batch in shuffled(table.labels.len(), order_seed(recipe.seed, epoch)).chunks(recipe.batch_size) {
            let [rows, weights] = table.batch(batch, &device);
            let loss = smoothed_cross_entropy(
                layer.forward(rows),
                table.ids(batch, &device),
                weights,
                recipe.label_smoothing,
            );
            let value = values(loss.clone()).first().copied().unwrap_or(f32::NAN);
            if !value.is_finite() {
                return Err(TrainingError::Diverged {
                    loss: value,
                    epoch,
                    learning_rate: recipe.learning_rate,
                });
            }
            sum += value * batch.len() as f32;
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            layer = adam.step(recipe.learning_rate, layer, gradients);
        }
        on_epoch(epoch, sum / table.labels.len() as f32);
    }
    let layer = layer.valid();
    let mut weight = transposed(&values(layer.weight.val()), table.width, labels);
    let mut bias = layer.bias.map(|bias| values(bias.val())).unwrap_or_default();
    standardise.fold_into(&mut weight, &mut bias);
    Ok(TrainedHead { weight, bias })
}

/// A seed for the order of an epoch: neighbouring seeds share no orders.
fn order_seed(seed: u64, epoch: usize) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(epoch as u64)
}

impl Table {
    fn new(clips: &[&LabelledClip]) -> Result<(Self, Standardise), TrainingError> {
        let segments = || {
            clips
                .iter()
                .flat_map(|clip| clip.segments.iter().map(Vec::as_slice))
        };
        let width = segments().next().ok_or(TrainingError::NoClips)?.len();
        if let Some(odd) = segments().find(|row| row.len() != width) {
            return Err(TrainingError::Width {
                found: odd.len(),
                expected: width,
            });
        }
        let standardise = Standardise::fit(segments(), width);
        let mut table = Self {
            rows: Vec::new(),
            labels: Vec::new(),
            weights: Vec::new(),
            width,
        };
        for clip in clips {
            for row in &clip.segments {
                table.rows.extend(standardise.apply(row));
                table.labels.push(i64::try_from(clip.fine).unwrap_or_default());
                table.weights.push((clip.segments.len() as f32).recip());
            }
        }
        Ok((table, standardise))
    }

    /// Rows `[n, width]` and their weights `[n, 1]`.
    fn batch(&self, batch: &[usize], device: &Device) -> [Tensor<2>; 2] {
        let n = batch.len();
        let row = |&i: &usize| {
            self.rows
                .get(i * self.width..(i + 1) * self.width)
                .unwrap_or_default()
        };
        let rows = batch.iter().flat_map(row).copied().collect();
        let weights = batch
            .iter()
            .filter_map(|&i| self.weights.get(i))
            .copied()
            .collect();
        [
            tensor(rows, [n, self.width], device),
            tensor(weights, [n, 1], device),
        ]
    }

    /// Labels `[n, 1]`.
    fn ids(&self, batch: &[usize], device: &Device) -> Tensor<2, Int> {
        let ids: Vec<i64> = batch
            .iter()
            .filter_map(|&i| self.labels.get(i))
            .copied()
            .collect();
        let n = ids.len();
        Tensor::from_data(TensorData::new(ids, [n, 1]), device)
    }
}

impl TrainedHead {
    /// The network of a backbone with this head, and all its weights.
    ///
    /// A trained head that the backbone came with is replaced.
    ///
    /// # Errors
    ///
    /// The head was trained on another backbone, or the backbone's weights are not whole.
    pub fn onto(
        &self,
        backbone: Backbone,
        mut weights: Weights,
    ) -> Result<(Architecture, Weights), WeightsError> {
        let labels = self.bias.len();
        let width = self.weight.len() / labels.max(1);
        let head = Head::Linear { classes: labels };
        let architecture = Architecture { backbone, head };
        let tensors = architecture.tensors();
        let of_a_head = |name: &str| name.starts_with(&format!("{LINEAR_HEAD}."));
        weights.discard(|name| of_a_head(name) || !tensors.iter().any(|(wanted, _)| wanted == name));
        weights.insert(
            &format!("{LINEAR_HEAD}.weight"),
            &[labels, width],
            self.weight.clone(),
        )?;
        weights.insert(&format!("{LINEAR_HEAD}.bias"), &[labels], self.bias.clone())?;
        Ok((architecture, weights))
    }

    /// Scores of a clip, one a fine label: the mean over its segments of the softmax.
    #[must_use]
    pub fn score(&self, clip: &LabelledClip) -> Vec<f32> {
        let mut mean = vec![0.0; self.bias.len()];
        for segment in &clip.segments {
            let rows = self.weight.chunks_exact(segment.len().max(1));
            let logits: Vec<f32> = rows
                .zip(&self.bias)
                .map(|(row, bias)| row.iter().zip(segment).map(|(w, x)| w * x).sum::<f32>() + bias)
                .collect();
            let scores = woofer::Activation::Softmax { temperature: 1.0 }.apply(&logits);
            for (mean, score) in mean.iter_mut().zip(scores) {
                *mean += score / clip.segments.len() as f32;
            }
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        Recipe::open("frozen").unwrap()
    }

    /// Three kinds of clips that differ in one value each, beside a constant and a noisy one.
    fn clips() -> Vec<LabelledClip> {
        (0..60usize)
            .map(|i| {
                let fine = i % 3;
                let noise = (i * 37 % 17) as f32;
                let value = |k: usize| {
                    if k == fine {
                        3.0 + noise * 0.1
                    } else {
                        noise * 0.05
                    }
                };
                let segment = vec![value(0), value(1), value(2), 5.0, noise];
                LabelledClip {
                    fine,
                    segments: vec![segment; 1 + i % 2],
                }
            })
            .collect()
    }

    #[test]
    fn what_can_be_told_apart_is_told_apart() {
        let clips = clips();
        let mut losses = Vec::new();
        let head = train_head(&clips.iter().collect::<Vec<_>>(), 4, &recipe(), |_, loss| {
            losses.push(loss);
        })
        .unwrap();
        assert_eq!(losses.len(), recipe().epochs);
        assert!(losses.last() < losses.first());
        for clip in &clips {
            let scores = head.score(clip);
            assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let best = (0..4).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            assert_eq!(best, Some(clip.fine));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
        let clips = clips();
        let clips: Vec<_> = clips.iter().collect();
        let train = |seed| {
            let mut recipe = recipe();
            (recipe.seed, recipe.batch_size, recipe.epochs) = (seed, 16, 3);
            train_head(&clips, 3, &recipe, |_, _| ()).unwrap()
        };
        assert_eq!(train(1), train(1));
        assert_ne!(train(1), train(2));
    }

    #[test]
    fn a_head_takes_the_place_of_whatever_head_there_was() {
        let head = TrainedHead {
            weight: vec![0.5; 6],
            bias: vec![0.0; 2],
        };
        let kept = |backbone| {
            let mut weights = Weights::new("test");
            for name in [
                "features.0.weight",
                "classifier.weight",
                "classifier.2.weight",
                "head.weight",
            ] {
                weights.insert(name, &[1], vec![1.0]).unwrap();
            }
            let (_, weights) = head.onto(backbone, weights).unwrap();
            assert_eq!(weights.shape("head.weight"), Some([2, 3].as_slice()));
            weights.names().map(str::to_owned).collect::<Vec<_>>()
        };
        let (vggish, mn) = (Backbone::Vggish, Backbone::Mn { width_tenths: 4 });
        assert_eq!(kept(vggish), ["features.0.weight", "head.bias", "head.weight"]);
        assert_eq!(
            kept(mn),
            [
                "classifier.2.weight",
                "features.0.weight",
                "head.bias",
                "head.weight"
            ]
        );
    }

    #[test]
    fn training_that_cannot_be_is_refused() {
        assert_eq!(
            train_head(&[], 3, &recipe(), |_, _| ()),
            Err(TrainingError::NoClips)
        );
        let mut odd = clips();
        odd[5].segments[0].pop();
        let error = train_head(&odd.iter().collect::<Vec<_>>(), 3, &recipe(), |_, _| ()).unwrap_err();
        assert_eq!(
            error,
            TrainingError::Width {
                found: 4,
                expected: 5
            }
        );
        let mut infinite = clips();
        infinite[0].segments[0][4] = f32::INFINITY;
        let error = train_head(&infinite.iter().collect::<Vec<_>>(), 3, &recipe(), |_, _| ()).unwrap_err();
        assert!(
            matches!(error, TrainingError::Diverged { epoch: 1, .. }),
            "{error}"
        );
    }
}
