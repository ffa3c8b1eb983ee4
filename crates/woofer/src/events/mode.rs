use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
