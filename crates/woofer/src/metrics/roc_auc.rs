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
    }
}
