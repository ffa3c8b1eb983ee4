use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use woofer::audio::Repairs;
use woofer::pipeline::{ClipScores, Overview, WindowScores};

use crate::http::{Counted, Problem, Upload};
use crate::models::ServedModel;

/// What is wanted of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Its scores; those of its windows too, if asked for.
    Score {
        /// Whether the windows are wanted.
        timeline: bool,
    },
    /// What it looks like.
    Preview,
    /// It as a WAV that every browser plays.
    Wav,
}

/// A recording that waits.
pub struct Job {
    pub model: Arc<ServedModel>,
    /// The name for messages.
    pub name: String,
    pub upload: Upload,
    pub task: Task,
    /// Longest duration in seconds.
    pub max_duration_s: f64,
    /// Set when nobody waits for the answer any more.
    pub stop: Arc<AtomicBool>,
    pub reply: oneshot::Sender<Result<Outcome, Problem>>,
    /// Its place in the queue, given back once a worker has it.
    pub place: Option<OwnedSemaphorePermit>,
    pub entered: Instant,
}

impl Job {
    /// Whether nobody waits for it any more.
    pub fn is_unwanted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sends the answer; whoever has gone gets none. What it held is given back before.
    pub fn answer(self, outcome: Result<Outcome, Problem>) {
        let Self { reply, upload, .. } = self;
        drop(upload);
        let _ = reply.send(outcome);
    }
}

/// What came of a job.
#[derive(Debug)]
pub enum Outcome {
    Heard(Heard),
    Seen(Box<Seen>),
    Wav(Counted),
}

/// The scores of a recording.
#[derive(Debug)]
pub struct Heard {
    pub clip: ClipScores,
    pub windows: Vec<WindowScores>,
    pub repairs: Repairs,
}

/// What a recording looks like and is.
#[derive(Debug)]
pub struct Seen {
    pub overview: Overview,
    pub rate_hz: u32,
    pub channels: usize,
    pub container: &'static str,
    pub codec: String,
    pub repairs: Repairs,
}
