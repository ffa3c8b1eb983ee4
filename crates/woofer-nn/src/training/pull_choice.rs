use rayon::prelude::*;

use super::head_fit::{FittedHead, HeadProblem};
use super::temperature::{BOUNDS, lowest_between};

/// Which part of the rows each row is of; none of one that is always learned from and never asked.
pub(super) type Parts = Vec<Option<usize>>;

impl HeadProblem {
    /// The pull of `among` under which heads fitted to all parts but one say most of what the rows of that part are.
    ///
    /// Scores are judged by their mean log loss over all parts, at the softmax temperature that is best for them; `keeps_bias` says whether
    /// the biases are part of the head. Of one candidate, or with rows of less than two parts, it is the first.
    pub(super) fn chosen_pull(&self, among: &[f64], parts: &Parts, keeps_bias: bool) -> Option<f64> {
        let mut names: Vec<usize> = parts.iter().flatten().copied().collect();
        names.sort_unstable();
        names.dedup();
        if among.len() < 2 || names.len() < 2 {
            return among.first().copied();
        }
        let losses: Vec<f64> = among
            .par_iter()
            .map(|&pull| {
                let asked = names.iter().flat_map(|&part| {
                    let is_held = |row: usize| parts.get(row).copied().flatten() == Some(part);
                    let head = self.of_rows(|row| !is_held(row), pull).solve();
                    self.of_rows(is_held, pull).asked(&head, keeps_bias)
                });
                let asked: Vec<Asked> = asked.collect();
                let loss = |log_t: f64| mean_loss(&asked, log_t.exp());
                loss(lowest_between(loss, BOUNDS.0.ln(), BOUNDS.1.ln()))
            })
            .collect();
        let best = losses.iter().zip(among).min_by(|a, b| a.0.total_cmp(b.0));
        best.map(|(_, &pull)| pull)
    }

    /// The same problem of some of its rows, with another pull.
    fn of_rows(&self, is_of: impl Fn(usize) -> bool, pull: f64) -> Self {
        let kept: Vec<usize> = (0..self.weights.len()).filter(|&row| is_of(row)).collect();
        let rows = |values: &[f32], width: usize| {
            let of_row = |&row: &usize| values.get(row * width..(row + 1) * width).unwrap_or_default();
            kept.iter().flat_map(of_row).copied().collect()
        };
        Self {
            columns: self.columns,
            labels: self.labels,
            inputs: rows(&self.inputs, self.columns),
            compared: rows(&self.compared, self.columns),
            offsets: rows(&self.offsets, self.labels),
            targets: rows(&self.targets, self.labels),
            weights: rows(&self.weights, 1),
            origins: kept
                .iter()
                .filter_map(|&row| self.origins.get(row).copied())
                .collect(),
            pull,
            source_share: self.source_share,
            has_bias: self.has_bias,
        }
    }

    /// What a head says of each row, and what the row is.
    fn asked(&self, head: &FittedHead, keeps_bias: bool) -> Vec<Asked> {
        let labels = self.labels.max(1);
        let rows = self.inputs.chunks_exact(self.columns.max(1));
        let rows = rows
            .zip(self.offsets.chunks_exact(labels))
            .zip(self.targets.chunks_exact(labels))
            .zip(&self.weights);
        let of_label = |row: &[f32], label: usize| -> f64 {
            let weights = head.weight.iter().skip(label * self.columns);
            let dense: f64 = (row.iter().zip(weights))
                .map(|(x, w)| f64::from(*x) * f64::from(*w))
                .sum();
            let bias = if keeps_bias { head.bias.get(label) } else { None };
            let added = [head.centring.get(label), bias];
            dense + added.into_iter().flatten().map(|b| f64::from(*b)).sum::<f64>()
        };
        rows.map(|(((row, offsets), targets), weight)| {
            let labels = offsets.iter().enumerate();
            Asked {
                logits: labels
                    .map(|(label, offset)| f64::from(*offset) + of_label(row, label))
                    .collect(),
                targets: targets.to_vec(),
                weight: *weight,
            }
        })
        .collect()
    }
}

/// A row that a head was not fitted to.
struct Asked {
    logits: Vec<f64>,
    targets: Vec<f32>,
    weight: f32,
}

/// Mean weighted cross-entropy of rows at a softmax temperature.
fn mean_loss(rows: &[Asked], temperature: f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for Asked {
        logits,
        targets,
        weight,
    } in rows
    {
        let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let cooled = |z: &f64| (z - top) / temperature;
        let log_sum = logits.iter().map(|z| cooled(z).exp()).sum::<f64>().ln();
        let of_row: f64 = (logits.iter().zip(targets))
            .map(|(z, target)| f64::from(*target) * (log_sum - cooled(z)))
            .sum();
        sum += f64::from(*weight) * of_row;
        total += f64::from(*weight);
    }
    sum / f64::max(total, f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use woofer::augment::StreamKey;

    /// Rows of ten columns in four parts, the first of which says what the label is; in every other part it says the opposite if it is
    /// `turned`. The others say nothing.
    fn problem(turned: bool) -> (HeadProblem, Parts) {
        let mut random = StreamKey::new(5, 6, 7).stream(8);
        let (mut inputs, mut targets, mut parts) = (vec![], vec![], vec![]);
        for row in 0..160 {
            let part = row / 40;
            let label = random.chance(0.5);
            let says = label != (turned && part % 2 == 1);
            let sign = if says { 1.0 } else { -1.0 };
            #[expect(clippy::cast_possible_truncation, reason = "made-up numbers")]
            inputs.extend((0..10).map(|column| match column {
                0 => (sign + random.between(-0.2, 0.2)) as f32,
                _ => random.between(-1.0, 1.0) as f32,
            }));
            let first = f32::from(u8::from(label));
            targets.extend([first, 1.0 - first]);
            parts.push(Some(part));
        }
        let problem = HeadProblem {
            columns: 10,
            labels: 2,
            inputs,
            compared: Vec::new(),
            offsets: vec![0.0; 320],
            targets,
            weights: vec![1.0; 160],
            origins: Vec::new(),
            pull: 0.0,
            source_share: 0.0,
            has_bias: true,
        };
        (problem, parts)
    }

    #[test]
    fn what_holds_in_all_parts_wants_a_weak_pull_and_what_does_not_a_strong_one() {
        let chosen = |turned: bool| {
            let (problem, parts) = problem(turned);
            problem.chosen_pull(&[1e-3, 1e3], &parts, false)
        };
        assert_eq!(chosen(false), Some(1e-3));
        assert_eq!(chosen(true), Some(1e3));
    }

    #[test]
    fn where_nothing_can_be_held_back_the_first_is_taken() {
        let (problem, parts) = problem(false);
        let one: Parts = parts.iter().map(|_| Some(0)).collect();
        assert_eq!(problem.chosen_pull(&[0.5, 0.1], &one, true), Some(0.5));
        assert_eq!(problem.chosen_pull(&[0.2], &parts, true), Some(0.2));
        assert_eq!(problem.chosen_pull(&[], &parts, true), None);
    }
}
