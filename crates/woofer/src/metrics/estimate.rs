use std::fmt;

use serde::{Deserialize, Serialize};

/// A measured value and its 95 % interval; each is `None` where it is not defined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// What was measured.
    pub value: Option<f64>,
    /// Lower end of the interval: the 2.5 % quantile of the draws.
    pub low: Option<f64>,
    /// Upper end of the interval: the 97.5 % quantile of the draws.
    pub high: Option<f64>,
}

impl Estimate {
    /// The value with the interval that the draws span; draws in which it is not defined are left out.
    pub(super) fn new(value: Option<f64>, draws: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut draws: Vec<f64> = draws.into_iter().flatten().collect();
        draws.sort_by(f64::total_cmp);
        let quantile = |q| value.and_then(|_| quantile(&draws, q));
        Self {
            value,
            low: quantile(0.025),
            high: quantile(0.975),
        }
    }

    /// The same value without an interval.
    pub(super) const fn without_interval(self) -> Self {
        Self {
            low: None,
            high: None,
            ..self
        }
    }
}

/// `0.981 (0.973 to 0.988)` with the precision asked for, three places otherwise; `n/a` where undefined.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(3);
        match (self.value, self.low, self.high) {
            (Some(value), Some(low), Some(high)) => {
                write!(f, "{value:.places$} ({low:.places$} to {high:.places$})")
            }
            (Some(value), ..) => write!(f, "{value:.places$}"),
            (None, ..) => f.write_str("n/a"),
        }
    }
}

/// Quantile of sorted values, between two of them by a straight line, as numpy's default.
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = q * sorted.len().checked_sub(1)? as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = place as usize;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + (high - low) * (place - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numpys() {
        let sorted: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(quantile(&sorted, 0.25), Some(2.5));
        assert_eq!(quantile(&sorted, 1.0), Some(10.0));
        assert_eq!(quantile(&[3.0], 0.975), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn what_is_not_defined_shows_as_such() {
        let draws = (0..=1000).map(|i| Some(f64::from(i) / 1000.0)).chain([None]);
        let estimate = Estimate::new(Some(0.5), draws);
        assert_eq!(estimate.to_string(), "0.500 (0.025 to 0.975)");
        assert_eq!(format!("{:.1}", estimate.without_interval()), "0.5");
        assert_eq!(Estimate::new(None, [Some(1.0)]), Estimate::default());
        assert_eq!(Estimate::default().to_string(), "n/a");
    }
}
