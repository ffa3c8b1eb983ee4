use std::collections::BTreeMap;

use crate::events::{EventFinder, EventRule, Mode, ModeThresholds};

/// What a model says of recordings in which none of its classes sounds: ordinary hours of a home.
#[derive(Debug, Clone)]
pub struct OrdinaryHours {
    /// How many classes there are.
    classes: usize,
    /// How long in seconds an event of each class lasts at least; 0 for one that is not named.
    min_event_s: Vec<f64>,
    seconds: f64,
    recordings: usize,
    /// Of all recordings, one after another.
    windows: Vec<Window>,
    /// `[windows, classes]`.
    scores: Vec<f32>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    /// Place of its recording.
    recording: usize,
    onset_s: f64,
    offset_s: f64,
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
            min_event_s: Vec::new(),
            seconds: 0.0,
            recordings: 0,
            windows: Vec::new(),
            scores: Vec::new(),
        }
    }

    /// The same, for a model whose events last at least so many seconds, as [`EventRule::lasting`] takes them.
    #[must_use]
    pub fn lasting(self, min_event_s: Vec<f64>) -> Self {
        Self { min_event_s, ..self }
    }

    /// Adds a recording that lasts so many seconds: of each of its windows, in their order, the onset and offset in seconds and a score a
    /// class; what is missing counts as 0.
    pub fn add<'w>(&mut self, seconds: f64, windows: impl IntoIterator<Item = (f64, f64, &'w [f32])>) {
        for (onset_s, offset_s, scores) in windows {
            let scores = scores.iter().copied().chain(std::iter::repeat(0.0));
            self.scores.extend(scores.take(self.classes));
            self.windows.push(Window {
                recording: self.recordings,
                onset_s,
                offset_s,
            });
        }
        self.seconds += seconds;
        self.recordings += 1;
    }

    /// How long all recordings last together.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.seconds / 3600.0
    }

    /// How many recordings there are.
    #[must_use]
    pub const fn recordings(&self) -> usize {
        self.recordings
    }

    fn score(&self, window: usize, class: usize) -> f32 {
        let score = self.scores.get(window * self.classes + class);
        score.copied().unwrap_or_default()
    }

    /// Each window with its score of a class.
    fn of_class(&self, class: usize) -> impl Iterator<Item = (&Window, f32)> {
        let windows = self.windows.iter().enumerate();
        windows.map(move |(place, window)| (window, self.score(place, class)))
    }

    /// The loudest window of a class: the place of its recording, its onset in seconds and its score; the first of level ones.
    #[must_use]
    pub fn loudest(&self, class: usize) -> Option<(usize, f64, f32)> {
        let loudest = self.of_class(class);
        let loudest = loudest.reduce(|best, next| if next.1 > best.1 { next } else { best });
        loudest.map(|(window, score)| (window.recording, window.onset_s, score))
    }

    /// The rule for one class: windows that abut or overlap are one event.
    fn rule(&self, class: usize, threshold: f32) -> EventRule {
        let least_s = self.min_event_s.get(class).copied().unwrap_or_default();
        EventRule::new(vec![Some(threshold)], 0.0).lasting(vec![least_s])
    }

    /// Events of a class, as [`EventFinder`] finds them.
    #[must_use]
    pub fn events(&self, class: usize, threshold: f32) -> usize {
        let scored: Vec<(&Window, f32)> = self.of_class(class).collect();
        let of_recording = |windows: &[(&Window, f32)]| {
            let mut finder = EventFinder::new(self.rule(class, threshold));
            for (window, score) in windows {
                finder.push(window.onset_s, window.offset_s, &[*score]);
            }
            finder.finish().len()
        };
        let recordings = scored.chunk_by(|(a, _), (b, _)| a.recording == b.recording);
        recordings.map(of_recording).sum()
    }

    /// The lowest threshold from which on, however high, there are at most so many events of a class.
    ///
    /// A lower one may happen to give as few, where events run into one another; it is not taken.
    #[must_use]
    pub fn threshold_for(&self, class: usize, most_events: usize) -> f32 {
        let rule = self.rule(class, 0.0);
        let mut order: Vec<usize> = (0..self.windows.len()).collect();
        order.sort_by(|a, b| self.score(*b, class).total_cmp(&self.score(*a, class)));
        // Windows are taken from the loudest down; each is a stretch, or joins those beside it. The last window of each stretch by its first.
        let mut stretches: BTreeMap<usize, usize> = BTreeMap::new();
        let mut events = 0;
        let counts = |first: usize, last: usize| usize::from(self.is_event(&rule, first, last));
        for level in order.chunk_by(|a, b| self.score(*a, class).total_cmp(&self.score(*b, class)).is_eq()) {
            for &window in level {
                let (mut first, mut last) = (window, window);
                let before = stretches.range(..window).next_back();
                let before = before.map(|(first, last)| (*first, *last));
                if let Some(stretch) = before.filter(|(_, last)| self.are_joined(&rule, *last, window)) {
                    events -= counts(stretch.0, stretch.1);
                    first = stretch.0;
                    last = stretch.1.max(window);
                }
                let after = stretches.range(window..).next();
                let after = after.map(|(first, last)| (*first, *last));
                if let Some(stretch) = after.filter(|(first, _)| self.are_joined(&rule, last, *first)) {
                    events -= counts(stretch.0, stretch.1);
                    stretches.remove(&stretch.0);
                    last = stretch.1;
                }
                stretches.insert(first, last);
                events += counts(first, last);
            }
            if events > most_events {
                let level = level.first().map_or(0.0, |window| self.score(*window, class));
                return level.next_up().min(1.0);
            }
        }
        0.0
    }

    /// Whether a window that follows another belongs to the event that ends with it.
    fn are_joined(&self, rule: &EventRule, before: usize, after: usize) -> bool {
        let pair = self.windows.get(before).zip(self.windows.get(after));
        pair.is_some_and(|(before, after)| {
            before.recording == after.recording && rule.joins(before.offset_s, after.onset_s)
        })
    }

    /// Whether the windows from one to another, taken together, are an event: long enough, or at an end of their recording.
    fn is_event(&self, rule: &EventRule, first: usize, last: usize) -> bool {
        let Some((begins, ends)) = self.windows.get(first).zip(self.windows.get(last)) else {
            return false;
        };
        let is_other = |window: Option<&Window>| window.is_none_or(|w| w.recording != begins.recording);
        is_other(first.checked_sub(1).and_then(|place| self.windows.get(place)))
            || is_other(self.windows.get(last + 1))
            || rule.is_long_enough(0, ends.offset_s - begins.onset_s)
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
        every(5.0, recordings)
    }

    /// Recordings of one class, whose windows of 5 seconds begin so far apart.
    fn every(hop_s: f64, recordings: &[&[f32]]) -> OrdinaryHours {
        lasting(0.0, hop_s, recordings)
    }

    /// The same of a class whose events last at least so long.
    fn lasting(least_s: f64, hop_s: f64, recordings: &[&[f32]]) -> OrdinaryHours {
        let mut hours = OrdinaryHours::new(1).lasting(vec![least_s]);
        for scores in recordings {
            let windows = scores.chunks(1).enumerate();
            let windows = windows.map(|(place, scores)| {
                let onset_s = hop_s * place as f64;
                (onset_s, onset_s + 5.0, scores)
            });
            hours.add(5.0 * scores.len() as f64, windows);
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
        let heard = hours(&[&[0.9, 0.8, 0.1, 0.9], &[0.9, 0.2]]);
        assert_eq!(heard.events(0, 0.5), 3);
        assert_eq!(heard.events(0, 0.85), 3);
        assert_eq!(heard.events(0, 0.95), 0);
        assert_eq!(heard.loudest(0), Some((0, 0.0, 0.9)));
        assert_eq!(hours(&[&[0.1], &[0.2, 0.3]]).loudest(0), Some((1, 5.0, 0.3)));
    }

    #[test]
    fn windows_that_overlap_bridge_a_quiet_one() {
        let hours = every(2.5, &[&[0.9, 0.1, 0.8, 0.1, 0.1, 0.7]]);
        assert_eq!(hours.events(0, 0.5), 2);
        assert_eq!(hours.threshold_for(0, 1), 0.7_f32.next_up());
        assert_eq!(hours.threshold_for(0, 0), 0.9_f32.next_up());
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
    fn what_is_too_short_to_count_raises_no_threshold() {
        let scores: &[&[f32]] = &[&[0.1, 0.9, 0.2, 0.8, 0.7, 0.1], &[0.3, 0.1, 0.95, 0.1, 0.1]];
        let hours = lasting(10.0, 5.0, scores);
        assert_eq!(hours.events(0, 0.75), 0);
        assert_eq!(hours.events(0, 0.65), 1);
        assert_eq!(hours.threshold_for(0, 0), 0.7_f32.next_up());
        // The second recording begins in what has 0.3.
        assert_eq!(hours.threshold_for(0, 1), 0.3_f32.next_up());
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
            hop_s in prop_oneof![Just(5.0), Just(2.5), Just(1.0)],
            least_s in prop_oneof![Just(0.0), Just(6.0), Just(10.0), Just(21.0)],
        ) {
            let scores: Vec<Vec<f32>> = recordings
                .iter()
                .map(|r| r.iter().map(|x| f32::from(*x) / 20.0).collect())
                .collect();
            let hours = lasting(least_s, hop_s, &scores.iter().map(Vec::as_slice).collect::<Vec<_>>());
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
