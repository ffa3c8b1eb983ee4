use serde::{Deserialize, Serialize};

use crate::taxonomy::Taxonomy;

/// How scores of several copies or windows of a sound are taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mean {
    /// Their mean.
    #[default]
    Arithmetic,
    /// Their geometric mean, made to share 1 again: one that is sure counts for more than one that is not, and what one
    /// rules out stays unlikely. It is the softmax of the mean of the logits.
    ///
    /// Source: Genest and Zidek, "Combining probability distributions", Statistical Science 1, 1986 (logarithmic opinion pool).
    Geometric,
}

impl Mean {
    /// As it stands in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Geometric => "geometric",
        }
    }

    /// Whether it is the mean.
    #[must_use]
    pub fn is_arithmetic(&self) -> bool {
        *self == Self::Arithmetic
    }
}

/// The scores of a sound on the way to their average.
#[derive(Debug, Clone, Default)]
pub struct AverageScores {
    mean: Mean,
    sums: Vec<f64>,
    rows: usize,
    weight: f64,
}

impl AverageScores {
    /// Of no scores yet.
    #[must_use]
    pub const fn new(mean: Mean) -> Self {
        Self {
            mean,
            sums: Vec::new(),
            rows: 0,
            weight: 0.0,
        }
    }

    /// Adds a row of scores in 0..=1, all of the same length; for a geometric mean they share 1.
    pub fn add(&mut self, scores: &[f32]) {
        self.add_weighted(scores, 1.0);
    }

    /// Adds a row that counts as much as `weight`, above 0, of others.
    pub fn add_weighted(&mut self, scores: &[f32], weight: f64) {
        self.sums.resize(scores.len(), 0.0);
        for (sum, &score) in self.sums.iter_mut().zip(scores) {
            *sum += weight
                * match self.mean {
                    Mean::Arithmetic => f64::from(score),
                    // The logarithm of 0 is not finite; the smallest number above it is as good as 0.
                    Mean::Geometric => f64::from(score.max(f32::MIN_POSITIVE)).ln(),
                };
        }
        self.rows += 1;
        self.weight += weight;
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The average in 0..=1; empty of no rows.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub fn average(&self) -> Vec<f32> {
        let weight = self.weight.max(f64::MIN_POSITIVE);
        let means = self.sums.iter().map(|sum| sum / weight);
        match self.mean {
            Mean::Arithmetic => means.map(|mean| mean as f32).collect(),
            Mean::Geometric => {
                let largest = means.clone().fold(f64::NEG_INFINITY, f64::max);
                let scores: Vec<f64> = means.map(|mean| (mean - largest).exp()).collect();
                let sum: f64 = scores.iter().sum();
                scores.iter().map(|score| (score / sum) as f32).collect()
            }
        }
    }
}

/// How much each window counts in the score of a recording: the less, the surer it is that nothing but the rest is heard in it.
///
/// So a bark in one of six windows, the others quiet, is not averaged away. By default all count the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WindowWeights {
    rest_labels: Vec<usize>,
    rest_weight: f32,
}

impl WindowWeights {
    /// Least weight that a window of the rest may have.
    pub const LEAST: f64 = 1e-3;

    /// Those of a network that scores the fine labels of a taxonomy, where a window of the rest alone counts `rest_weight` of one
    /// without it, [`WindowWeights::LEAST`] to 1; without a rest all count the same.
    #[must_use]
    pub fn new(taxonomy: &Taxonomy, rest_weight: f32) -> Self {
        let rest = taxonomy.rest();
        let labels = taxonomy.fine_labels().into_iter().enumerate();
        let of_rest = labels.filter(|(_, (class, _))| Some(*class) == rest);
        Self {
            rest_labels: of_rest.map(|(label, _)| label).collect(),
            rest_weight,
        }
    }

