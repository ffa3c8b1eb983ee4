use super::error::MetricsError;

/// Sharpest and flattest temperature that is fitted: what lies outside comes from too few mistakes to tell.
const BOUNDS: (f64, f64) = (0.05, 100.0);
/// Parts of the range of log T in each of which the best is looked for: where a class has several columns there may be more than one.
const PARTS: u32 = 64;
/// Halvings of a part; 60 leave nothing of it that a float could tell.
const HALVINGS: usize = 60;

/// A softmax temperature and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature {
    /// Logits are divided by it before the softmax; between 0.05 and 100.
    pub temperature: f64,
    /// Mean negative log likelihood of the labels at this temperature.
    pub log_loss: f64,
    /// The same at temperature 1, which is never lower.
    pub log_loss_at_one: f64,
}

/// The softmax temperature at which the classes of the clips are most likely, from logits `[clips][columns]`.
///
/// `classes` has the class of each column, `labels` that of each clip; the score of a class is the sum of its columns' softmax. Order among
/// columns stays as it is. Where no mistake holds it back, the answer is the sharpest allowed.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2.
///
/// # Errors
///
/// There are no clips, the lists differ in length, a clip's class has no column, or a logit is not finite.
pub fn fit_temperature(
    logits: &[Vec<f64>],
    classes: &[usize],
    labels: &[usize],
) -> Result<Temperature, MetricsError> {
    check(logits, classes, labels)?;
    let clips = Clips {
        logits,
        classes,
        labels,
    };
    let (low, high) = (BOUNDS.0.ln(), BOUNDS.1.ln());
    let edge = |part: u32| low + (high - low) * f64::from(part) / f64::from(PARTS);
    let best_within = (0..PARTS).filter_map(|part| clips.minimum(edge(part), edge(part + 1)));
    let start = (clips.loss(1.0), 1.0);
    let candidates = best_within.chain([BOUNDS.0, BOUNDS.1]);
    let (log_loss, temperature) = candidates
        .map(|t| (clips.loss(t.recip()), t))
        .fold(start, |a, b| if b.0 < a.0 { b } else { a });
    Ok(Temperature {
        temperature,
        log_loss,
        log_loss_at_one: start.0,
    })
}

fn check(logits: &[Vec<f64>], classes: &[usize], labels: &[usize]) -> Result<(), MetricsError> {
    if logits.len() != labels.len() {
        return Err(MetricsError::Lengths {
            labels: labels.len(),
            scores: logits.len(),
            recordings: labels.len(),
        });
    }
    if labels.is_empty() {
        return Err(MetricsError::NoClips);
    }
    for (clip, (row, &label)) in logits.iter().zip(labels).enumerate() {
        if row.len() != classes.len() {
            return Err(MetricsError::Width {
                clip,
                scores: row.len(),
                classes: classes.len(),
            });
        }
        if !classes.contains(&label) {
            return Err(MetricsError::Label {
                clip,
                label,
                classes: classes.len(),
            });
        }
        if let Some((class, logit)) = row.iter().enumerate().find(|(_, logit)| !logit.is_finite()) {
            return Err(MetricsError::Score {
                clip,
                class: class.to_string(),
                score: logit.to_string(),
            });
        }
    }
    Ok(())
}

/// Clips with what is known of them.
struct Clips<'a> {
    logits: &'a [Vec<f64>],
    /// The class of each column.
    classes: &'a [usize],
    /// The class of each clip.
    labels: &'a [usize],
}

