use super::event::Event;
use super::rule::EventRule;

/// Finds the events of a recording from the scores of its windows, as they come.
#[derive(Debug, Clone)]
pub struct EventFinder {
    rule: EventRule,
    /// The event of each class that may still go on.
    open: Vec<Option<Event>>,
    ended: Vec<Event>,
    /// Where the recording begins, and where it ends so far.
    heard_s: Option<(f64, f64)>,
}

impl EventFinder {
    /// A finder at the start of a recording.
    #[must_use]
    pub fn new(rule: EventRule) -> Self {
        Self {
            open: vec![None; rule.thresholds().len()],
            rule,
            ended: Vec::new(),
            heard_s: None,
        }
    }

    /// Takes the scores of a window, one a class; windows come in the order of their onsets.
    ///
    /// A score that is no number reaches no threshold.
    pub fn push(&mut self, onset_s: f64, offset_s: f64, scores: &[f32]) {
        let (start_s, end_s) = self.heard_s.unwrap_or((onset_s, offset_s));
        self.heard_s = Some((start_s, end_s.max(offset_s)));
        let classes = self.open.iter_mut().zip(self.rule.thresholds()).zip(scores);
        for (class, ((open, threshold), &score)) in classes.enumerate() {
            if threshold.is_none_or(|threshold| score < threshold || score.is_nan()) {
                continue;
            }
            match open {
                Some(event) if self.rule.joins(event.offset_s, onset_s) => {
                    event.offset_s = event.offset_s.max(offset_s);
                    event.peak_score = event.peak_score.max(score);
                    event.windows += 1;
                }
                _ => {
                    let begins = Event {
                        class,
                        onset_s,
                        offset_s,
                        peak_score: score,
                        windows: 1,
                    };
                    self.ended.extend(open.replace(begins));
                }
            }
        }
    }

