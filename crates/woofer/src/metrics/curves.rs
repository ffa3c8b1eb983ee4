use super::ranking::Ranking;

/// One point of a ROC curve: what is caught and what is falsely caught from a threshold up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// Scores from here up count as found; infinite at the first point, where nothing is.
    pub threshold: f64,
    /// Share of the negatives that count as found.
    pub false_positive_rate: f64,
    /// Share of the positives that count as found.
    pub true_positive_rate: f64,
}

/// ROC curve of one class against all others, from (0, 0) to (1, 1), a point for each distinct score.
///
/// Empty when there are no positives or no negatives.
///
/// Source: scikit-learn `roc_curve(drop_intermediate=False)`.
#[must_use]
pub fn roc_curve(scored: impl IntoIterator<Item = (f64, bool)>) -> Vec<RocPoint> {
    let ranking = Ranking::new(scored);
    let (all_positives, all_negatives) = ranking.totals(|_| 1);
    if all_positives == 0.0 || all_negatives == 0.0 {
        return Vec::new();
    }
    let mut points = vec![RocPoint {
        threshold: f64::INFINITY,
        false_positive_rate: 0.0,
        true_positive_rate: 0.0,
    }];
    let (mut positives, mut negatives) = (0.0, 0.0);
    for level in ranking.levels(|_| 1) {
        positives += level.positives;
        negatives += level.negatives;
        points.push(RocPoint {
            threshold: level.score,
            false_positive_rate: negatives / all_negatives,
            true_positive_rate: positives / all_positives,
        });
    }
    points
}

/// One point of a precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrecisionRecallPoint {
    /// Scores from here up count as found.
    pub threshold: f64,
    /// Share of what is found that is of the class.
    pub precision: f64,
    /// Share of the class that is found.
    pub recall: f64,
}

/// Precision and recall of one class, from the highest threshold to the lowest, a point for each distinct score.
///
/// Empty when there are no positives. scikit-learn's point without a threshold, (recall 0, precision
/// 1), is left out: no threshold reaches it.
///
/// Source: scikit-learn `precision_recall_curve`, which lists the points the other way round.
#[must_use]
pub fn precision_recall_curve(scored: impl IntoIterator<Item = (f64, bool)>) -> Vec<PrecisionRecallPoint> {
    let ranking = Ranking::new(scored);
    let (all_positives, _) = ranking.totals(|_| 1);
    if all_positives == 0.0 {
        return Vec::new();
    }
    let (mut positives, mut found) = (0.0, 0.0);
    let point = |level: super::ranking::Level| {
        positives += level.positives;
        found += level.positives + level.negatives;
        PrecisionRecallPoint {
            threshold: level.score,
            precision: positives / found,
            recall: positives / all_positives,
        }
    };
    ranking.levels(|_| 1).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_without_clips_has_no_curve() {
        assert!(roc_curve([(0.5, false)]).is_empty());
        assert!(roc_curve([(0.5, true)]).is_empty());
        assert!(precision_recall_curve([(0.5, false)]).is_empty());
        assert!(precision_recall_curve([]).is_empty());
    }
}
