use burn::tensor::{Device, Tensor};

use super::source_spread::{Origin, SourceSpread};
use crate::backbone::layer::{tensor, values};

/// Added to the deviation of each column, so that one that hardly varies is not blown up.
const ADDED_DEVIATION: f64 = 1e-3;
/// How strongly biases are drawn to 0: hardly, but enough for labels without clips.
const BIAS_PULL: f64 = 2e-3;
/// Most steps of the search; it mostly ends before.
const STEPS: usize = 200;
/// The search ends where no derivative is larger.
const FLAT: f64 = 1e-6;
/// Steps whose curvature is remembered.
const MEMORY: usize = 10;

/// What a dense layer is to be fitted to: rows of columns, what is added to its logits, and the labels.
pub(super) struct HeadProblem {
    /// Number of columns.
    pub(super) columns: usize,
    /// Number of labels.
    pub(super) labels: usize,
    /// `[rows, columns]`.
    pub(super) inputs: Vec<f32>,
    /// Added to the layer's logits, `[rows, labels]`.
    pub(super) offsets: Vec<f32>,
    /// Probability of each label, `[rows, labels]`.
    pub(super) targets: Vec<f32>,
    /// How much each row counts.
    pub(super) weights: Vec<f32>,
    /// Label and source of each row.
    pub(super) origins: Vec<Origin>,
    /// What stands for each row where sources are compared, `[rows, columns]`; empty where they are not.
    pub(super) compared: Vec<f32>,
    /// How strongly the weights, for columns of variance 1, are drawn to 0: the coefficient of their gradient.
    pub(super) pull: f64,
    /// The share of the pull that goes by how far sources of one label lie apart in a direction.
    pub(super) source_share: f64,
    /// Whether the layer has biases.
    pub(super) has_bias: bool,
}

/// Columns of variance 1, and how strongly weights along each direction of them are drawn to 0, where that differs.
struct Standardised {
    inputs: Tensor<2>,
    spread: Option<SourceSpread>,
}

/// A dense layer for the columns as they are: weight `[labels, columns]`, and the bias in two parts.
pub(super) struct FittedHead {
    pub(super) weight: Vec<f32>,
    /// What makes up for the columns' means.
    pub(super) centring: Vec<f32>,
    /// What was learned of how common each label is.
    pub(super) bias: Vec<f32>,
}

impl HeadProblem {
    /// The layer of least weighted cross-entropy with the pull of a ridge: the one minimum of a convex function.
    ///
    /// Found by L-BFGS (Nocedal and Wright, "Numerical Optimization", algorithm 7.4) with halved steps. The result does not
    /// depend on the number of threads. It is the processor's work wherever the network is: a card's products of float32 are rounded to fewer
    /// bits, and the minimum would not be found.
    pub(super) fn solve(&self) -> FittedHead {
        let (means, scales) = self.columns_of();
        let standardised = self.standardised(&means, &scales);
        let mut found = vec![0.0; self.unknowns()];
        let (mut value, mut slope) = self.value_and_slope(&standardised, &found);
        let mut memory = Memory::default();
        for _ in 0..STEPS {
            if slope.iter().all(|x| x.abs() <= FLAT) {
                break;
            }
            let direction = memory.direction(&slope);
            let descent = dot(&direction, &slope);
            // Before there is any curvature to go by, a step of length 1 at most.
            let mut size = if memory.is_empty() {
                dot(&slope, &slope).sqrt().recip().min(1.0)
            } else {
                1.0
            };
            let next = loop {
                let point: Vec<f64> = found.iter().zip(&direction).map(|(x, d)| x + size * d).collect();
                let (at_point, its_slope) = self.value_and_slope(&standardised, &point);
                if at_point <= value + 1e-4 * size * descent {
                    break Some((point, at_point, its_slope));
                }
                size *= 0.5;
                if size < 1e-10 {
                    break None;
                }
            };
            // No step is small enough to gain: as near as single precision gets.
            let Some((point, at_point, its_slope)) = next else {
                break;
            };
            memory.add(difference(&point, &found), difference(&its_slope, &slope));
            (found, value, slope) = (point, at_point, its_slope);
        }
        self.unfolded(&found, &means, &scales)
    }

