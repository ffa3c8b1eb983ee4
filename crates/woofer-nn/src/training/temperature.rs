use woofer::taxonomy::ClassScores;

use super::scoring::{ClipLogits, scores};

/// Sharpest and flattest temperature that is fitted: what lies outside comes from too few mistakes to tell.
pub(super) const BOUNDS: (f64, f64) = (0.25, 4.0);
/// Steps of the search; 40 leave less than 1e-7 of the range of log T.
const STEPS: usize = 40;
/// A class that is ruled out altogether costs no more than this probability does.
const LEAST: f64 = 1e-6;

/// The softmax temperature at which the classes of clips are most likely.
///
/// `clips` are the logits of each clip's segments and the id of its class. Unlike
/// [`woofer::metrics::fit_temperature`] it is exact for clips of several segments, whose scores are means, and for classes that are
/// sums of fine labels. Without clips it is 1. Found by golden section, since the likelihood rises and falls once.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2.
#[must_use]
pub fn fitted_temperature(clips: &[(&ClipLogits, usize)], classes: &ClassScores) -> f64 {
    if clips.is_empty() {
        return 1.0;
    }
    let loss = |log_t: f64| -> f64 {
        let temperature = log_t.exp();
        let of_clip = |(logits, class): &(&ClipLogits, usize)| {
            let scores = classes.apply(&scores(logits, temperature));
            let own = scores.get(*class).copied().unwrap_or_default();
            -f64::from(own).max(LEAST).ln()
        };
        clips.iter().map(of_clip).sum()
    };
    lowest_between(loss, BOUNDS.0.ln(), BOUNDS.1.ln()).exp()
}

/// Where a function that falls and then rises is lowest, by golden section.
pub(super) fn lowest_between(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let inner = |low: f64, high: f64| (high - ratio * (high - low), low + ratio * (high - low));
    let (mut left, mut right) = inner(low, high);
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left <= at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = inner(low, high).0;
            at_left = value(left);
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = inner(low, high).1;
            at_right = value(right);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_claim_too_much_are_cooled_to_what_is_true() {
        // Of four clips with the same logits three are of the first class: the true logit is ln 3, here it is twice that.
        let claimed: ClipLogits = vec![vec![2.0 * 3f32.ln(), 0.0]];
        let clips: Vec<(&ClipLogits, usize)> = [0, 0, 0, 1].map(|class| (&claimed, class)).to_vec();
        let found = fitted_temperature(&clips, &ClassScores::Labels);
        assert!((found - 2.0).abs() < 1e-4, "{found}");
        let once = |class: usize| fitted_temperature(&[(&claimed, class)], &ClassScores::Labels);
        assert!((once(0) / BOUNDS.0 - 1.0).abs() < 1e-3, "{}", once(0));
        assert!((once(1) / BOUNDS.1 - 1.0).abs() < 1e-3, "{}", once(1));
        assert!((fitted_temperature(&[], &ClassScores::Labels) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_agrees_with_the_fit_for_single_segments_and_fine_labels() {
        let logits: Vec<ClipLogits> = vec![
            vec![vec![3.0, 1.0, -1.0]],
            vec![vec![0.5, 2.5, 0.0]],
            vec![vec![2.0, 0.0, 1.9]],
            vec![vec![1.0, -2.0, 0.3]],
        ];
        let labels = [0, 1, 2, 0];
        let clips: Vec<(&ClipLogits, usize)> = logits.iter().zip(labels).collect();
        let as_f64: Vec<Vec<f64>> = logits
            .iter()
            .map(|clip| clip[0].iter().map(|z| f64::from(*z)).collect())
            .collect();
        let expected = woofer::metrics::fit_temperature(&as_f64, &labels)
            .unwrap()
            .temperature;
        let found = fitted_temperature(&clips, &ClassScores::Labels);
        assert!((found / expected - 1.0).abs() < 1e-3, "{found} {expected}");
    }
}
