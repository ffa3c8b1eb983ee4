use super::scores::WindowScores;
use crate::render::Span;

/// Most windows that are kept; beyond, neighbours are joined.
const MAX_WINDOWS: usize = 2_048;

/// The scores of all classes along a recording of any length, in bounded memory: to be drawn.
///
/// Where a recording has many windows, neighbours are joined and keep the higher score of each class.
#[derive(Debug, Clone, Default)]
pub struct ScoreTrack {
    /// Joined windows.
    windows: Vec<WindowScores>,
    /// Windows that the last has been joined of; it takes no more when it is full.
    in_last: u64,
    /// How often neighbours have been joined: 2 to this power make one window.
    doublings: u32,
}

impl ScoreTrack {
    /// Takes a window; they come in the order of their onsets.
    pub fn push(&mut self, window: WindowScores) {
        let together = 1u64 << self.doublings;
        if self.in_last > 0 && self.in_last < together {
            if let Some(last) = self.windows.last_mut() {
                join(last, &window);
            }
            self.in_last += 1;
            return;
        }
        if self.windows.len() == MAX_WINDOWS {
            let pairs = self.windows.chunks(2).filter_map(|pair| {
                let mut joined = pair.first()?.clone();
                pair.iter().skip(1).for_each(|second| join(&mut joined, second));
                Some(joined)
            });
            self.windows = pairs.collect();
            self.doublings += 1;
        }
        self.windows.push(window);
        self.in_last = 1;
    }

    /// The highest score of each class.
    #[must_use]
    pub fn best(&self) -> Vec<f32> {
        let mut best: Vec<f32> = Vec::new();
        for window in &self.windows {
            best.resize(best.len().max(window.scores.len()), 0.0);
            best.iter_mut()
                .zip(&window.scores)
                .for_each(|(b, s)| *b = b.max(*s));
        }
        best
    }

    /// The scores of a class; each lasts until the next begins.
    #[must_use]
    pub fn spans(&self, class: usize) -> Vec<Span> {
        let ends = self.windows.iter().skip(1).map(|w| Some(w.onset_s));
        let span = |(window, next): (&WindowScores, Option<f64>)| {
            Some(Span {
                onset_s: window.onset_s,
                offset_s: next.map_or(window.offset_s, |next| next.min(window.offset_s)),
                score: *window.scores.get(class)?,
            })
        };
        let windows = self.windows.iter().zip(ends.chain([None]));
        windows.filter_map(span).collect()
    }
}

fn join(first: &mut WindowScores, second: &WindowScores) {
    first.offset_s = first.offset_s.max(second.offset_s);
    let scores = first.scores.iter_mut().zip(&second.scores);
    scores.for_each(|(a, b)| *a = a.max(*b));
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;

    fn track(windows: u32) -> ScoreTrack {
        let mut track = ScoreTrack::default();
        for i in 0..windows {
            track.push(WindowScores {
                onset_s: f64::from(i),
                offset_s: f64::from(i) + 2.0,
                scores: vec![f32::from(i == 1_234), 0.5],
            });
        }
        track
    }

    #[test]
    fn a_window_lasts_until_the_next_begins() {
        let spans = track(3).spans(1);
        let times: Vec<_> = spans.iter().map(|s| (s.onset_s, s.offset_s)).collect();
        assert_eq!(times, [(0.0, 1.0), (1.0, 2.0), (2.0, 4.0)]);
        assert!(track(3).spans(2).is_empty());
    }

    #[test]
    fn a_long_track_keeps_its_peaks_and_its_ends() {
        for windows in [2_048, 2_049, 5_000, 9_001] {
            let track = track(windows);
            let spans = track.spans(0);
            assert!(spans.len() <= MAX_WINDOWS);
            assert_eq!(spans[0].onset_s, 0.0);
            assert_eq!(spans[spans.len() - 1].offset_s, f64::from(windows) + 1.0);
            let peak: Vec<_> = spans.iter().filter(|s| s.score == 1.0).collect();
            assert_eq!(peak.len(), 1);
            assert!(peak[0].onset_s <= 1_234.0 && 1_234.0 < peak[0].offset_s);
            assert_eq!(track.best(), [1.0, 0.5]);
            assert!(spans.windows(2).all(|pair| pair[0].offset_s == pair[1].onset_s));
        }
    }
}
