use woofer::taxonomy::ClassScores;

use super::scoring::{ClipLogits, ClipMean};

/// Sharpest and flattest temperature that is fitted: what lies outside comes from too few mistakes to tell.
const BOUNDS: (f64, f64) = (0.25, 4.0);
/// Steps of the search; 40 leave less than 1e-7 of the range of log T.
const STEPS: usize = 40;
/// Parts of the range of log T of which the best is searched: a Brier score may have more than one valley.
const PARTS: u32 = 32;

/// The softmax temperature of the least Brier score: the squared distance of a clip's scores from its class, in the mean.
///
/// `clips` are the logits of each clip's segments and the id of its class. A clip costs 2 at most, whatever it is named;
/// by its logarithm one that is named wrongly costs many times what others do, and all scores become too modest. It is exact for
/// clips of several segments, whose scores are means, and for classes that are sums of fine labels. Without clips it is 1.
/// Found by golden section in the best part of the range.
///
/// Sources: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2; G. W. Brier, "Verification of
/// forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.
#[must_use]
pub fn fitted_temperature(
    clips: &[(&ClipLogits, usize)],
    classes: &ClassScores,
    clip_mean: &ClipMean,
) -> f64 {
    if clips.is_empty() {
        return 1.0;
    }
    let loss = |log_t: f64| -> f64 {
        let temperature = log_t.exp();
        let of_clip = |(logits, class): &(&ClipLogits, usize)| {
            let scores = classes.apply(&clip_mean.scores(logits, temperature));
            let distance = |(id, score): (usize, &f32)| {
                let truth = if id == *class { 1.0 } else { 0.0 };
                (f64::from(*score) - truth).powi(2)
            };
            scores.iter().enumerate().map(distance).sum::<f64>()
        };
        clips.iter().map(of_clip).sum()
    };
    let (low, high) = (BOUNDS.0.ln(), BOUNDS.1.ln());
    let part = (high - low) / f64::from(PARTS);
    let starts = (0..=PARTS).map(|i| low + part * f64::from(i));
    let best = starts.map(|at| (loss(at), at)).min_by(|a, b| a.0.total_cmp(&b.0));
    let best = best.map_or(low, |(_, at)| at);
    lowest_between(loss, (best - part).max(low), (best + part).min(high)).exp()
}

