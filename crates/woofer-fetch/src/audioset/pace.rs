use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Stop;

/// Refusals in a row after which it is vain to go on today.
const MOST_REFUSALS: u32 = 8;
/// The longest pause after a refusal.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// The longest time between two turns.
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// Keeps all workers together below a rate, and lets them all rest when the server says it is too much.
pub struct Pace {
    interval: Duration,
    first_pause: Duration,
    state: Mutex<State>,
}

struct State {
    next: Instant,
    refusals: u32,
    /// Turns given before this number know nothing of the last refusal.
    resting_until: Option<Instant>,
}

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// All rest this long.
    Rest(Duration),
    /// All rest already.
    RestsAlready,
    /// There were too many.
    GiveUp,
}

impl Pace {
    /// At most `per_minute` turns a minute, infinite for no limit, yet one a day; and `first_pause` after the first refusal, doubled after each further one.
    pub fn new(per_minute: f64, first_pause: Duration) -> Self {
        // What is too long to be told is as good as a day; `now + interval` has to stay a time.
        let interval = Duration::try_from_secs_f64(60.0 / per_minute).unwrap_or(LONGEST_INTERVAL);
        Self {
            interval: interval.min(LONGEST_INTERVAL),
            first_pause,
            state: Mutex::new(State {
                next: Instant::now(),
                refusals: 0,
                resting_until: None,
            }),
        }
    }

    /// Waits for a turn; false if the user wished to stop meanwhile.
    pub fn wait_for_turn(&self, stop: &Stop) -> bool {
        loop {
            let wait = {
                let mut state = self.lock();
                let now = Instant::now();
                let rest = state.resting_until.filter(|until| *until > now);
                let at = rest.map_or(state.next, |until| until.max(state.next));
                if at <= now {
                    state.next = now + self.interval;
                    state.resting_until = None;
                    return !stop.is_wished();
                }
                at - now
            };
            // A rest may come up while waiting, so it is asked again.
            if stop.wait(wait.min(Duration::from_millis(500))) {
                return false;
            }
        }
    }

    /// The server said that it is too much.
    pub fn refused(&self) -> Refusal {
        let mut state = self.lock();
        let now = Instant::now();
        if state.resting_until.is_some_and(|until| until > now) {
            return Refusal::RestsAlready;
        }
        state.refusals += 1;
        if state.refusals > MOST_REFUSALS {
            return Refusal::GiveUp;
        }
        let factor = 1u32 << (state.refusals - 1);
        let pause = self.first_pause.saturating_mul(factor).min(LONGEST_PAUSE);
        state.resting_until = Some(now + pause);
        Refusal::Rest(pause)
    }

    /// The server gave what was asked for.
    pub fn welcome(&self) {
        self.lock().refusals = 0;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_keep_the_interval_and_a_rest_holds_for_all() {
        let pace = Pace::new(60.0 * 100.0, Duration::from_millis(40));
        let (stop, start) = (Stop::new(), Instant::now());
        for _ in 0..4 {
            assert!(pace.wait_for_turn(&stop));
        }
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(pace.refused(), Refusal::Rest(Duration::from_millis(40)));
        assert_eq!(pace.refused(), Refusal::RestsAlready);
        let start = Instant::now();
        assert!(pace.wait_for_turn(&stop));
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(pace.refused(), Refusal::Rest(Duration::from_millis(80)));
        stop.now();
        assert!(!pace.wait_for_turn(&stop));
    }

    #[test]
    fn a_rate_however_small_gives_a_first_turn_and_holds_the_second() {
        for per_minute in [5e-18, 1e-300, 0.0] {
            let pace = Pace::new(per_minute, Duration::ZERO);
            let stop = Stop::new();
            assert!(pace.wait_for_turn(&stop));
            assert_eq!(pace.interval, LONGEST_INTERVAL);
            stop.now();
            assert!(!pace.wait_for_turn(&stop));
        }
    }

    #[test]
    fn too_many_refusals_without_a_welcome_end_it() {
        let pace = Pace::new(f64::INFINITY, Duration::ZERO);
        for _ in 0..MOST_REFUSALS {
            assert!(matches!(pace.refused(), Refusal::Rest(_)));
        }
        assert_eq!(pace.refused(), Refusal::GiveUp);
        pace.welcome();
        assert!(matches!(pace.refused(), Refusal::Rest(_)));
    }
}