    /// What a window counts that has these label scores, which share 1.
    #[must_use]
    pub fn of(&self, label_scores: &[f32]) -> f64 {
        let rest = self
            .rest_labels
            .iter()
            .filter_map(|&label| label_scores.get(label));
        let rest = rest.copied().map(f64::from).sum::<f64>().clamp(0.0, 1.0);
        1.0 - (1.0 - f64::from(self.rest_weight)) * rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;

    fn averaged(mean: Mean, rows: &[&[f32]]) -> Vec<f32> {
        let mut average = AverageScores::new(mean);
        for row in rows {
            average.add(row);
        }
        assert_eq!(average.rows(), rows.len());
        average.average()
    }

    fn assert_close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn the_arithmetic_mean_is_the_mean_and_the_geometric_one_shares_1() {
        let rows: [&[f32]; 2] = [&[0.9, 0.1], &[0.2, 0.8]];
        assert_close(&averaged(Mean::Arithmetic, &rows), &[0.55, 0.45]);
        let (first, second) = ((0.9f32 * 0.2).sqrt(), (0.1f32 * 0.8).sqrt());
        let sum = first + second;
        assert_close(&averaged(Mean::Geometric, &rows), &[first / sum, second / sum]);
    }

    #[test]
    fn the_geometric_mean_is_the_softmax_of_the_mean_of_the_logits() {
        let softmax = |logits: &[f32]| Activation::Softmax { temperature: 0.7 }.apply(logits);
        let logits = [[3.0, -1.0, 0.25], [0.5, 2.0, -7.0], [-4.0, 1.0, 1.0]];
        let rows = logits.map(|row| softmax(&row));
        let mean: Vec<f32> = (0..3)
            .map(|label| logits.iter().map(|row| row[label]).sum::<f32>() / 3.0)
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        assert_close(&averaged(Mean::Geometric, &rows), &softmax(&mean));
    }

    #[test]
    fn averages_of_averages_are_those_of_all_where_each_has_as_many() {
        let rows: [&[f32]; 4] = [&[0.7, 0.3], &[0.4, 0.6], &[1.0, 0.0], &[0.1, 0.9]];
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            let [first, second] = [&rows[..2], &rows[2..]].map(|half| averaged(mean, half));
            assert_close(&averaged(mean, &[&first, &second]), &averaged(mean, &rows));
        }
    }

    #[test]
    fn one_row_is_its_own_average_and_no_row_has_none() {
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            assert_close(&averaged(mean, &[&[1.0, 0.0, 0.0]]), &[1.0, 0.0, 0.0]);
            assert!(averaged(mean, &[]).is_empty());
            // Scores of 0 on either side rule out neither.
            assert_close(&averaged(mean, &[&[1.0, 0.0], &[0.0, 1.0]]), &[0.5, 0.5]);
        }
    }

    #[test]
    fn a_row_counts_by_its_weight() {
        let rows: [&[f32]; 2] = [&[0.9, 0.1], &[0.2, 0.8]];
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            let mut weighted = AverageScores::new(mean);
            weighted.add_weighted(rows[0], 0.25);
            weighted.add_weighted(rows[1], 0.75);
            let four = averaged(mean, &[rows[0], rows[1], rows[1], rows[1]]);
            assert_close(&weighted.average(), &four);
        }
    }

    #[test]
    fn windows_of_the_rest_count_less() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let fine = taxonomy.fine_labels();
        let rest = taxonomy.rest().unwrap();
        let weights = WindowWeights::new(&taxonomy, 0.2);
        let mut scores = vec![0.0; fine.len()];
        let of_rest: Vec<usize> = (0..fine.len()).filter(|&label| fine[label].0 == rest).collect();
        let barking = fine.iter().position(|(class, _)| *class != rest).unwrap();
        assert!(of_rest.len() > 1);
        scores[barking] = 1.0;
        assert!((weights.of(&scores) - 1.0).abs() < 1e-6);
        scores[barking] = 0.5;
        for label in &of_rest {
            scores[*label] = 0.5 / of_rest.len() as f32;
        }
        assert!((weights.of(&scores) - 0.6).abs() < 1e-6);
        scores.fill(0.0);
        scores[of_rest[0]] = 1.0;
        assert!((weights.of(&scores) - 0.2).abs() < 1e-6);
        for all_the_same in [WindowWeights::default(), WindowWeights::new(&taxonomy, 1.0)] {
            assert!((all_the_same.of(&scores) - 1.0).abs() < 1e-12);
        }
    }
}
