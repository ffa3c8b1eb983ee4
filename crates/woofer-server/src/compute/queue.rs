use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use prometheus::IntGauge;

use super::job::{Job, Task};

/// A body larger than this is not scored together with others: they would wait for it.
const MAX_BATCHED_BYTES: usize = 2 << 20;

/// Recordings that wait, the oldest first. Its bound is kept by whoever gives out places in it.
pub struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    length: IntGauge,
}

struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    pub fn new(length: IntGauge) -> Self {
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                closed: false,
            }),
            filled: Condvar::new(),
            length,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job at the end; one for a closed queue is dropped, and with it its reply.
    pub fn push(&self, job: Job) {
        let mut state = self.state();
        if !state.closed {
            state.jobs.push_back(job);
            self.length.inc();
            self.filled.notify_one();
        }
    }

    /// Waits for jobs and takes a batch of them: the oldest, and those right behind it that can be scored with it, so
    /// many that each of `workers` has its share. None once the queue is closed.
    pub fn take(&self, max: usize, workers: usize) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            let share = state.jobs.len().div_ceil(workers.max(1)).clamp(1, max.max(1));
            if let Some(first) = state.jobs.pop_front() {
                let mut batch = vec![first];
                while batch.len() < share {
                    let fits = match (batch.first(), state.jobs.front()) {
                        (Some(first), Some(next)) => go_together(first, next),
                        _ => false,
                    };
                    if !fits {
                        break;
                    }
                    batch.extend(state.jobs.pop_front());
                }
                self.length.sub(i64::try_from(batch.len()).unwrap_or(i64::MAX));
                for job in &mut batch {
                    job.place = None;
                }
                return Some(batch);
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends it: workers go home, and who waits is told by the loss of the reply.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.clear();
        self.length.set(0);
        self.filled.notify_all();
    }

    /// Number of jobs that wait.
    pub fn len(&self) -> usize {
        self.state().jobs.len()
    }
}

fn go_together(first: &Job, next: &Job) -> bool {
    let small = |job: &Job| job.upload.bytes.len() <= MAX_BATCHED_BYTES;
    let scores = |job: &Job| matches!(job.task, Task::Score { .. });
    Arc::ptr_eq(&first.model, &next.model) && [first, next].into_iter().all(|job| scores(job) && small(job))
}
