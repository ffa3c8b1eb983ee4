use serde::{Deserialize, Serialize};

/// How many clips of each class were taken for which: `[true class][predicted class]`.
///
/// Source: scikit-learn `confusion_matrix`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    rows: Vec<Vec<u64>>,
}

impl Confusion {
    /// An empty matrix of `classes` rows and columns.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            rows: vec![vec![0; classes]; classes],
        }
    }

    /// Counts `clips` more of class `label` that were taken for `predicted`; ids without a row are left out.
    pub fn add(&mut self, label: usize, predicted: usize, clips: u64) {
        if let Some(count) = self.rows.get_mut(label).and_then(|row| row.get_mut(predicted)) {
            *count += clips;
        }
    }

    /// The counts, one row a true class.
    #[must_use]
    pub fn rows(&self) -> &[Vec<u64>] {
        &self.rows
    }

    /// Whether there are `classes` rows of as many columns.
    pub(super) fn is_square(&self, classes: usize) -> bool {
        self.rows.len() == classes && self.rows.iter().all(|row| row.len() == classes)
    }

    /// Share of the clips that were taken for their own class; `None` without clips.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let right: u64 = self
            .rows
            .iter()
            .enumerate()
            .filter_map(|(i, row)| row.get(i))
            .sum();
        let all: u64 = self.rows.iter().flatten().sum();
        (all > 0).then(|| right as f64 / all as f64)
    }

    /// Share of the clips of a class that were taken for it; `None` when there are none.
    ///
    /// Source: scikit-learn `recall_score`.
    #[must_use]
    pub fn recall(&self, class: usize) -> Option<f64> {
        let row = self.rows.get(class)?;
        let hits = *row.get(class)?;
        let clips: u64 = row.iter().sum();
        (clips > 0).then(|| hits as f64 / clips as f64)
    }

    /// F1 of one class, the harmonic mean of its precision and recall.
    ///
    /// `None` when no clip is of the class, though some may have been taken for it: scikit-learn says
    /// 0 there, whatever the classifier is worth.
    ///
    /// Source: scikit-learn `f1_score`.
    #[must_use]
    pub fn f1(&self, class: usize) -> Option<f64> {
        let hits = *self.rows.get(class)?.get(class)?;
        let truly: u64 = self.rows.get(class)?.iter().sum();
        let taken: u64 = self.rows.iter().filter_map(|row| row.get(class)).sum();
        (truly > 0).then(|| 2.0 * hits as f64 / (truly + taken) as f64)
    }
}

/// Id of the highest score, the first of several that are level.
#[must_use]
pub fn best_class<T: PartialOrd + Copy>(scores: &[T]) -> Option<usize> {
    let mut best: Option<(usize, T)> = None;
    for (class, &score) in scores.iter().enumerate() {
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((class, score));
        }
    }
    best.map(|(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_and_accuracy_of_a_small_table() {
        let mut table = Confusion::new(3);
        table.add(0, 0, 3);
        table.add(0, 1, 1);
        table.add(1, 0, 2);
        table.add(1, 2, 2);
        table.add(7, 0, 1);
        assert_eq!(table.rows(), [vec![3, 1, 0], vec![2, 0, 2], vec![0, 0, 0]]);
        assert_eq!(table.accuracy(), Some(0.375));
        assert_eq!(
            (table.recall(0), table.recall(1), table.recall(2)),
            (Some(0.75), Some(0.0), None)
        );
        assert_eq!(table.recall(3), None);
        table.add(2, 2, 1);
        assert_eq!(table.recall(2), Some(1.0));
        assert_eq!(table.f1(0), Some(6.0 / 9.0));
        assert_eq!(table.f1(1), Some(0.0));
        assert_eq!(table.f1(2), Some(0.5));
        assert_eq!(Confusion::new(3).f1(2), None);
        assert_eq!(Confusion::new(2).accuracy(), None);
        assert_eq!(Confusion::new(2).recall(0), None);
    }

    #[test]
    fn the_first_of_level_scores_is_the_best() {
        assert_eq!(best_class(&[0.2, 0.4, 0.4]), Some(1));
        assert_eq!(best_class::<f64>(&[]), None);
    }
}
