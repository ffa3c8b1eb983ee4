use std::str::FromStr;

use crate::metrics::{OperatingPoint, ScoredClips, threshold_for_false_alarms, threshold_for_precision};

/// What a threshold is chosen for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThresholdGoal {
    /// At least this share, 0 to 1, of what is found is of the class.
    Precision(f64),
    /// At most so many false alarms in an hour of sound.
    FalseAlarmsPerHour(f64),
}

impl FromStr for ThresholdGoal {
    type Err = String;

    /// Reads `precision=0.9` or `false-alarms-per-hour=1`.
    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = || {
            format!("{text:?}: allowed are precision=0.9 (0 to 1) and false-alarms-per-hour=2 (0 or more)")
        };
        let (name, value) = text.split_once('=').ok_or_else(allowed)?;
        let value: f64 = value.trim().parse().map_err(|_| allowed())?;
        match name.trim() {
            "precision" if (0.0..=1.0).contains(&value) => Ok(Self::Precision(value)),
            "false-alarms-per-hour" if value.is_finite() && value >= 0.0 => {
                Ok(Self::FalseAlarmsPerHour(value))
            }
            _ => Err(allowed()),
        }
    }
}

/// The lowest threshold of each class that meets the goal on these clips; none where none does.
///
/// `hours` is how long all the clips last together; without it no rate of false alarms is known.
#[must_use]
pub fn operating_points(
    clips: &ScoredClips,
    goal: ThresholdGoal,
    hours: Option<f64>,
) -> Vec<Option<OperatingPoint>> {
    (0..clips.classes().len())
        .map(|class| match goal {
            ThresholdGoal::Precision(share) => threshold_for_precision(clips.scored(class), share),
            ThresholdGoal::FalseAlarmsPerHour(rate) => {
                threshold_for_false_alarms(clips.scored(class), hours?, rate)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read_and_others_refused_with_what_is_allowed() {
        assert_eq!("precision=0.9".parse(), Ok(ThresholdGoal::Precision(0.9)));
        assert_eq!(
            "false-alarms-per-hour=2".parse(),
            Ok(ThresholdGoal::FalseAlarmsPerHour(2.0))
        );
        for bad in [
            "precision",
            "precision=1.5",
            "precision=nan",
            "recall=0.9",
            "false-alarms-per-hour=-1",
            "false-alarms-per-hour=inf",
            "",
        ] {
            let error = bad.parse::<ThresholdGoal>().unwrap_err();
            assert!(error.contains("precision=0.9"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_class_without_clips_and_a_rate_without_hours_have_no_threshold() {
        let scores = [vec![0.9, 0.1, 0.0], vec![0.2, 0.8, 0.0]];
        let clips = ScoredClips::new(&[0, 1], &scores, &["a", "b"], &["x", "y", "z"]).unwrap();
        let found = |goal, hours| -> Vec<Option<f64>> {
            let points = operating_points(&clips, goal, hours);
            points.into_iter().map(|point| Some(point?.threshold)).collect()
        };
        assert_eq!(
            found(ThresholdGoal::Precision(1.0), None),
            [Some(0.9), Some(0.8), None]
        );
        assert_eq!(found(ThresholdGoal::FalseAlarmsPerHour(0.0), None), [None; 3]);
        assert_eq!(
            found(ThresholdGoal::FalseAlarmsPerHour(0.0), Some(1.0)),
            [Some(0.9), Some(0.8), None]
        );
    }
}
