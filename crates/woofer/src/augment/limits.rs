//! What a step's numbers may be, and what is said when they are not.

use std::fmt::Display;

use crate::audio::{MAX_RATE_HZ, MIN_RATE_HZ};

/// A number of a step that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub key: &'static str,
    pub value: String,
    pub allowed: String,
}

impl Fault {
    pub fn new(key: &'static str, value: impl Display, allowed: impl Into<String>) -> Self {
        Self {
            key,
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }
}

/// Refuses what is outside `low..=high`, and what is not a number.
pub(super) fn within(key: &'static str, value: f64, low: f64, high: f64) -> Result<(), Fault> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Fault::new(key, value, format!("{low} to {high}")))
    }
}

/// Refuses a range that leaves `low..=high` or ends before it begins.
pub(super) fn range(
    min: (&'static str, f64),
    max: (&'static str, f64),
    low: f64,
    high: f64,
) -> Result<(), Fault> {
    within(min.0, min.1, low, high)?;
    within(max.0, max.1, low, high)?;
    if min.1 <= max.1 {
        Ok(())
    } else {
        Err(Fault::new(
            max.0,
            max.1,
            format!("{} ({}) to {high}", min.1, min.0),
        ))
    }
}

/// Refuses what is not a probability.
pub(super) fn probability(value: f64) -> Result<(), Fault> {
    within("probability", value, 0.0, 1.0)
}

/// Refuses a sample rate, where one is given, that audio is not read or resampled at.
pub(super) fn rate_hz(value: Option<u32>) -> Result<(), Fault> {
    value.map_or(Ok(()), |rate_hz| {
        let (low, high) = (f64::from(MIN_RATE_HZ), f64::from(MAX_RATE_HZ));
        within("rate_hz", f64::from(rate_hz), low, high)
    })
}

/// Refuses signal-to-noise ratios that are out of range.
pub(super) fn snr_db(min_snr_db: f64, max_snr_db: f64) -> Result<(), Fault> {
    range(
        ("min_snr_db", min_snr_db),
        ("max_snr_db", max_snr_db),
        -40.0,
        100.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_is_refused() {
        assert!(within("x", f64::NAN, -1.0, 1.0).is_err());
        assert!(within("x", f64::INFINITY, 0.0, 1.0).is_err());
        assert!(within("x", 1.0, 0.0, 1.0).is_ok());
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_refused_at_its_end() {
        let fault = range(("min_db", 3.0), ("max_db", -2.0), -60.0, 60.0).unwrap_err();
        assert_eq!((fault.key, fault.value.as_str()), ("max_db", "-2"));
        assert_eq!(fault.allowed, "3 (min_db) to 60");
    }
}
