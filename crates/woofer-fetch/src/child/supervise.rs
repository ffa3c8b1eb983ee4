use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{group, guard};
use crate::Stop;

/// Why a child is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It came to its end by itself.
    Ended,
    TimedOut,
    /// The user wished to stop.
    Stopped,
    /// Whoever started it wants it no more.
    Cancelled,
}

/// How a child ended.
#[derive(Debug)]
pub struct End {
    pub reason: Reason,
    pub status: io::Result<ExitStatus>,
}

#[derive(Default)]
struct State {
    cancelled: bool,
}

/// Ends a child when told so.
#[derive(Clone, Default)]
pub struct Cancel {
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Cancel {
    pub fn now(&self) {
        lock(&self.state.0).cancelled = true;
        self.state.1.notify_all();
    }

    /// Waits, and returns early when the child is to be ended.
    fn wait(&self, time: Duration) -> bool {
        let state = lock(&self.state.0);
        let waited = self.state.1.wait_timeout_while(state, time, |s| !s.cancelled);
        waited.unwrap_or_else(PoisonError::into_inner).0.cancelled
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that sees to it that a child ends.
pub struct Supervisor {
    thread: JoinHandle<End>,
}

impl Supervisor {
    pub fn start(child: Child, time_limit: Option<Duration>, stop: Stop, cancel: Cancel) -> Self {
        Self {
            thread: thread::spawn(move || supervise(child, time_limit, &stop, &cancel)),
        }
    }

    /// Waits until nothing of the child is left.
    pub fn finish(self) -> End {
        self.thread.join().unwrap_or_else(|_| End {
            reason: Reason::Cancelled,
            status: Err(io::Error::other("its supervisor failed")),
        })
    }
}

fn supervise(mut child: Child, time_limit: Option<Duration>, stop: &Stop, cancel: &Cancel) -> End {
    const LONGEST_PAUSE: Duration = Duration::from_millis(20);
    let deadline = time_limit.and_then(|limit| Instant::now().checked_add(limit));
    // Short at first, so that a program of some milliseconds is not waited for longer than that.
    let mut pause = Duration::from_micros(500);
    let mut failed = None;
    let reason = loop {
        match group::has_ended(&mut child) {
            Ok(true) => break Reason::Ended,
            Ok(false) => {}
            Err(error) => {
                failed = Some(error);
                break Reason::Cancelled;
            }
        }
        if stop.is_wished() {
            break Reason::Stopped;
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            break Reason::TimedOut;
        }
        if cancel.wait(pause) {
            break Reason::Cancelled;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    };
    // Also after a good end: what the child left behind in its group ends too.
    group::end(&mut child);
    guard::forget(child.id());
    let status = child.wait();
    End {
        reason,
        status: failed.map_or(status, Err),
    }
}
