use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::rule::EventRule;

/// The score from which a class counts as heard where no threshold is known.
pub const EVENT_SCORE: f32 = 0.5;

/// How readily a class counts as heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Rather a false alarm than a sound missed.
    Sensitive,
    /// In between.
    Balanced,
    /// Rather a sound missed than a false alarm.
    Quiet,
}

impl Mode {
    /// All of them, the readiest first.
    pub const ALL: [Self; 3] = [Self::Sensitive, Self::Balanced, Self::Quiet];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Balanced => "balanced",
            Self::Quiet => "quiet",
        }
    }

    /// How long in seconds events of each class last at least in this mode, of what is asked of them otherwise.
    #[must_use]
    pub fn min_event_s(self, asked_s: Vec<f64>) -> Vec<f64> {
        match self {
            // Rather a false alarm than a sound missed.
            Self::Sensitive => Vec::new(),
            Self::Balanced | Self::Quiet => asked_s,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| format!("{text:?}: allowed are sensitive, balanced and quiet"))
    }
}

/// The lowest score at which each class counts as heard, in each mode; classes by name. One that is not named is not
/// listened for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeThresholds {
    /// Those of [`Mode::Sensitive`].
    pub sensitive: BTreeMap<String, f32>,
    /// Those of [`Mode::Balanced`].
    pub balanced: BTreeMap<String, f32>,
    /// Those of [`Mode::Quiet`].
    pub quiet: BTreeMap<String, f32>,
}

impl ModeThresholds {
    /// Those of a mode.
    #[must_use]
    pub const fn of(&self, mode: Mode) -> &BTreeMap<String, f32> {
        match mode {
            Mode::Sensitive => &self.sensitive,
            Mode::Balanced => &self.balanced,
            Mode::Quiet => &self.quiet,
        }
    }

    /// Those of a mode, to be changed.
    pub const fn of_mut(&mut self, mode: Mode) -> &mut BTreeMap<String, f32> {
        match mode {
            Mode::Sensitive => &mut self.sensitive,
            Mode::Balanced => &mut self.balanced,
            Mode::Quiet => &mut self.quiet,
        }
    }

    /// The score from which a class counts as heard in a mode; [`EVENT_SCORE`] for one that is not named.
    #[must_use]
    pub fn event_score(&self, mode: Mode, class: &str) -> f32 {
        self.of(mode).get(class).copied().unwrap_or(EVENT_SCORE)
    }

    /// The rule of a mode for a model of these classes: what counts as an event of each but `rest`, the class that takes
    /// what the others leave, from its [`event_score`](Self::event_score) on.
    #[must_use]
    pub fn rule(
        &self,
        mode: Mode,
        classes: &[String],
        rest: Option<usize>,
        min_event_s: Vec<f64>,
    ) -> EventRule {
        let threshold =
            |(id, class): (usize, &String)| (rest != Some(id)).then(|| self.event_score(mode, class));
        let thresholds = classes.iter().enumerate().map(threshold).collect();
        EventRule::new(thresholds, 0.0).lasting(mode.min_event_s(min_event_s))
    }

    /// What is wrong with them for a model of these classes, if anything is.
    #[must_use]
    pub fn fault(&self, classes: &[&str]) -> Option<String> {
        Mode::ALL.into_iter().find_map(|mode| {
            self.of(mode).iter().find_map(|(class, threshold)| {
                if !classes.contains(&class.as_str()) {
                    return Some(format!(
                        "thresholds.{mode} names {class:?}, which is no class of the model; there are: {}",
                        classes.join(", ")
                    ));
                }
                (!(0.0..=1.0).contains(threshold))
                    .then(|| format!("thresholds.{mode}: {class} = {threshold} is not between 0 and 1"))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_known_by_name_and_others_refused_with_those_there_are() {
        for mode in Mode::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        let error = "Quiet".parse::<Mode>().unwrap_err();
        assert!(error.contains("sensitive, balanced and quiet"), "{error}");
    }

    #[test]
    fn the_rule_of_a_mode_listens_to_all_but_the_rest_and_asks_no_length_of_sensitive_ears() {
        let thresholds = ModeThresholds {
            quiet: BTreeMap::from([("Barking".to_owned(), 0.9)]),
            ..ModeThresholds::default()
        };
        let classes = ["Barking", "Bird", "Other"].map(str::to_owned);
        let rule = |mode| thresholds.rule(mode, &classes, Some(2), vec![10.0, 0.0, 0.0]);
        assert_eq!(
            rule(Mode::Quiet).thresholds(),
            [Some(0.9), Some(EVENT_SCORE), None]
        );
        assert_eq!(
            rule(Mode::Sensitive).thresholds(),
            [Some(EVENT_SCORE), Some(EVENT_SCORE), None]
        );
        for (mode, is_event) in [
            (Mode::Sensitive, true),
            (Mode::Balanced, false),
            (Mode::Quiet, false),
        ] {
            assert_eq!(rule(mode).is_long_enough(0, 5.0), is_event, "{mode}");
            assert!(rule(mode).is_long_enough(0, 10.0) && rule(mode).is_long_enough(1, 1.0));
        }
    }

    #[test]
    fn thresholds_of_other_classes_and_beyond_one_are_refused_by_name() {
        let of = |class: &str, threshold: f32| ModeThresholds {
            quiet: BTreeMap::from([(class.to_owned(), threshold)]),
            ..ModeThresholds::default()
        };
        let classes = ["Barking", "Other"];
        assert_eq!(of("Barking", 0.5).fault(&classes), None);
        for (class, threshold, part) in [
            ("Meowing", 0.5, "thresholds.quiet names \"Meowing\""),
            ("Barking", 1.5, "Barking = 1.5"),
            ("Barking", -0.1, "Barking = -0.1"),
            ("Barking", f32::NAN, "Barking = NaN"),
        ] {
            let fault = of(class, threshold).fault(&classes).unwrap();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
