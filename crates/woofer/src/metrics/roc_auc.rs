use super::ranking::Ranking;

/// Area under the ROC curve of one class against all others.
///
/// It is the chance that a positive scores above a negative, ties counting half. `None` when there
/// are no positives or no negatives.
///
/// Source: scikit-learn `roc_auc_score`.
#[must_use]
pub fn roc_auc(scored: impl IntoIterator<Item = (f64, bool)>) -> Option<f64> {
    Ranking::new(scored).roc_auc(|_| 1)
}

/// ROC AUC of each class against the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsRest {
    /// Clips of each class.
    pub counts: Vec<usize>,
    /// AUC of each class; `None` where it is not defined.
    pub per_class: Vec<Option<f64>>,
}

/// One-vs-rest AUC from each clip's class id and its scores, one a class.
///
/// Source: scikit-learn `roc_auc_score(multi_class="ovr")`.
#[must_use]
pub fn one_vs_rest(labels: &[usize], scores: &[Vec<f64>], classes: usize) -> OneVsRest {
    let mut counts = vec![0; classes];
    for &label in labels {
        if let Some(count) = counts.get_mut(label) {
            *count += 1;
        }
    }
    let per_class = (0..classes)
        .map(|class| {
            let row = |(&label, s): (&usize, &Vec<f64>)| s.get(class).map(|s| (*s, label == class));
            roc_auc(labels.iter().zip(scores).filter_map(row))
        })
        .collect();
    OneVsRest { counts, per_class }
}

impl OneVsRest {
    /// Mean over the defined classes, each weighed by its clips.
    #[must_use]
    pub fn weighted(&self) -> Option<f64> {
        self.mean(|class| self.counts[class] as f64)
    }

    /// Mean over the defined classes.
    #[must_use]
    pub fn macro_mean(&self) -> Option<f64> {
        self.mean(|_| 1.0)
    }

    /// Mean over those of `classes` that are defined.
    #[must_use]
    pub fn mean_over(&self, classes: &[usize]) -> Option<f64> {
        self.mean(|class| f64::from(u8::from(classes.contains(&class))))
    }

    fn mean(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (class, auc) in self.per_class.iter().enumerate() {
            if let Some(auc) = auc {
                sum += weight(class) * auc;
                weights += weight(class);
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_decides_and_ties_count_half() {
        let auc = |rows: &[(f64, bool)]| roc_auc(rows.iter().copied());
        assert_eq!(auc(&[(0.1, false), (0.9, true)]), Some(1.0));
        assert_eq!(auc(&[(0.9, false), (0.1, true)]), Some(0.0));
        assert_eq!(auc(&[(0.5, false), (0.5, true)]), Some(0.5));
        assert_eq!(
            auc(&[(0.1, false), (0.5, false), (0.5, true), (0.9, true)]),
            Some(0.875)
        );
    }

    #[test]
    fn without_positives_or_negatives_it_is_not_defined() {
        assert_eq!(roc_auc([(0.5, true)]), None);
        assert_eq!(roc_auc([(0.5, false)]), None);
        let result = one_vs_rest(&[0, 1], &[vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0]], 3);
        assert_eq!(result.per_class, [Some(1.0), Some(1.0), None]);
        assert_eq!((result.weighted(), result.macro_mean()), (Some(1.0), Some(1.0)));
    }
}
