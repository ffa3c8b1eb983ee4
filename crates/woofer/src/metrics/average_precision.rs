use super::ranking::Ranking;

/// Average precision of one class against all others.
///
/// It is the precision at each score that some clip has, weighed by how much recall grows there,
/// without interpolation. `None` when there are no positives.
///
/// Source: scikit-learn `average_precision_score`.
#[must_use]
pub fn average_precision(scored: impl IntoIterator<Item = (f64, bool)>) -> Option<f64> {
    Ranking::new(scored).average_precision(|_| 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_scikit_learns_manual() {
        let scored = [(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        let ap = average_precision(scored).unwrap();
        assert!((ap - 5.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn without_positives_it_is_not_defined_and_without_negatives_it_is_one() {
        assert_eq!(average_precision([(0.3, false)]), None);
        assert_eq!(average_precision([(0.3, true), (0.1, true)]), Some(1.0));
    }
}
