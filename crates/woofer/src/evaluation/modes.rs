use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::score_table::{ScoreRow, ScoreTable};
use crate::events::{Mode, ModeThresholds};
use crate::metrics::{MetricsError, ScoredClips, threshold_for_precision};
use crate::taxonomy::Taxonomy;

/// Share of what a mode finds in the clips at hand that is to be of the class.
const PRECISION: [(Mode, f64); 2] = [(Mode::Sensitive, 0.5), (Mode::Balanced, 0.8)];

/// How far the quiet threshold lies above the highest score of any other sound at most, in logits: recordings to come hold louder
/// impostors than those at hand.
const QUIET_MARGIN: f64 = 1.0;
/// The share of the way from there to the highest score of the class's own clips that it goes at most: a mode beyond them would
/// hear nothing.
const QUIET_SHARE: f64 = 0.5;

/// Where thresholds may lie: a few clips must not drive them to an end.
const fn allowed(mode: Mode) -> RangeInclusive<f64> {
    match mode {
        Mode::Sensitive => 0.1..=0.5,
        Mode::Balanced => 0.3..=0.8,
        Mode::Quiet => 0.9..=0.995,
    }
}

/// What thresholds depend on beside scores: how classes stand to one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassRoles {
    /// The class that takes what the others leave; it has no threshold.
    rest: Option<usize>,
    /// The group of each class, if it is of one.
    groups: Vec<Option<String>>,
}

impl ClassRoles {
    /// As a taxonomy has them.
    #[must_use]
    pub fn new(taxonomy: &Taxonomy) -> Self {
        Self {
            rest: taxonomy.rest(),
            groups: taxonomy.classes.iter().map(|class| class.group.clone()).collect(),
        }
    }

    /// Whether two classes are of one group: a howl that is taken for a bark is a dog all the same.
    fn are_of_a_group(&self, one: usize, other: usize) -> bool {
        let group = |class: usize| self.groups.get(class).and_then(Option::as_deref);
        group(one).is_some_and(|of_one| group(other) == Some(of_one))
    }
}

/// Thresholds of each class but the rest from scored clips that the model has not met.
///
/// *Sensitive* is the lowest threshold at which half of what is found is of the class, *balanced* that of four fifths; *quiet* lies
/// above every clip that is neither of the class nor of its group, by a margin, but no further than halfway to the best of those
/// that are of the class. Each keeps within bounds of its own (0.1 to 0.5, 0.3 to 0.8, 0.9 to 0.995), and no mode is readier than
/// the one before. A class without clips has the upper bounds.
#[must_use]
pub fn mode_thresholds(clips: &ScoredClips, roles: &ClassRoles) -> ModeThresholds {
    let mut thresholds = ModeThresholds::default();
    for (class, name) in clips.classes().iter().enumerate() {
        if roles.rest == Some(class) {
            continue;
        }
        let [sensitive, balanced, quiet] = of_class(clips, class, roles);
        thresholds.sensitive.insert(name.clone(), sensitive);
        thresholds.balanced.insert(name.clone(), balanced);
        thresholds.quiet.insert(name.clone(), quiet);
    }
    thresholds
}

#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn of_class(clips: &ScoredClips, class: usize, roles: &ClassRoles) -> [f32; 3] {
    let within = |mode: Mode, threshold: f64| {
        let allowed = allowed(mode);
        threshold.clamp(*allowed.start(), *allowed.end())
    };
    let [sensitive, balanced] = PRECISION.map(|(mode, precision)| {
        let point = threshold_for_precision(clips.scored(class), precision);
        within(mode, point.map_or(1.0, |point| point.threshold))
    });
    let has_clips = clips.labels().contains(&class);
    let quiet = if has_clips {
        quiet(clips, class, roles)
    } else {
        1.0
    };
    let quiet = within(Mode::Quiet, quiet);
    let balanced = balanced.max(sensitive);
    [sensitive, balanced, quiet.max(balanced)].map(|threshold| threshold as f32)
}

/// What lies above every clip that is not of the class or its group by the quiet mode's margin, within no bounds.
fn quiet(clips: &ScoredClips, class: usize, roles: &ClassRoles) -> f64 {
    let highest = |is_meant: &dyn Fn(usize) -> bool| {
        let scored = clips.scored(class).zip(clips.labels());
        let meant = scored.filter(|(_, label)| is_meant(**label));
        logit(meant.map(|((score, _), _)| score).fold(0.0, f64::max))
    };
    let others = highest(&|label| label != class && !roles.are_of_a_group(class, label));
    let own = highest(&|label| label == class);
    let margin = if own > others {
        QUIET_MARGIN.min(QUIET_SHARE * (own - others))
    } else {
        QUIET_MARGIN
    };
    1.0 / (1.0 + (-others - margin).exp())
}

