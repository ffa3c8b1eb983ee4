/// All figures of a set of clips, without intervals.
///
/// The lists hold one value a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Clips of each class.
    pub clips: Vec<u64>,
    /// ROC AUC of each class against the rest.
    pub auc: Vec<Option<f64>>,
    /// Average precision of each class.
    pub average_precision: Vec<Option<f64>>,
    /// F1 of each class, where each clip counts for its highest score.
    pub f1: Vec<Option<f64>>,
    /// Share of the clips of each class whose highest score is that of their own class.
    pub recall: Vec<Option<f64>>,
    /// Share of the clips whose highest score is that of their own class.
    pub accuracy: Option<f64>,
    /// Mean negative natural logarithm of the score of each clip's own class.
    pub log_loss: Option<f64>,
    /// Expected calibration error of the highest score.
    pub calibration_error: Option<f64>,
}

impl Figures {
    /// Whether each of `classes` that has clips in `all` has some here too, so that a mean over them is one over the same classes.
    pub(super) fn has_classes_of(&self, all: &Self, classes: impl IntoIterator<Item = usize>) -> bool {
        let has = |figures: &Self, class: usize| figures.clips.get(class).is_some_and(|&clips| clips > 0);
        classes
            .into_iter()
            .all(|class| has(self, class) || !has(all, class))
    }

    /// Mean AUC over the defined classes, each weighed by its clips.
    #[must_use]
    pub fn auc_weighted(&self) -> Option<f64> {
        mean(
            self.auc
                .iter()
                .copied()
                .zip(self.clips.iter().map(|&clips| clips as f64)),
        )
    }

    /// Mean AUC over the defined classes.
    #[must_use]
    pub fn auc_macro(&self) -> Option<f64> {
        plain_mean(self.auc.iter().copied())
    }

    /// Mean AUC over those of `classes` that are defined.
    #[must_use]
    pub fn auc_over(&self, classes: &[usize]) -> Option<f64> {
        plain_mean(
            classes
                .iter()
                .map(|&class| self.auc.get(class).copied().flatten()),
        )
    }

    /// Mean average precision over the defined classes.
    #[must_use]
    pub fn average_precision_macro(&self) -> Option<f64> {
        plain_mean(self.average_precision.iter().copied())
    }

    /// Mean recall over the classes that have clips: the accuracy where all classes are as frequent.
    ///
    /// Source: scikit-learn `balanced_accuracy_score`.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        plain_mean(self.recall.iter().copied())
    }

    /// Mean F1 over the defined classes.
    #[must_use]
    pub fn f1_macro(&self) -> Option<f64> {
        plain_mean(self.f1.iter().copied())
    }
}

fn plain_mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    mean(values.map(|value| (value, 1.0)))
}

fn mean(values: impl Iterator<Item = (Option<f64>, f64)>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (value, weight) in values {
        if let Some(value) = value {
            sum += weight * value;
            weights += weight;
        }
    }
    (weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_without_clips_anywhere_are_not_missed() {
        let of = |clips: &[u64]| Figures {
            clips: clips.to_vec(),
            auc: Vec::new(),
            average_precision: Vec::new(),
            f1: Vec::new(),
            recall: Vec::new(),
            accuracy: None,
            log_loss: None,
            calibration_error: None,
        };
        let all = of(&[3, 1, 0]);
        assert!(of(&[1, 3, 0]).has_classes_of(&all, 0..3));
        assert!(!of(&[4, 0, 0]).has_classes_of(&all, 0..3));
        assert!(of(&[4, 0, 0]).has_classes_of(&all, [0, 2, 7]));
    }

    #[test]
    fn a_class_that_is_not_defined_is_left_out_of_every_mean() {
        let figures = Figures {
            clips: vec![3, 1, 0],
            auc: vec![Some(1.0), Some(0.5), None],
            average_precision: vec![Some(0.8), Some(0.4), None],
            f1: vec![None; 3],
            recall: vec![Some(0.75), Some(0.0), None],
            accuracy: None,
            log_loss: None,
            calibration_error: None,
        };
        assert_eq!(figures.auc_weighted(), Some(0.875));
        assert_eq!(figures.auc_macro(), Some(0.75));
        assert_eq!(figures.auc_over(&[1, 2]), Some(0.5));
        assert_eq!(figures.auc_over(&[2, 9]), None);
        assert_eq!(figures.f1_macro(), None);
        assert_eq!(figures.balanced_accuracy(), Some(0.375));
        let recall = vec![Some(0.75), Some(0.0), Some(1.0)];
        assert_eq!(
            Figures { recall, ..figures }.balanced_accuracy(),
            Some(1.75 / 3.0)
        );
    }
}