    fn unknowns(&self) -> usize {
        self.labels * (self.columns + 1)
    }

    fn rows(&self) -> usize {
        self.weights.len()
    }

    /// Mean and one over the deviation of each column.
    fn columns_of(&self) -> (Vec<f64>, Vec<f64>) {
        let count = self.rows().max(1) as f64;
        let (mut means, mut squares) = (vec![0.0; self.columns], vec![0.0; self.columns]);
        let rows = || self.inputs.chunks_exact(self.columns.max(1));
        for row in rows() {
            means
                .iter_mut()
                .zip(row)
                .for_each(|(mean, x)| *mean += f64::from(*x) / count);
        }
        for row in rows() {
            for ((square, mean), x) in squares.iter_mut().zip(&means).zip(row) {
                *square += (f64::from(*x) - mean).powi(2) / count;
            }
        }
        let scales = squares
            .into_iter()
            .map(|square| (square.sqrt() + ADDED_DEVIATION).recip());
        (means, scales.collect())
    }

    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    fn standardised(&self, means: &[f64], scales: &[f64]) -> Standardised {
        let columns = means.iter().zip(scales).cycle();
        let inputs = self.inputs.iter().zip(columns);
        let inputs = inputs.map(|(x, (mean, scale))| ((f64::from(*x) - mean) * scale) as f32);
        let spread = (self.source_share > 0.0).then(|| {
            let rows = self.compared.chunks_exact(self.columns.max(1));
            SourceSpread::new(rows, &self.origins, scales, self.source_share)
        });
        Standardised {
            inputs: tensor(inputs.collect(), [self.rows(), self.columns], &Device::flex()),
            spread: spread.flatten(),
        }
    }

    /// The function to be minimised and its derivatives; `at` are the weights `[columns, labels]`, then the biases.
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    fn value_and_slope(&self, standardised: &Standardised, at: &[f64]) -> (f64, Vec<f64>) {
        let Standardised { inputs, spread } = standardised;
        let (weight, bias) = at.split_at(self.columns * self.labels);
        let as_single: Vec<f32> = weight.iter().map(|w| *w as f32).collect();
        let device = inputs.device();
        let layer = tensor(as_single, [self.columns, self.labels], &device);
        let logits = values(inputs.clone().matmul(layer));
        let total: f64 = self
            .weights
            .iter()
            .map(|w| f64::from(*w))
            .sum::<f64>()
            .max(f64::MIN_POSITIVE);
        let (mut value, mut residuals) = (0.0, Vec::with_capacity(logits.len()));
        let mut of_bias = vec![0.0; self.labels];
        let rows = logits
            .chunks_exact(self.labels)
            .zip(self.offsets.chunks_exact(self.labels))
            .zip(self.targets.chunks_exact(self.labels))
            .zip(&self.weights);
        for (((logits, offsets), targets), weight) in rows {
            let share = f64::from(*weight) / total;
            let logits: Vec<f64> = (logits.iter().zip(offsets).zip(bias))
                .map(|((z, offset), bias)| f64::from(*z) + f64::from(*offset) + bias)
                .collect();
            let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let log_sum = top + logits.iter().map(|z| (z - top).exp()).sum::<f64>().ln();
            for ((z, target), of_bias) in logits.iter().zip(targets).zip(&mut of_bias) {
                let target = f64::from(*target);
                value += share * target * (log_sum - z);
                let residual = share * ((z - log_sum).exp() - target);
                *of_bias += residual;
                residuals.push(residual as f32);
            }
        }
        let residuals = tensor(residuals, [self.rows(), self.labels], &device);
        let of_weight = values(inputs.clone().transpose().matmul(residuals));
        let drawn = spread.as_ref().map(|spread| spread.drawn(weight));
        let drawn = drawn.as_deref().unwrap_or(weight);
        value += self.pull / 2.0 * dot(weight, drawn) + BIAS_PULL / 2.0 * dot(bias, bias);
        let mut slope: Vec<f64> = (of_weight.iter().zip(drawn))
            .map(|(slope, w)| f64::from(*slope) + self.pull * w)
            .collect();
        let keeps = if self.has_bias { 1.0 } else { 0.0 };
        slope.extend(
            of_bias
                .iter()
                .zip(bias)
                .map(|(slope, b)| keeps * (slope + BIAS_PULL * b)),
        );
        (value, slope)
    }