/// The logarithm of a probability's odds, finite at 0 and 1 too.
fn logit(probability: f64) -> f64 {
    let within = probability.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
    within.ln() - (-within).ln_1p()
}

/// What a mode did for a class on clips of folds on which its thresholds were not chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeFigures {
    /// The mode.
    pub mode: Mode,
    /// Name of the class.
    pub class: String,
    /// Clips of the class.
    pub clips: usize,
    /// Those of them that were found.
    pub found: usize,
    /// Clips not of the class.
    pub others: usize,
    /// Those of them that were found all the same.
    pub false_alarms: usize,
}

/// What each mode does for each class but the rest: the thresholds of each fold are chosen on the other folds.
///
/// # Errors
///
/// No clip is counted, or all are of one fold.
pub fn mode_figures(table: &ScoreTable, roles: &ClassRoles) -> Result<Vec<ModeFigures>, MetricsError> {
    let folds: BTreeSet<&str> = table.counted().map(|row| row.fold.as_str()).collect();
    let names = table.columns().classes();
    let mut figures: BTreeMap<(usize, usize), ModeFigures> = BTreeMap::new();
    for fold in folds {
        let of_fold = |row: &&ScoreRow| row.fold == fold;
        let thresholds = mode_thresholds(&table.scored(table.counted().filter(|row| !of_fold(row)))?, roles);
        let tested = table.scored(table.counted().filter(of_fold))?;
        for (class, name) in names.iter().enumerate() {
            for (place, mode) in Mode::ALL.into_iter().enumerate() {
                let Some(&threshold) = thresholds.of(mode).get(name) else {
                    continue;
                };
                let entry = figures.entry((class, place)).or_insert_with(|| ModeFigures {
                    mode,
                    class: name.clone(),
                    clips: 0,
                    found: 0,
                    others: 0,
                    false_alarms: 0,
                });
                for (score, is_of_class) in tested.scored(class) {
                    let is_found = usize::from(score >= f64::from(threshold));
                    if is_of_class {
                        entry.clips += 1;
                        entry.found += is_found;
                    } else {
                        entry.others += 1;
                        entry.false_alarms += is_found;
                    }
                }
            }
        }
    }
    Ok(figures.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::ScoreColumns;
    use proptest::prelude::*;

    fn clips(of: &[(usize, f64)]) -> ScoredClips {
        let labels: Vec<usize> = of.iter().map(|(label, _)| *label).collect();
        let scores: Vec<Vec<f64>> = of.iter().map(|(_, score)| vec![*score, 1.0 - score]).collect();
        let names: Vec<String> = (0..of.len()).map(|i| i.to_string()).collect();
        ScoredClips::new(&labels, &scores, &names, &["Bark", "Rest"]).unwrap()
    }

    fn rest_is(rest: usize) -> ClassRoles {
        ClassRoles {
            rest: Some(rest),
            groups: Vec::new(),
        }
    }

    #[test]
    fn each_mode_is_chosen_by_its_own_rule() {
        let thresholds = mode_thresholds(
            &clips(&[(0, 0.9), (0, 0.7), (1, 0.6), (0, 0.4), (1, 0.35), (1, 0.32)]),
            &rest_is(1),
        );
        let of = |mode: Mode| f64::from(thresholds.of(mode)["Bark"]);
        // At 0.4 three of four are of the class; four fifths are reached at 0.7 only.
        assert!((of(Mode::Sensitive) - 0.4).abs() < 1e-6);
        assert!((of(Mode::Balanced) - 0.7).abs() < 1e-6);
        // The logit of 0.6 is 0.405; a margin of 1 makes 0.803, which is below the least.
        assert!((of(Mode::Quiet) - 0.9).abs() < 1e-6);
        assert!(
            Mode::ALL
                .iter()
                .all(|mode| !thresholds.of(*mode).contains_key("Rest"))
        );
    }

    #[test]
    fn quiet_lies_above_every_other_sound_by_a_margin() {
        let quiet = |of: &[(usize, f64)]| f64::from(mode_thresholds(&clips(of), &rest_is(1)).quiet["Bark"]);
        // The logit of 0.9 is 2.197; a margin of 1 makes 0.961.
        let far = quiet(&[(0, 0.99), (1, 0.9), (1, 0.2)]);
        assert!((far - 0.9607).abs() < 1e-4, "{far}");
        // That of 0.95 is 2.944; halfway between the two is 0.929.
        let near = quiet(&[(0, 0.95), (0, 0.3), (1, 0.9), (1, 0.2)]);
        assert!((near - 0.9289).abs() < 1e-4, "{near}");
        // What no clip of the class is above: a margin of 1 again.
        let below = quiet(&[(0, 0.8), (1, 0.9), (1, 0.2)]);
        assert!((below - 0.9607).abs() < 1e-4, "{below}");
    }

    #[test]
    fn a_clip_of_the_same_group_is_no_false_alarm_of_quiet() {
        let clips = ScoredClips::new(
            &[0, 0, 1, 2],
            &[
                vec![0.99, 0.01, 0.0],
                vec![0.95, 0.04, 0.01],
                vec![0.98, 0.02, 0.0],
                vec![0.9, 0.02, 0.08],
            ],
            &["a", "b", "c", "d"].map(str::to_owned),
            &["Bark", "Howl", "Rest"],
        )
        .unwrap();
        let quiet = |groups: [Option<&str>; 3]| {
            let roles = ClassRoles {
                rest: Some(2),
                groups: groups.map(|group| group.map(str::to_owned)).to_vec(),
            };
            f64::from(mode_thresholds(&clips, &roles).quiet["Bark"])
        };
        // The logit of 0.9 is 2.197; a margin of 1 makes 0.961. That of the howl, 0.98, is 3.892, and halfway to 0.99 is 0.986.
        let of_one = quiet([Some("dog"), Some("dog"), None]);
        assert!((of_one - 0.9607).abs() < 1e-4, "{of_one}");
        for groups in [
            [None; 3],
            [Some("dog"), None, None],
            [Some("dog"), Some("wild"), None],
        ] {
            let apart = quiet(groups);
            assert!((apart - 0.9858).abs() < 1e-3, "{apart}");
        }
    }

    #[test]
    fn scores_of_0_and_1_leave_quiet_within_its_bounds() {
        for (of, expected) in [
            ([(0, 1.0), (1, 0.0)], 0.9),
            ([(0, 1.0), (1, 1.0)], 0.995),
            ([(0, 0.0), (1, 1.0)], 0.995),
            ([(0, 0.0), (1, 0.0)], 0.9),
        ] {
            let quiet = f64::from(mode_thresholds(&clips(&of), &rest_is(1)).quiet["Bark"]);
            assert!((quiet - expected).abs() < 1e-6, "{of:?}: {quiet}");
        }
    }

    #[test]
    fn a_class_without_clips_is_heard_only_when_it_is_sure() {
        let thresholds = mode_thresholds(&clips(&[(1, 0.2), (1, 0.1)]), &rest_is(1));
        let found = Mode::ALL.map(|mode| thresholds.of(mode)["Bark"]);
        assert_eq!(found.map(|x| format!("{x}")), ["0.5", "0.8", "0.995"]);
    }

    #[test]
    fn a_fold_is_measured_by_the_thresholds_of_the_others() {
        let taxonomy = crate::taxonomy::Taxonomy::open("tomofun").unwrap();
        let columns = ScoreColumns::of_classes(&taxonomy);
        let rest = taxonomy.rest().unwrap();
        let row = |fold: &str, class: usize, barking: f32| {
            let mut scores = vec![0.0; columns.classes().len()];
            scores[0] = barking;
            scores[rest] = 1.0 - barking;
            ScoreRow {
                path: format!("{fold}{class}{barking}"),
                onset_s: None,
                offset_s: None,
                duration_s: None,
                recording: format!("{fold}{class}{barking}"),
                source: String::new(),
                fold: fold.to_owned(),
                weak: false,
                class,
                fine: String::new(),
                scores,
            }
        };
        // What is heard in fold b is louder than anything in fold a, whose thresholds it is measured by.
        let rows = vec![
            row("a", 0, 0.9),
            row("a", rest, 0.2),
            row("b", 0, 0.97),
            row("b", rest, 0.95),
        ];
        let table = ScoreTable::new(columns.clone(), rows).unwrap();
        let figures = mode_figures(&table, &ClassRoles::new(&taxonomy)).unwrap();
        let quiet = figures
            .iter()
            .find(|f| f.class == columns.classes()[0] && f.mode == Mode::Quiet)
            .unwrap();
        assert_eq!(
            (quiet.clips, quiet.found, quiet.others, quiet.false_alarms),
            (2, 1, 2, 1)
        );
    }

    proptest! {
        #[test]
        fn no_mode_is_readier_than_the_one_before_and_quiet_is_right_on_its_own_clips(
            scored in proptest::collection::vec((0usize..2, 0.0..0.98f64), 2..60),
        ) {
            let clips = clips(&scored);
            let thresholds = mode_thresholds(&clips, &rest_is(1));
            let [sensitive, balanced, quiet] = Mode::ALL.map(|mode| f64::from(thresholds.of(mode)["Bark"]));
            prop_assert!(sensitive <= balanced && balanced <= quiet);
            let false_alarms = clips.scored(0).filter(|(score, of_class)| !of_class && *score >= quiet).count();
            prop_assert_eq!(false_alarms, 0);
        }
    }
}