impl Clips<'_> {
    /// The temperature at which the loss is least between two logarithms of temperatures, if that is at neither of them.
    fn minimum(&self, mut low: f64, mut high: f64) -> Option<f64> {
        let falls = |log_t: f64| self.slope((-log_t).exp()) > 0.0;
        if !falls(low) || falls(high) {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if falls(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(f64::midpoint(low, high).exp().clamp(BOUNDS.0, BOUNDS.1))
    }

    /// Mean negative log likelihood where logits are multiplied by `beta` = 1/T.
    fn loss(&self, beta: f64) -> f64 {
        self.mean(|row, own| {
            let (all, of_own) = (row.iter(), self.of_class(row, own));
            let apart = highest(all.clone()) - highest(of_own.clone());
            log_sum(all, beta) - log_sum(of_own, beta) + beta * apart
        })
    }

    /// Derivative of [`Clips::loss`] by `beta`: the mean logit under the softmax less that within the own class.
    fn slope(&self, beta: f64) -> f64 {
        self.mean(|row, own| mean_logit(row.iter(), beta) - mean_logit(self.of_class(row, own), beta))
    }

    fn of_class<'r>(&'r self, row: &'r [f64], class: usize) -> impl Iterator<Item = &'r f64> + Clone {
        let columns = row.iter().zip(self.classes);
        columns.filter(move |(_, of)| **of == class).map(|(z, _)| z)
    }

    fn mean(&self, of: impl Fn(&[f64], usize) -> f64) -> f64 {
        let clips = self.logits.iter().zip(self.labels);
        clips.map(|(row, &label)| of(row, label)).sum::<f64>() / self.labels.len() as f64
    }
}

/// The mean of logits, each by its share in their softmax.
fn mean_logit<'r>(logits: impl Iterator<Item = &'r f64> + Clone, beta: f64) -> f64 {
    let top = highest(logits.clone());
    let (mut sum, mut weights) = (0.0, 0.0);
    for z in logits {
        let weight = (beta * (z - top)).exp();
        sum += weight * (z - top);
        weights += weight;
    }
    top + sum / weights
}

/// The logarithm of the sum of the exponentials of `beta` times each logit, less `beta` times the highest: between 0 and that of their number.
fn log_sum<'r>(logits: impl Iterator<Item = &'r f64> + Clone, beta: f64) -> f64 {
    let top = highest(logits.clone());
    logits.map(|z| (beta * (z - top)).exp()).sum::<f64>().ln()
}

fn highest<'r>(logits: impl Iterator<Item = &'r f64>) -> f64 {
    logits.copied().fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_never_worse_than_one_and_no_other_is_better(
            clips in proptest::collection::vec((proptest::collection::vec(-30.0..30.0f64, 4), 0usize..3), 1..40),
            // A class of each column its own, and one of two columns.
            classes in prop_oneof![Just([0, 1, 2, 3]), Just([0, 1, 2, 1])],
        ) {
            let (logits, labels): (Vec<_>, Vec<_>) = clips.into_iter().unzip();
            let fit = fit_temperature(&logits, &classes, &labels).unwrap();
            prop_assert!(fit.log_loss <= fit.log_loss_at_one);
            prop_assert!((BOUNDS.0..=BOUNDS.1).contains(&fit.temperature));
            let clips = Clips { logits: &logits, classes: &classes, labels: &labels };
            for factor in [0.1, 0.5, 0.9, 0.99, 1.01, 1.1, 2.0, 10.0] {
                let other = (fit.temperature * factor).clamp(BOUNDS.0, BOUNDS.1);
                prop_assert!(fit.log_loss <= clips.loss(other.recip()) + 1e-12);
            }
        }
    }

    #[test]
    fn columns_of_one_class_need_not_be_told_apart() {
        // The class is clear, which of its two columns is not.
        let logits = [vec![5.0, 4.0, 0.0], vec![4.0, 5.0, 0.0], vec![0.0, 1.0, 5.0]];
        let merged = fit_temperature(&logits, &[0, 0, 1], &[0, 0, 1]).unwrap();
        assert!((merged.temperature / BOUNDS.0 - 1.0).abs() < 1e-9);
        let wrong = fit_temperature(&logits, &[0, 1, 2], &[1, 0, 2]).unwrap();
        assert!(wrong.temperature > 0.5, "{wrong:?}");
    }

    #[test]
    fn without_mistakes_it_is_the_sharpest_and_without_sense_the_flattest() {
        let of_two = |row: [f64; 2], label| fit_temperature(&[row.to_vec()], &[0, 1], &[label]).unwrap();
        let (right, wrong) = (of_two([3.0, 0.0], 0), of_two([3.0, 0.0], 1));
        assert!((right.temperature / BOUNDS.0 - 1.0).abs() < 1e-9);
        assert!((wrong.temperature / BOUNDS.1 - 1.0).abs() < 1e-9);
        let level = of_two([1.0, 1.0], 0);
        assert!((level.temperature - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(fit_temperature(&[], &[0], &[]), Err(MetricsError::NoClips));
        assert!(fit_temperature(&[vec![0.0]], &[0], &[1]).is_err());
        assert!(fit_temperature(&[vec![0.0]], &[0, 1], &[0]).is_err());
        assert!(fit_temperature(&[vec![f64::NAN, 0.0]], &[0, 1], &[0]).is_err());
        assert!(fit_temperature(&[vec![0.0]], &[0], &[]).is_err());
    }
}
