use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuildError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::job::Job;
use super::queue::Queue;
use super::worker::{Shared, Worker};
use crate::http::{Code, Problem};
use crate::metrics::Metrics;
use crate::settings::Limits;

/// How often the supervisor looks.
const LOOKS: Duration = Duration::from_millis(200);

/// Workers that may hang, each with a thread and what it holds, before the service calls itself ill.
const MAX_LOST: usize = 8;

/// The workers and the queue in front of them.
pub struct Pool {
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    workers: Mutex<Vec<Arc<Worker>>>,
    /// Those that were replaced and have not come back.
    lost: Mutex<Vec<Arc<Worker>>>,
    lost_count: AtomicUsize,
    patience: Duration,
    /// Time that a recording may be expected to wait.
    max_wait: Duration,
}

impl Pool {
    /// Starts the workers and their supervisor, which all end when the pool is dropped.
    pub fn start(
        workers: usize,
        limits: &Limits,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, ThreadPoolBuildError> {
        let shared = Arc::new(Shared {
            queue: Queue::new(metrics.queue.clone()),
            metrics,
            batch: limits.batch,
            workers,
            seconds_each: Mutex::new(0.0),
        });
        let started: Result<Vec<_>, _> = (0..workers).map(|_| Worker::start(&shared)).collect();
        let pool = Arc::new(Self {
            places: Arc::new(Semaphore::new(limits.queue)),
            workers: Mutex::new(started?),
            lost: Mutex::default(),
            lost_count: AtomicUsize::new(0),
            patience: limits.request + limits.hang,
            max_wait: limits.wait,
            shared,
        });
        supervise(Arc::downgrade(&pool));
        Ok(pool)
    }

    /// Number of workers.
    pub fn workers(&self) -> usize {
        self.shared.workers
    }

    /// A place in the queue, if one is free and the wait would not be too long.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        place.filter(|_| !self.is_wait_too_long()).ok_or_else(|| {
            let message = format!("{} recordings wait already; try again", self.shared.queue.len());
            Problem::new(Code::QueueFull, message).retry_after(self.whole_seconds_to_wait())
        })
    }

    /// Whether one that comes now would wait too long; never as long as each worker has at most one that waits.
    fn is_wait_too_long(&self) -> bool {
        self.shared.queue.len() >= self.shared.workers && self.seconds_to_wait() > self.max_wait.as_secs_f64()
    }

    /// A place in the queue, once one is free.
    pub async fn wait_for_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| Problem::new(Code::Internal, "the queue is closed"))
    }

    /// Puts a job, which has its place, into the queue.
    pub fn submit(&self, job: Job) {
        self.shared.queue.push(job);
    }

    /// Seconds until what waits now will be scored, as far as can be told.
    fn seconds_to_wait(&self) -> f64 {
        let each = *self
            .shared
            .seconds_each
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        each * self.shared.queue.len() as f64 / self.shared.workers.max(1) as f64
    }

    /// The same as a client is told it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number, never below 1"
    )]
    fn whole_seconds_to_wait(&self) -> u64 {
        self.seconds_to_wait().ceil().clamp(1.0, 60.0) as u64
    }

    /// Why the service should be started anew, if it should.
    pub fn illness(&self) -> Option<String> {
        let lost = self.lost_count.load(Ordering::Relaxed);
        (lost >= MAX_LOST).then(|| format!("{lost} workers hang"))
    }

    /// Replaces workers that have been at one batch for too long.
    fn look_after_workers(&self, now: Instant) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.retain(|worker| worker.busy_for(now) > Duration::ZERO);
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        for worker in workers
            .iter_mut()
            .filter(|worker| worker.busy_for(now) > self.patience)
        {
            if lost.len() >= MAX_LOST {
                break;
            }
            match Worker::start(&self.shared) {
                Ok(new) => {
                    tracing::error!("a worker hangs; another takes its place");
                    self.shared.metrics.lost_workers.inc();
                    worker.replace();
                    lost.push(std::mem::replace(worker, new));
                }
                Err(error) => tracing::error!(%error, "a worker hangs, and no other can be started"),
            }
        }
        self.lost_count.store(lost.len(), Ordering::Relaxed);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

fn supervise(pool: Weak<Pool>) {
    let look = move || {
        while let Some(pool) = pool.upgrade() {
            pool.look_after_workers(Instant::now());
            drop(pool);
            std::thread::sleep(LOOKS);
        }
    };
    // Without it the service works as well, until a worker hangs.
    if let Err(error) = std::thread::Builder::new()
        .name("woofer-supervisor".to_owned())
        .spawn(look)
    {
        tracing::error!(%error, "the supervisor of the workers cannot be started");
    }
}
