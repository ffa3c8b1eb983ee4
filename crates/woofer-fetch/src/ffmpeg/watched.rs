use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempPath;

use crate::Stop;
use crate::child::Streaming;

/// How often the watch looks.
const STEP: Duration = Duration::from_millis(500);

/// A child's output that is given up when nothing comes for too long while somebody reads.
pub struct Watched {
    stream: Streaming,
    /// Removed with the stream, after it: fields are dropped in their order.
    _spool: Option<TempPath>,
    state: Arc<State>,
    patience: Duration,
}

#[derive(Default)]
struct State {
    /// Steps that the present read has lasted; none is under way at 0.
    steps: AtomicU64,
    given_up: AtomicBool,
    /// Whether the stream is gone, and a signal of that.
    is_over: Mutex<bool>,
    over: Condvar,
}

impl Watched {
    /// `spool` is a file that the child reads and nobody needs after it.
    pub fn new(stream: Streaming, stop: Stop, patience: Duration, spool: Option<TempPath>) -> Self {
        let state = Arc::new(State::default());
        let watched = Arc::clone(&state);
        let limit = u64::try_from(patience.as_millis() / STEP.as_millis()).unwrap_or(u64::MAX);
        thread::spawn(move || watch(&watched, &stop, limit.max(1)));
        Self {
            stream,
            _spool: spool,
            state,
            patience,
        }
    }
}

fn watch(state: &State, stop: &Stop, limit: u64) {
    let mut is_over = state.is_over.lock().unwrap_or_else(PoisonError::into_inner);
    while !*is_over {
        let waited = state.over.wait_timeout(is_over, STEP);
        is_over = waited.unwrap_or_else(PoisonError::into_inner).0;
        // A read that is not under way stays at 0.
        let steps = state
            .steps
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |steps| {
                (steps > 0).then_some(steps + 1)
            });
        if steps.is_ok_and(|steps| steps > limit) {
            state.given_up.store(true, Ordering::Relaxed);
            stop.now();
            return;
        }
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.state.steps.store(1, Ordering::Relaxed);
        let result = self.stream.read(buffer);
        self.state.steps.store(0, Ordering::Relaxed);
        result.map_err(|error| {
            if self.state.given_up.load(Ordering::Relaxed) {
                let seconds = self.patience.as_secs_f64();
                io::Error::other(format!("ffmpeg: ended, since nothing came for {seconds} s"))
            } else if error.to_string().contains("matches no streams") {
                io::Error::other("there is no sound in it")
            } else {
                error
            }
        })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        *self.state.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.state.over.notify_all();
    }
}
