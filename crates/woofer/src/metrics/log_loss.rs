/// Loss of one clip: the negative natural logarithm of its own class's score.
///
/// The score is clipped to eps..=1-eps with eps = 2^-52, so that a class held to be impossible costs
/// 36.04 and not infinity.
pub(super) fn clip_loss(score: f64) -> f64 {
    -score.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

/// Mean negative natural logarithm of the score that each clip's own class got.
///
/// `None` without clips, or where a label has no score. Scores are taken as they are: they are not
/// brought to sum to one.
///
/// Source: scikit-learn `log_loss`.
#[must_use]
pub fn log_loss(labels: &[usize], scores: &[Vec<f64>]) -> Option<f64> {
    let own: Option<Vec<f64>> = labels
        .iter()
        .zip(scores)
        .map(|(&label, row)| row.get(label).copied())
        .collect();
    let own = own.filter(|own| !own.is_empty())?;
    Some(own.iter().map(|&score| clip_loss(score)).sum::<f64>() / own.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_mistake_costs_the_logarithm_of_the_smallest_step() {
        let loss = log_loss(&[0], &[vec![0.0, 1.0]]).unwrap();
        assert!((loss - 52.0 * 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn without_clips_or_scores_it_is_not_defined() {
        assert_eq!(log_loss(&[], &[]), None);
        assert_eq!(log_loss(&[2], &[vec![0.5, 0.5]]), None);
    }
}
