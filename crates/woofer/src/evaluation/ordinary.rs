use std::ops::Range;

use crate::events::{Mode, ModeThresholds};

/// What a model says of recordings in which none of its classes sounds: ordinary hours of a home.
#[derive(Debug, Clone)]
pub struct OrdinaryHours {
    classes: usize,
    seconds: f64,
    /// `[windows, classes]` of all recordings, one after another.
    scores: Vec<f32>,
    /// The windows of each recording.
    recordings: Vec<Range<usize>>,
}

/// A threshold that was too low for ordinary hours.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedThreshold {
    /// Place of the class.
    pub class: usize,
    /// The mode.
    pub mode: Mode,
    /// The threshold as it was.
    pub before: f32,
    /// The threshold as it is now.
    pub after: f32,
    /// Events in the ordinary hours at the threshold as it was.
    pub events_before: usize,
    /// Events at the threshold as it is now.
    pub events_after: usize,
}

impl OrdinaryHours {
    /// None yet, for a model of so many classes.
    #[must_use]
    pub const fn new(classes: usize) -> Self {
        Self {
            classes,
            seconds: 0.0,
            scores: Vec::new(),
            recordings: Vec::new(),
        }
    }

    /// Adds a recording that lasts so many seconds, with the scores of its windows in their order, a score a class; what is missing of
    /// a window counts as 0.
    pub fn add<'w>(&mut self, seconds: f64, windows: impl IntoIterator<Item = &'w [f32]>) {
        let first = self.windows();
        for window in windows {
            let scores = window.iter().copied().chain(std::iter::repeat(0.0));
            self.scores.extend(scores.take(self.classes));
        }
        self.seconds += seconds;
        self.recordings.push(first..self.windows());
    }

    /// How long all recordings last together.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.seconds / 3600.0
    }

    /// How many recordings there are.
    #[must_use]
    pub const fn recordings(&self) -> usize {
        self.recordings.len()
    }

    fn windows(&self) -> usize {
        self.scores.len() / self.classes.max(1)
    }

    fn score(&self, window: usize, class: usize) -> f32 {
        let score = self.scores.get(window * self.classes + class);
        score.copied().unwrap_or_default()
    }

    /// The loudest window of a class: its recording, its place in that and its score; the first of level ones.
    #[must_use]
    pub fn loudest(&self, class: usize) -> Option<(usize, usize, f32)> {
        let places = self.recordings.iter().enumerate();
        let windows = places.flat_map(|(recording, windows)| {
            let first = windows.start;
            windows
                .clone()
                .map(move |window| (recording, window - first, self.score(window, class)))
        });
        windows.reduce(|best, next| if next.2 > best.2 { next } else { best })
    }

    /// Events of a class: stretches of windows in a row of one recording that reach the threshold.
    #[must_use]
    pub fn events(&self, class: usize, threshold: f32) -> usize {
        let of_recording = |windows: &Range<usize>| {
            let heard = |window: usize| self.score(window, class) >= threshold;
            windows
                .clone()
                .filter(|&window| heard(window) && (window == windows.start || !heard(window - 1)))
                .count()
        };
        self.recordings.iter().map(of_recording).sum()
    }

    /// The lowest threshold from which on, however high, there are at most so many events of a class.
    ///
    /// A lower one may happen to give as few, where events run into one another; it is not taken.
    #[must_use]
    pub fn threshold_for(&self, class: usize, most_events: usize) -> f32 {
        let mut is_first = vec![false; self.windows()];
        let mut is_last = is_first.clone();
        for windows in &self.recordings {
            if let (Some(first), Some(last)) = (
                is_first.get_mut(windows.start),
                windows.end.checked_sub(1).and_then(|last| is_last.get_mut(last)),
            ) && !windows.is_empty()
            {
                (*first, *last) = (true, true);
            }
        }
        let mut order: Vec<usize> = (0..self.windows()).collect();
        order.sort_by(|a, b| self.score(*b, class).total_cmp(&self.score(*a, class)));
        // Windows are taken from the loudest down; each begins an event, and joins those beside it.
        let mut heard = vec![false; self.windows()];
        let mut events = 0;
        for level in order.chunk_by(|a, b| self.score(*a, class).total_cmp(&self.score(*b, class)).is_eq()) {
            for &window in level {
                let beside = |at: Option<usize>| at.and_then(|at| heard.get(at)).copied().unwrap_or(false);
                let joins_before = !is_first[window] && beside(window.checked_sub(1));
                let joins_after = !is_last[window] && beside(window.checked_add(1));
                events = events + 1 - usize::from(joins_before) - usize::from(joins_after);
                heard[window] = true;
            }
            if events > most_events {
                let level = level.first().map_or(0.0, |window| self.score(*window, class));
                return level.next_up().min(1.0);
            }
        }
        0.0
    }

    /// Raises thresholds until *balanced* mode gives at most `balanced_per_hour` events of a class in an hour of these recordings, and
    /// *quiet* mode none; of the classes `wanted`, by their places in `names`.
    ///
    /// Nothing is lowered, *sensitive* mode stays as it is, and no mode is readier than the one before. A class that sounds in these
    /// recordings after all is lost to the modes: [`OrdinaryHours::loudest`] tells where it was heard.
    pub fn raise(
        &self,
        thresholds: &mut ModeThresholds,
        names: &[String],
        wanted: &[usize],
        balanced_per_hour: f64,
    ) -> Vec<RaisedThreshold> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rounded down to a count; what is beyond all counts is the largest"
        )]
        let balanced_events = (balanced_per_hour * self.hours()).max(0.0) as usize;
        let mut raised = Vec::new();
        for (class, name) in wanted
            .iter()
            .filter_map(|&class| Some((class, names.get(class)?)))
        {
            let mut least = 0.0;
            for (mode, most_events) in [(Mode::Balanced, balanced_events), (Mode::Quiet, 0)] {
                let Some(threshold) = thresholds.of_mut(mode).get_mut(name) else {
                    continue;
                };
                let before = *threshold;
                least = self.threshold_for(class, most_events).max(least);
                *threshold = before.max(least);
                least = *threshold;
                if *threshold > before {
                    raised.push(RaisedThreshold {
                        class,
                        mode,
                        before,
                        after: *threshold,
                        events_before: self.events(class, before),
                        events_after: self.events(class, *threshold),
                    });
                }
            }
        }
        raised
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "a threshold is the very next number")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Recordings of one class, 5 seconds a window.
    fn hours(recordings: &[&[f32]]) -> OrdinaryHours {
        let mut hours = OrdinaryHours::new(1);
        for scores in recordings {
            hours.add(5.0 * scores.len() as f64, scores.chunks(1));
        }
        hours
    }

    fn thresholds(balanced: f32, quiet: f32) -> ModeThresholds {
        let of = |threshold| [("Bark".to_owned(), threshold)].into();
        ModeThresholds {
            sensitive: of(0.1),
            balanced: of(balanced),
            quiet: of(quiet),
        }
    }

    #[test]
    fn windows_in_a_row_are_one_event_and_recordings_do_not_run_into_one_another() {
        let hours = hours(&[&[0.9, 0.8, 0.1, 0.9], &[0.9, 0.2]]);
        assert_eq!(hours.events(0, 0.5), 3);
        assert_eq!(hours.events(0, 0.85), 3);
        assert_eq!(hours.events(0, 0.95), 0);
        assert_eq!(
            hours.loudest(0).map(|(recording, window, _)| (recording, window)),
            Some((0, 0))
        );
    }

    #[test]
    fn the_threshold_lies_just_above_the_event_that_is_too_many() {
        let hours = hours(&[&[0.9, 0.1, 0.7, 0.6], &[], &[0.8]]);
        for (most, above) in [(0, 0.9_f32), (1, 0.8), (2, 0.7)] {
            assert_eq!(hours.threshold_for(0, most), above.next_up(), "{most}");
        }
        assert_eq!(hours.threshold_for(0, 3), 0.0);
    }

    #[test]
    fn balanced_and_quiet_are_raised_and_nothing_is_lowered() {
        let hours = hours(&[&[0.97, 0.1, 0.7, 0.1, 0.2]]);
        let mut found = thresholds(0.3, 0.9);
        let raised = hours.raise(&mut found, &["Bark".to_owned()], &[0], 150.0);
        // 25 seconds at 150 an hour: one event.
        assert_eq!(found.balanced["Bark"], 0.7_f32.next_up());
        assert_eq!(found.quiet["Bark"], 0.97_f32.next_up());
        assert_eq!(found.sensitive["Bark"], 0.1);
        let counts: Vec<_> = raised
            .iter()
            .map(|r| (r.mode, r.events_before, r.events_after))
            .collect();
        assert_eq!(counts, [(Mode::Balanced, 2, 1), (Mode::Quiet, 1, 0)]);

        let mut high = thresholds(0.98, 0.99);
        assert!(hours.raise(&mut high, &["Bark".to_owned()], &[0], 0.0).is_empty());
        assert_eq!(high, thresholds(0.98, 0.99));
    }

    #[test]
    fn a_class_that_no_mode_names_or_nobody_wants_is_left_alone() {
        let hours = hours(&[&[0.97]]);
        let mut found = thresholds(0.3, 0.9);
        assert!(
            hours
                .raise(&mut found, &["Meow".to_owned()], &[0, 7], 0.0)
                .is_empty()
        );
        assert!(hours.raise(&mut found, &["Bark".to_owned()], &[], 0.0).is_empty());
        assert_eq!(found, thresholds(0.3, 0.9));
    }

    #[test]
    fn a_score_of_one_can_not_be_kept_out_and_the_count_says_so() {
        let hours = hours(&[&[1.0]]);
        let mut found = thresholds(0.3, 0.9);
        let raised = hours.raise(&mut found, &["Bark".to_owned()], &[0], 0.0);
        assert_eq!(found.quiet["Bark"], 1.0);
        assert!(raised.iter().all(|r| r.events_after == 1));
    }

    proptest! {
        #[test]
        fn no_threshold_from_the_found_one_on_gives_more_events(
            recordings in proptest::collection::vec(proptest::collection::vec(0u8..20, 0..30), 1..5),
            most in 0usize..6,
        ) {
            let scores: Vec<Vec<f32>> = recordings
                .iter()
                .map(|r| r.iter().map(|x| f32::from(*x) / 20.0).collect())
                .collect();
            let hours = hours(&scores.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let found = hours.threshold_for(0, most);
            let levels = || (0..20u8).map(|x| f32::from(x) / 20.0);
            for level in levels().filter(|level| *level >= found).chain([found]) {
                prop_assert!(hours.events(0, level) <= most);
            }
            // It is the lowest such: the level below it is one too many.
            if let Some(below) = levels().rfind(|level| *level < found) {
                prop_assert!(hours.events(0, below) > most);
            }
        }
    }
}