/// Where a function that falls and then rises is lowest, by golden section.
fn lowest_between(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
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
    use woofer::Mean;
    use woofer::taxonomy::Taxonomy;

    use super::*;

    #[test]
    fn scores_that_claim_too_much_are_cooled_to_what_is_true() {
        // Of four clips with the same logits three are of the first class: the true logit is ln 3, here it is twice that.
        let claimed: ClipLogits = vec![vec![vec![2.0 * 3f32.ln(), 0.0]]];
        let clips: Vec<(&ClipLogits, usize)> = [0, 0, 0, 1].map(|class| (&claimed, class)).to_vec();
        let found = fitted_temperature(&clips, &ClassScores::Labels, &ClipMean::default());
        assert!((found - 2.0).abs() < 1e-4, "{found}");
        let once = |class: usize| {
            fitted_temperature(&[(&claimed, class)], &ClassScores::Labels, &ClipMean::default())
        };
        assert!((once(0) / BOUNDS.0 - 1.0).abs() < 1e-3, "{}", once(0));
        assert!((once(1) / BOUNDS.1 - 1.0).abs() < 1e-3, "{}", once(1));
        assert!((fitted_temperature(&[], &ClassScores::Labels, &ClipMean::default()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_clip_that_is_named_wrongly_hardly_matters() {
        // Of twenty clips fifteen are of the first class, as the logit ln 3 says. Then one more, of which nothing is heard.
        let (modest, sure): (ClipLogits, ClipLogits) =
            (vec![vec![vec![3f32.ln(), 0.0]]], vec![vec![vec![12.0, 0.0]]]);
        let mut clips: Vec<(&ClipLogits, usize)> = (0..20).map(|i| (&modest, usize::from(i >= 15))).collect();
        clips.extend((0..40).map(|_| (&sure, 0)));
        let before = fitted_temperature(&clips, &ClassScores::Labels, &ClipMean::default());
        clips.push((&sure, 1));
        let after = fitted_temperature(&clips, &ClassScores::Labels, &ClipMean::default());
        assert!((before - 1.0).abs() < 0.02, "{before}");
        assert!((after - before).abs() < 0.02, "{before} {after}");
    }

    #[test]
    fn no_other_temperature_scores_better_for_several_segments_and_fine_labels() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let classes = ClassScores::sum_of_fine(&taxonomy);
        let class_of: Vec<usize> = taxonomy
            .fine_labels()
            .into_iter()
            .map(|(class, _)| class)
            .collect();
        let labels = class_of.len();
        // Made-up logits: each clip has two segments, and two of three clips have most of their own class.
        let clip = |i: usize, class: usize| -> ClipLogits {
            let logit = |segment: usize, label: usize| {
                let own = if class_of[label] == class && !i.is_multiple_of(3) {
                    5.0
                } else {
                    0.0
                };
                own + 1.5 * ((i * 31 + segment * 17 + label * 7) as f32).sin()
            };
            (0..2)
                .map(|segment| vec![(0..labels).map(|label| logit(segment, label)).collect()])
                .collect()
        };
        let made: Vec<(ClipLogits, usize)> = (0..30).map(|i| (clip(i, i % 10), i % 10)).collect();
        let clips: Vec<(&ClipLogits, usize)> = made.iter().map(|(logits, class)| (logits, *class)).collect();
        for mean in [Mean::Arithmetic, Mean::Geometric] {
            let clip_mean = ClipMean {
                mean,
                ..ClipMean::default()
            };
            let found = fitted_temperature(&clips, &classes, &clip_mean);
            assert!((0.26..3.9).contains(&found), "{found}");
            let brier = |temperature: f64| -> f64 {
                let of_clip = |(logits, class): &(ClipLogits, usize)| -> f64 {
                    let scores = classes.apply(&averaged(logits, temperature, mean));
                    let truth = |id: usize| if id == *class { 1.0 } else { 0.0 };
                    scores
                        .iter()
                        .enumerate()
                        .map(|(id, score)| (f64::from(*score) - truth(id)).powi(2))
                        .sum()
                };
                made.iter().map(of_clip).sum()
            };
            let least = brier(found);
            for step in 0..=100 {
                let other = BOUNDS.0 * (BOUNDS.1 / BOUNDS.0).powf(f64::from(step) / 100.0);
                assert!(brier(other) >= least - 1e-5, "{other} scores better than {found}");
            }
        }
    }

    /// The mean over segments of the softmax, or the softmax of the mean.
    #[expect(clippy::cast_possible_truncation, reason = "scores, kept in f32")]
    fn averaged(segments: &ClipLogits, temperature: f64, mean: Mean) -> Vec<f32> {
        let softmax = |logits: Vec<f64>| -> Vec<f64> {
            let powers: Vec<f64> = logits.iter().map(|z| (z / temperature).exp()).collect();
            let sum: f64 = powers.iter().sum();
            powers.iter().map(|power| power / sum).collect()
        };
        let over_segments = |rows: Vec<Vec<f64>>| -> Vec<f64> {
            let of = |label: usize| rows.iter().map(|row| row[label]).sum::<f64>() / rows.len() as f64;
            (0..rows[0].len()).map(of).collect()
        };
        let logits = segments
            .iter()
            .map(|copies| copies[0].iter().map(|z| f64::from(*z)).collect());
        let averaged = match mean {
            Mean::Arithmetic => over_segments(logits.map(softmax).collect()),
            Mean::Geometric => softmax(over_segments(logits.collect())),
        };
        averaged.iter().map(|score| *score as f32).collect()
    }
}
