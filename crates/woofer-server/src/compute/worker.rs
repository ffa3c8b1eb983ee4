use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

use super::hearing::answer_batch;
use super::queue::Queue;
use crate::metrics::Metrics;

/// A worker: one thread with a pool of its own, so that all that scoring starts runs on that thread, and a worker
/// that hangs takes nobody else's thread.
pub struct Worker {
    busy_since: Mutex<Option<Instant>>,
    /// Set when another has taken its place: it goes home when it comes back.
    replaced: AtomicBool,
}

/// What all workers share.
pub struct Shared {
    pub queue: Queue,
    pub metrics: Arc<Metrics>,
    /// Recordings that a worker takes at once, at most.
    pub batch: usize,
    pub workers: usize,
    /// Seconds of work a recording, as a running mean.
    pub seconds_each: Mutex<f64>,
}

/// Weight of the newest batch in the running mean of the work a recording.
const NEWEST: f64 = 0.05;

impl Worker {
    /// Starts one that takes from the queue until it is closed.
    pub fn start(shared: &Arc<Shared>) -> Result<Arc<Self>, ThreadPoolBuildError> {
        let worker = Arc::new(Self {
            busy_since: Mutex::new(None),
            replaced: AtomicBool::new(false),
        });
        let pool = ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "woofer-worker".to_owned())
            .build()?;
        let (own, shared) = (Arc::clone(&worker), Arc::clone(shared));
        // The pool lives until this task, its only one, has ended.
        pool.spawn(move || own.work(&shared));
        Ok(worker)
    }

    fn work(&self, shared: &Shared) {
        while let Some(batch) = shared.queue.take(shared.batch, shared.workers) {
            let started = Instant::now();
            self.set_busy(Some(started));
            let count = batch.len() as f64;
            shared.metrics.batch.observe(count);
            for job in &batch {
                let waited = started.saturating_duration_since(job.entered);
                shared.metrics.wait.observe(waited.as_secs_f64());
            }
            answer_batch(batch, &shared.metrics);
            self.set_busy(None);
            let each = started.elapsed().as_secs_f64() / count;
            let mut mean = shared.seconds_each.lock().unwrap_or_else(PoisonError::into_inner);
            *mean += NEWEST * (each - *mean);
            drop(mean);
            if self.replaced.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    fn set_busy(&self, since: Option<Instant>) {
        *self.busy_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// How long it has been at the same batch.
    pub fn busy_for(&self, now: Instant) -> Duration {
        let since = *self.busy_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Tells it that another has taken its place.
    pub fn replace(&self) {
        self.replaced.store(true, Ordering::Relaxed);
    }
}
