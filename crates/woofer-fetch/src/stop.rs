use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A wish to stop, seen by every download and child that was given a clone.
///
/// It is asked about every few hundredths of a second, and is never taken back.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
}

impl Stop {
    /// A wish that only [`Stop::now`] expresses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A wish that Ctrl-C, `SIGTERM` and a closed terminal express too.
    ///
    /// From then on these no longer end the program at once: it has to come to an end by itself when
    /// [`Stop::is_wished`]. A second Ctrl-C ends it as ever; children are then left to a [`guard`](crate::child::guard).
    ///
    /// # Errors
    /// The system takes no handler.
    pub fn on_interrupt() -> io::Result<Self> {
        let stop = Self::new();
        let signals = signal_hook::consts::TERM_SIGNALS.iter().copied();
        #[cfg(unix)]
        let signals = signals.chain([signal_hook::consts::SIGHUP]);
        for signal in signals {
            // Registered first, so that it sees the flag as it was before this signal.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop.flag))?;
            signal_hook::flag::register(signal, Arc::clone(&stop.flag))?;
        }
        Ok(stop)
    }

    /// Expresses the wish.
    pub fn now(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether the wish was expressed.
    #[must_use]
    pub fn is_wished(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Waits for a time, or until the wish is expressed; returns whether it was.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        const STEP: Duration = Duration::from_millis(20);
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if self.is_wished() || left.is_zero() {
                return self.is_wished();
            }
            std::thread::sleep(left.min(STEP));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_a_clone_wishes() {
        let stop = Stop::new();
        let clone = stop.clone();
        let waiting = std::thread::spawn(move || clone.wait(Duration::from_hours(1)));
        stop.now();
        assert!(waiting.join().unwrap());
        assert!(!Stop::new().wait(Duration::from_millis(1)));
    }
}