    /// The layer for columns that are not standardised.
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    fn unfolded(&self, found: &[f64], means: &[f64], scales: &[f64]) -> FittedHead {
        let (by_column, bias) = found.split_at(self.columns * self.labels);
        let mut weight = vec![0.0; found.len() - bias.len()];
        let mut centring = vec![0.0; self.labels];
        let rows = by_column.chunks_exact(self.labels.max(1)).zip(means).zip(scales);
        for (column, ((of_labels, mean), scale)) in rows.enumerate() {
            for (label, w) in of_labels.iter().enumerate() {
                let unit = w * scale;
                if let Some(place) = weight.get_mut(label * self.columns + column) {
                    *place = unit as f32;
                }
                if let Some(centring) = centring.get_mut(label) {
                    *centring -= unit * mean;
                }
            }
        }
        FittedHead {
            weight,
            centring: centring.into_iter().map(|x| x as f32).collect(),
            bias: bias.iter().map(|x| *x as f32).collect(),
        }
    }
}

/// The last steps of a search and how the slope changed along them.
#[derive(Default)]
struct Memory {
    steps: Vec<(Vec<f64>, Vec<f64>, f64)>,
}

impl Memory {
    fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn add(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let curvature = dot(&step, &change);
        if curvature > 1e-12 {
            self.steps.push((step, change, curvature.recip()));
            if self.steps.len() > MEMORY {
                self.steps.remove(0);
            }
        }
    }