    /// Ends the recording: its events by onset, then class.
    ///
    /// Those that are too short by the rule are left out, unless the recording begins or ends in them: who knows how long they last.
    #[must_use]
    pub fn finish(self) -> Vec<Event> {
        let mut events = self.ended;
        let (start_s, end_s) = self.heard_s.unwrap_or_default();
        let counts = |event: &Event| {
            event.onset_s <= start_s
                || event.offset_s >= end_s
                || self.rule.is_long_enough(event.class, event.duration_s())
        };
        events.extend(self.open.into_iter().flatten());
        events.retain(counts);
        events.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s).then(a.class.cmp(&b.class)));
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events of one class whose windows have these onsets, offsets and scores.
    fn events(windows: &[(f64, f64, f32)], threshold: f32, max_gap_s: f64) -> Vec<Event> {
        let mut finder = EventFinder::new(EventRule::new(vec![Some(threshold)], max_gap_s));
        for &(onset_s, offset_s, score) in windows {
            finder.push(onset_s, offset_s, &[score]);
        }
        finder.finish()
    }

    fn times(events: &[Event]) -> Vec<(f64, f64)> {
        events.iter().map(|e| (e.onset_s, e.offset_s)).collect()
    }

    #[test]
    fn windows_that_abut_are_one_event_and_a_quiet_one_parts_two() {
        let windows = [
            (0.0, 5.0, 0.9),
            (5.0, 10.0, 0.5),
            (10.0, 15.0, 0.1),
            (15.0, 17.0, 0.7),
        ];
        let found = events(&windows, 0.5, 0.0);
        assert_eq!(times(&found), [(0.0, 10.0), (15.0, 17.0)]);
        assert_eq!((found[0].peak_score, found[0].windows), (0.9, 2));
        assert_eq!(times(&events(&windows, 0.5, 5.0)), [(0.0, 17.0)]);
        assert!(events(&windows, 0.95, 5.0).is_empty());
    }

    #[test]
    fn windows_that_overlap_bridge_a_quiet_one_between_them() {
        let windows = [(0.0, 0.96, 0.9), (0.48, 1.44, 0.1), (0.96, 1.92, 0.9)];
        assert_eq!(times(&events(&windows, 0.5, 0.0)), [(0.0, 1.92)]);
    }

    #[test]
    fn classes_are_found_apart_and_one_without_a_threshold_is_not() {
        let rule = EventRule::new(vec![Some(0.5), None, Some(0.2)], 0.0);
        let mut finder = EventFinder::new(rule);
        finder.push(0.0, 5.0, &[0.6, 1.0, 0.3]);
        finder.push(5.0, 10.0, &[f32::NAN, 1.0, 0.3]);
        let found = finder.finish();
        let found: Vec<_> = found.iter().map(|e| (e.class, e.onset_s, e.offset_s)).collect();
        assert_eq!(found, [(0, 0.0, 5.0), (2, 0.0, 10.0)]);
    }

    #[test]
    fn an_event_that_is_too_short_counts_only_where_the_recording_begins_or_ends_in_it() {
        let lasting = |windows: &[f32], least_s: f64| {
            let mut finder = EventFinder::new(EventRule::new(vec![Some(0.5)], 0.0).lasting(vec![least_s]));
            for (place, score) in windows.iter().enumerate() {
                let onset_s = 5.0 * place as f64;
                finder.push(onset_s, onset_s + 5.0, &[*score]);
            }
            times(&finder.finish())
        };
        let chirps = [0.9, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9];
        assert_eq!(lasting(&chirps, 10.0), [(0.0, 5.0), (20.0, 30.0), (35.0, 40.0)]);
        assert_eq!(lasting(&chirps, 10.5), [(0.0, 5.0), (35.0, 40.0)]);
        // Once the recording goes on, the last is too short.
        assert_eq!(lasting(&[0.1, 0.9, 0.1], 10.0), []);
        assert_eq!(lasting(&[0.1, 0.9], 10.0), [(5.0, 10.0)]);
        assert_eq!(lasting(&[0.9], 10.0), [(0.0, 5.0)]);
        assert_eq!(lasting(&chirps, f64::NAN), lasting(&chirps, 0.0));
        assert_eq!(lasting(&chirps, -1.0).len(), 4);
    }

    #[test]
    fn how_long_an_event_lasts_is_asked_of_each_class_by_itself() {
        let rule = EventRule::new(vec![Some(0.5); 3], 0.0).lasting(vec![0.0, 10.0]);
        let mut finder = EventFinder::new(rule);
        for (place, score) in [0.1, 0.9, 0.1].into_iter().enumerate() {
            let onset_s = 5.0 * place as f64;
            finder.push(onset_s, onset_s + 5.0, &[score; 3]);
        }
        let found: Vec<_> = finder.finish().iter().map(|e| e.class).collect();
        assert_eq!(found, [0, 2]);
    }

    /// Windows in the order of their onsets, on a grid of quarters of a second.
    fn windows() -> impl Strategy<Value = Vec<(f64, f64, f32)>> {
        let window = (0u8..5, 1u8..9, 0u8..=10);
        proptest::collection::vec(window, 0..60).prop_map(|steps| {
            let mut onset = 0u32;
            let quarter = |n: u32| f64::from(n) / 4.0;
            let window = |(step, length, score): (u8, u8, u8)| {
                onset += u32::from(step);
                (
                    quarter(onset),
                    quarter(onset + u32::from(length)),
                    f32::from(score) / 10.0,
                )
            };
            steps.into_iter().map(window).collect()
        })
    }

    /// What is covered, asked of each eighth of a second's middle: by a window, or by a gap that is short enough
    /// between windows.
    fn covered(windows: &[(f64, f64, f32)], threshold: f32, max_gap_s: f64) -> Vec<bool> {
        let heard = |t: f64| windows.iter().any(|w| w.2 >= threshold && w.0 <= t && t <= w.1);
        let cells: Vec<bool> = (0..2_400)
            .map(|i| heard(f64::from(i) / 8.0 + 1.0 / 16.0))
            .collect();
        let mut bridged = cells.clone();
        let mut last: Option<usize> = None;
        for i in (0..cells.len()).filter(|i| cells[*i]) {
            if let Some(last) = last
                && (i - last - 1) as f64 / 8.0 <= max_gap_s
            {
                bridged[last..i].fill(true);
            }
            last = Some(i);
        }
        bridged
    }

    proptest! {
        #[test]
        fn events_cover_what_windows_over_the_threshold_cover_and_short_gaps(
            windows in windows(), threshold in 1u8..=10, gap in 0u8..8
        ) {
            let (threshold, gap) = (f32::from(threshold) / 10.0, f64::from(gap) / 4.0);
            let found = events(&windows, threshold, gap);
            let is_in = |t: f64| found.iter().any(|e| e.onset_s <= t && t <= e.offset_s);
            let by_events: Vec<bool> = (0..2_400).map(|i| is_in(f64::from(i) / 8.0 + 1.0 / 16.0)).collect();
            prop_assert_eq!(by_events, covered(&windows, threshold, gap));
        }

        #[test]
        fn events_of_a_class_lie_further_apart_than_the_gap_and_hold_each_window_once(
            windows in windows(), threshold in 1u8..=10, gap in 0u8..8
        ) {
            let (threshold, gap) = (f32::from(threshold) / 10.0, f64::from(gap) / 4.0);
            let found = events(&windows, threshold, gap);
            for pair in found.windows(2) {
                prop_assert!(pair[1].onset_s > pair[0].offset_s + gap);
            }
            let over: Vec<_> = windows.iter().filter(|w| w.2 >= threshold).collect();
            prop_assert_eq!(found.iter().map(|e| e.windows).sum::<usize>(), over.len());
            for window in over {
                let holding = found.iter().filter(|e| e.onset_s <= window.0 && window.1 <= e.offset_s);
                let holding: Vec<_> = holding.collect();
                prop_assert_eq!(holding.len(), 1);
                prop_assert!(holding[0].peak_score >= window.2);
            }
            for event in &found {
                prop_assert!(event.peak_score >= threshold && event.duration_s() > 0.0);
            }
        }

        #[test]
        fn a_least_duration_leaves_out_what_is_shorter_and_touches_neither_end(
            windows in windows(), threshold in 1u8..=10, gap in 0u8..8, least in 0u8..20
        ) {
            let (threshold, gap) = (f32::from(threshold) / 10.0, f64::from(gap) / 4.0);
            let least_s = f64::from(least) / 4.0;
            let mut finder = EventFinder::new(EventRule::new(vec![Some(threshold)], gap).lasting(vec![least_s]));
            for &(onset_s, offset_s, score) in &windows {
                finder.push(onset_s, offset_s, &[score]);
            }
            let start_s = windows.first().map_or(0.0, |w| w.0);
            let end_s = windows.iter().map(|w| w.1).fold(0.0, f64::max);
            let mut expected = events(&windows, threshold, gap);
            expected.retain(|e| e.onset_s <= start_s || e.offset_s >= end_s || e.duration_s() >= least_s);
            prop_assert_eq!(finder.finish(), expected);
        }

        #[test]
        fn a_lower_threshold_or_a_longer_gap_only_adds_time(windows in windows(), threshold in 2u8..=10, gap in 0u8..8) {
            let (high, gap) = (f32::from(threshold) / 10.0, f64::from(gap) / 4.0);
            let strict = events(&windows, high, gap);
            for loose in [events(&windows, high - 0.1, gap), events(&windows, high, gap + 0.25)] {
                for event in &strict {
                    prop_assert!(loose.iter().any(|e| e.onset_s <= event.onset_s && event.offset_s <= e.offset_s));
                }
            }
        }
    }
}
