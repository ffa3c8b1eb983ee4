use super::error::MetricsError;

/// Sharpest and flattest temperature that is fitted: what lies outside comes from too few mistakes to tell.
const BOUNDS: (f64, f64) = (0.05, 100.0);
/// Halvings of the range of log T; 60 leave less than 1e-17 of it.
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

/// The softmax temperature at which the labels are most likely, from logits `[clips][labels]`.
///
/// Order within a clip and thus accuracy stay as they are. Where no mistake holds it back, the answer
/// is the sharpest allowed.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2.
///
/// # Errors
///
/// There are no clips, the lists differ in length, a label has no logit, or a logit is not finite.
pub fn fit_temperature(logits: &[Vec<f64>], labels: &[usize]) -> Result<Temperature, MetricsError> {
    check(logits, labels)?;
    // The likelihood is concave in 1/T: the sign of its slope says on which side of the best T is.
    let (mut low, mut high) = (BOUNDS.0.ln(), BOUNDS.1.ln());
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if slope(logits, labels, (-middle).exp()) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let loss_at_one = loss(logits, labels, 1.0);
    let best = |t: f64| (loss(logits, labels, t.recip()), t);
    let candidates = [
        best(f64::midpoint(low, high).exp().clamp(BOUNDS.0, BOUNDS.1)),
        best(BOUNDS.0),
        best(BOUNDS.1),
    ];
    let start = (loss_at_one, 1.0);
    let (log_loss, temperature) = candidates
        .into_iter()
        .fold(start, |a, b| if b.0 < a.0 { b } else { a });
    Ok(Temperature {
        temperature,
        log_loss,
        log_loss_at_one: loss_at_one,
    })
}

fn check(logits: &[Vec<f64>], labels: &[usize]) -> Result<(), MetricsError> {
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
        if label >= row.len() {
            return Err(MetricsError::Label {
                clip,
                label,
                classes: row.len(),
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

/// Mean negative log likelihood where logits are multiplied by `beta` = 1/T.
fn loss(logits: &[Vec<f64>], labels: &[usize], beta: f64) -> f64 {
    mean(logits, labels, |row, own| {
        let top = highest(row);
        let sum: f64 = row.iter().map(|z| (beta * (z - top)).exp()).sum();
        sum.ln() - beta * (own - top)
    })
}

/// Derivative of [`loss`] by `beta`: the mean logit under the softmax less the own logit.
fn slope(logits: &[Vec<f64>], labels: &[usize], beta: f64) -> f64 {
    mean(logits, labels, |row, own| {
        let top = highest(row);
        let (mut sum, mut weights) = (0.0, 0.0);
        for z in row {
            let weight = (beta * (z - top)).exp();
            sum += weight * (z - own);
            weights += weight;
        }
        sum / weights
    })
}

fn highest(row: &[f64]) -> f64 {
    row.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn mean(logits: &[Vec<f64>], labels: &[usize], of: impl Fn(&[f64], f64) -> f64) -> f64 {
    let clip = |(row, &label): (&Vec<f64>, &usize)| row.get(label).map(|&own| of(row, own));
    logits.iter().zip(labels).filter_map(clip).sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_never_worse_than_one_and_no_neighbour_is_better(
            clips in proptest::collection::vec((proptest::collection::vec(-30.0..30.0f64, 3), 0usize..3), 1..40),
        ) {
            let (logits, labels): (Vec<_>, Vec<_>) = clips.into_iter().unzip();
            let fit = fit_temperature(&logits, &labels).unwrap();
            prop_assert!(fit.log_loss <= fit.log_loss_at_one);
            prop_assert!((BOUNDS.0..=BOUNDS.1).contains(&fit.temperature));
            for factor in [0.99, 1.01] {
                let other = (fit.temperature * factor).clamp(BOUNDS.0, BOUNDS.1);
                prop_assert!(fit.log_loss <= loss(&logits, &labels, other.recip()) + 1e-12);
            }
        }
    }

    #[test]
    fn without_mistakes_it_is_the_sharpest_and_without_sense_the_flattest() {
        let right = fit_temperature(&[vec![3.0, 0.0]], &[0]).unwrap();
        let wrong = fit_temperature(&[vec![3.0, 0.0]], &[1]).unwrap();
        assert!((right.temperature / BOUNDS.0 - 1.0).abs() < 1e-9);
        assert!((wrong.temperature / BOUNDS.1 - 1.0).abs() < 1e-9);
        let level = fit_temperature(&[vec![1.0, 1.0]], &[0]).unwrap();
        assert!((level.temperature - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(fit_temperature(&[], &[]), Err(MetricsError::NoClips));
        assert!(fit_temperature(&[vec![0.0]], &[1]).is_err());
        assert!(fit_temperature(&[vec![f64::NAN, 0.0]], &[0]).is_err());
        assert!(fit_temperature(&[vec![0.0]], &[]).is_err());
    }
}