    /// Against the slope, as the curvature so far would have it.
    fn direction(&self, slope: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = slope.iter().map(|x| -x).collect();
        let mut shares = Vec::with_capacity(self.steps.len());
        for (step, change, inverse) in self.steps.iter().rev() {
            let share = inverse * dot(step, &direction);
            direction
                .iter_mut()
                .zip(change)
                .for_each(|(d, y)| *d -= share * y);
            shares.push(share);
        }
        if let Some((_, change, inverse)) = self.steps.last() {
            let scale = (inverse * dot(change, change)).recip();
            for d in &mut direction {
                *d *= scale;
            }
        }
        for ((step, change, inverse), share) in self.steps.iter().zip(shares.into_iter().rev()) {
            let correction = share - inverse * dot(change, &direction);
            direction
                .iter_mut()
                .zip(step)
                .for_each(|(d, s)| *d += correction * s);
        }
        direction
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use woofer::augment::StreamKey;

    /// Made-up rows of three columns, one of them large and far from 0, and labels that follow the first two; sources
    /// differ in the second.
    fn problem(pull: f64, has_bias: bool) -> HeadProblem {
        let mut random = StreamKey::new(1, 2, 3).stream(4);
        let (mut inputs, mut offsets, mut targets, mut weights) = (vec![], vec![], vec![], vec![]);
        let mut origins = vec![];
        #[expect(clippy::cast_possible_truncation, reason = "made-up numbers")]
        for _ in 0..200 {
            let row = [
                random.between(-1.0, 1.0) as f32,
                random.between(-1.0, 1.0) as f32,
                random.between(990.0, 1010.0) as f32,
            ];
            let noisy = row[0] + 0.5 * row[1] + random.between(-0.3, 0.3) as f32;
            inputs.extend(row);
            offsets.extend([0.2, -0.1]);
            let first = f32::from(u8::from(noisy > 0.2));
            targets.extend([first, 1.0 - first]);
            origins.push(Origin {
                label: usize::from(noisy > 0.2),
                source: usize::from(row[1] > 0.0),
            });
            weights.push(random.between(0.5, 2.0) as f32);
        }
        HeadProblem {
            columns: 3,
            labels: 2,
            compared: inputs.clone(),
            inputs,
            offsets,
            targets,
            weights,
            origins,
            pull,
            source_share: 0.0,
            has_bias,
        }
    }

    fn slope_at(problem: &HeadProblem, fitted: &FittedHead) -> Vec<f64> {
        let (means, scales) = problem.columns_of();
        let inputs = problem.standardised(&means, &scales);
        let mut at = vec![0.0; problem.unknowns()];
        for label in 0..problem.labels {
            for column in 0..problem.columns {
                at[column * problem.labels + label] =
                    f64::from(fitted.weight[label * problem.columns + column]) / scales[column];
            }
            at[problem.columns * problem.labels + label] = f64::from(fitted.bias[label]);
        }
        problem.value_and_slope(&inputs, &at).1
    }

    #[test]
    fn at_the_minimum_no_derivative_is_left() {
        for (pull, has_bias, source_share) in [
            (0.3, true, 0.0),
            (1e-3, true, 0.0),
            (0.01, false, 0.0),
            (0.3, true, 0.5),
        ] {
            let problem = HeadProblem {
                source_share,
                ..problem(pull, has_bias)
            };
            let fitted = problem.solve();
            let slope = slope_at(&problem, &fitted);
            assert!(slope.iter().all(|x| x.abs() < 2e-5), "{pull} {slope:?}");
            assert_eq!(fitted.bias.iter().any(|b| *b != 0.0), has_bias);
        }
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let problem = HeadProblem {
            source_share: 0.4,
            ..problem(0.2, true)
        };
        let (means, scales) = problem.columns_of();
        let inputs = problem.standardised(&means, &scales);
        assert!(inputs.spread.is_some());
        let at: Vec<f64> = (0..problem.unknowns()).map(|i| 0.1 * i as f64 - 0.3).collect();
        let (_, slope) = problem.value_and_slope(&inputs, &at);
        for (place, slope) in slope.iter().enumerate() {
            let beside = |by: f64| {
                let mut at = at.clone();
                at[place] += by;
                problem.value_and_slope(&inputs, &at).0
            };
            let expected = (beside(1e-2) - beside(-1e-2)) / 2e-2;
            assert!((slope - expected).abs() < 1e-4, "{place}: {slope} {expected}");
        }
    }

    #[test]
    fn the_layer_leans_less_on_what_tells_sources_apart() {
        let second_of_first = |source_share: f64| {
            let problem = HeadProblem {
                source_share,
                ..problem(1.0, true)
            };
            let fitted = problem.solve();
            f64::from(fitted.weight[1] / fitted.weight[0])
        };
        // Labels follow half as much of the second column as of the first.
        let (alike, by_spread) = (second_of_first(0.0), second_of_first(0.8));
        assert!((0.4..0.7).contains(&alike), "{alike}");
        assert!(by_spread < 0.7 * alike, "{by_spread} {alike}");

        // What stands for the rows where sources are compared decides where they lie, not the rows themselves.
        let alike_where_compared = HeadProblem {
            source_share: 0.8,
            compared: vec![0.0; 600],
            ..problem(1.0, true)
        };
        let fitted = alike_where_compared.solve();
        assert_eq!(fitted.weight, problem(1.0, true).solve().weight);
    }

    #[test]
    fn the_layer_reads_columns_as_they_are_and_a_strong_pull_leaves_nothing() {
        let problem = problem(1e-3, true);
        let fitted = problem.solve();
        let right = problem
            .inputs
            .chunks_exact(3)
            .zip(problem.targets.chunks_exact(2))
            .filter(|(row, target)| {
                let score = |label: usize| {
                    let dense: f32 = (row.iter().zip(&fitted.weight[3 * label..]))
                        .map(|(x, w)| x * w)
                        .sum();
                    dense + fitted.centring[label] + fitted.bias[label] + [0.2, -0.1][label]
                };
                (score(0) > score(1)) == (target[0] > 0.5)
            })
            .count();
        assert!(right > 170, "{right} of 200");
        let drawn = self::problem(1e6, true).solve();
        assert!(drawn.weight.iter().all(|w| w.abs() < 1e-5));
    }
}
