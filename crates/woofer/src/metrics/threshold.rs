use super::ranking::Ranking;

/// A threshold for one class and what it did on the clips that it was chosen on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Scores from here up count as found.
    pub threshold: f64,
    /// Share of what is found that is of the class.
    pub precision: f64,
    /// Share of the class that is found.
    pub recall: f64,
    /// Clips found that are not of the class.
    pub false_alarms: usize,
}

/// The lowest threshold at which at least `precision` (0 to 1) of what is found is of the class.
///
/// `None` where no threshold reaches it.
#[must_use]
pub fn threshold_for_precision(
    scored: impl IntoIterator<Item = (f64, bool)>,
    precision: f64,
) -> Option<OperatingPoint> {
    lowest(scored, |point| point.precision >= precision)
}

/// The lowest threshold with at most `per_hour` false alarms in an hour of sound.
///
/// `hours` is how long all the scored clips last together; each clip not of the class that is found
/// is one false alarm. `None` where no clip of the class is found at that rate, or without sound.
#[must_use]
pub fn threshold_for_false_alarms(
    scored: impl IntoIterator<Item = (f64, bool)>,
    hours: f64,
    per_hour: f64,
) -> Option<OperatingPoint> {
    if hours.is_nan() || hours <= 0.0 {
        return None;
    }
    lowest(scored, |point| point.false_alarms as f64 / hours <= per_hour)
}

fn lowest(
    scored: impl IntoIterator<Item = (f64, bool)>,
    allowed: impl Fn(&OperatingPoint) -> bool,
) -> Option<OperatingPoint> {
    let scored: Vec<(f64, bool)> = scored
        .into_iter()
        .filter(|(score, _)| score.is_finite())
        .collect();
    let class = scored.iter().filter(|(_, positive)| *positive).count() as f64;
    let (mut hits, mut false_alarms) = (0.0, 0.0);
    let mut best = None;
    for level in Ranking::new(scored).levels(|_| 1) {
        hits += level.positives;
        false_alarms += level.negatives;
        // A threshold that is let down to where only others score gains nothing but false alarms.
        if level.positives == 0.0 {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let point = OperatingPoint {
            threshold: level.score,
            precision: hits / (hits + false_alarms),
            recall: hits / class,
            false_alarms: false_alarms as usize,
        };
        if allowed(&point) {
            best = Some(point);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCORED: [(f64, bool); 6] = [
        (0.9, true),
        (0.8, false),
        (0.7, true),
        (0.6, true),
        (0.5, false),
        (0.4, true),
    ];

    #[test]
    fn the_lowest_threshold_of_the_precision_is_taken() {
        let point = threshold_for_precision(SCORED, 0.75).unwrap();
        assert_eq!(
            (point.threshold, point.precision, point.recall),
            (0.6, 0.75, 0.75)
        );
        let sure = threshold_for_precision(SCORED, 1.0).map(|point| point.threshold);
        assert_eq!(sure, Some(0.9));
        assert_eq!(threshold_for_precision([(0.9, false), (0.1, true)], 0.6), None);
        assert_eq!(threshold_for_precision([(0.9, false)], 0.0), None);
    }

    #[test]
    fn the_lowest_threshold_of_the_false_alarm_rate_is_taken() {
        let at = |rate| threshold_for_false_alarms(SCORED, 2.0, rate).map(|point| point.threshold);
        assert_eq!(at(0.0), Some(0.9));
        assert_eq!(at(0.5), Some(0.6));
        assert_eq!(at(1.0), Some(0.4));
        assert_eq!(
            threshold_for_false_alarms([(0.9, false), (0.1, true)], 1.0, 0.5),
            None
        );
        assert_eq!(threshold_for_false_alarms(SCORED, 0.0, 9.0), None);
    }

    proptest! {
        #[test]
        fn what_is_promised_holds_on_the_same_clips(
            scored in proptest::collection::vec((0u8..20, any::<bool>()), 0..60),
            precision in 0.0..=1.0f64,
        ) {
            let scored: Vec<(f64, bool)> = scored.into_iter().map(|(s, p)| (f64::from(s) / 20.0, p)).collect();
            if let Some(point) = threshold_for_precision(scored.clone(), precision) {
                let found: Vec<bool> = scored.iter().filter(|(s, _)| *s >= point.threshold).map(|(_, p)| *p).collect();
                let hits = found.iter().filter(|p| **p).count() as f64;
                prop_assert!(hits / found.len() as f64 >= precision);
            }
        }
    }
}
