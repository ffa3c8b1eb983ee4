use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use woofer::audio::{AudioError, AudioReader, ReadLimits, Resampler, wav_bytes};
use woofer::pipeline::{ClipScores, Overview, Stretch, WindowScores};

use super::job::{Heard, Job, Outcome, Seen, Task};
use crate::http::{Code, Problem};
use crate::metrics::Metrics;

/// The rate of a WAV that is made to be played.
const PLAYED_HZ: u32 = 16_000;

/// The bytes of a recording, shared with whoever reads them: each can be tried once more.
type Body = Arc<Vec<u8>>;

/// Answers every job of a batch.
///
/// A panic becomes the answer of the job that caused it: after one in a batch of several, each is tried by itself.
pub fn answer_batch(mut jobs: Vec<Job>, metrics: &Metrics) {
    jobs.retain(|job| !job.is_unwanted());
    let bodies: Vec<Body> = jobs
        .iter_mut()
        .map(|job| Arc::new(std::mem::take(&mut job.upload.bytes)))
        .collect();
    if jobs.len() > 1 {
        let outcomes = catch_unwind(AssertUnwindSafe(|| score(&jobs, bodies.clone())));
        if let Ok(outcomes) = outcomes {
            for (job, outcome) in jobs.into_iter().zip(outcomes) {
                finish(job, outcome, metrics);
            }
            return;
        }
        metrics.panics.inc();
    }
    for (job, body) in jobs.into_iter().zip(bodies) {
        let size = body.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| answer_one(&job, body)));
        let outcome = outcome.unwrap_or_else(|_| {
            metrics.panics.inc();
            tracing::error!(bytes = size, "scoring panicked");
            Err(Problem::new(
                Code::Internal,
                format!(
                    "{}: the service has a defect that this recording met; it is in its log",
                    job.name
                ),
            ))
        });
        finish(job, outcome, metrics);
    }
}

fn finish(job: Job, outcome: Result<Outcome, Problem>, metrics: &Metrics) {
    if let Ok(Outcome::Heard(heard)) = &outcome {
        metrics.audio_seconds.inc_by(heard.clip.duration_s);
        job.model.count(&heard.clip.scores);
    }
    job.answer(outcome);
}

fn answer_one(job: &Job, body: Body) -> Result<Outcome, Problem> {
    match job.task {
        Task::Score { .. } => score(std::slice::from_ref(job), vec![body])
            .pop()
            .unwrap_or_else(|| Err(Problem::new(Code::Internal, "the recording was lost"))),
        Task::Preview => see(job, body),
        Task::Wav => play(job, body),
    }
}

fn open(job: &Job, body: Body) -> Result<AudioReader, Problem> {
    let mut reader = AudioReader::from_bytes(body, &job.name)?;
    // What is compressed says how long it lasts; to believe it saves the work. A WAV may be cut off, and is short anyway.
    let declared_s = reader
        .declared_frames()
        .map(|frames| frames as f64 / f64::from(reader.rate_hz()));
    if let Some(seconds) =
        declared_s.filter(|s| *s > job.max_duration_s && !reader.codec().starts_with("pcm"))
    {
        return Err(Problem::from(AudioError::TooLong {
            file: job.name.clone(),
            length: format!("{seconds:.1} s"),
            max_s: job.max_duration_s,
        }));
    }
    reader.limit(ReadLimits {
        max_duration_s: Some(job.max_duration_s),
        stop: Some(Arc::clone(&job.stop)),
    });
    Ok(reader)
}

/// The outcome of each job; all are of one model.
fn score(jobs: &[Job], bodies: Vec<Body>) -> Vec<Result<Outcome, Problem>> {
    let Some(first) = jobs.first() else {
        return Vec::new();
    };
    let mut outcomes: Vec<Option<Result<Outcome, Problem>>> = Vec::with_capacity(jobs.len());
    let mut readers = Vec::with_capacity(jobs.len());
    for (job, body) in jobs.iter().zip(bodies) {
        match open(job, body) {
            Ok(reader) => {
                readers.push(reader);
                outcomes.push(None);
            }
            Err(problem) => outcomes.push(Some(Err(problem))),
        }
    }
    let opened: Vec<&Job> = jobs
        .iter()
        .zip(&outcomes)
        .filter_map(|(job, outcome)| outcome.is_none().then_some(job))
        .collect();
    let mut windows: Vec<Vec<WindowScores>> = vec![Vec::new(); readers.len()];
    let scored = first.model.scorer.score_together(&mut readers, |place, window| {
        let wanted = opened.get(place).map(|job| job.task);
        if let (Some(Task::Score { timeline: true }), Some(windows)) = (wanted, windows.get_mut(place)) {
            windows.push(window);
        }
    });
    let mut heard = scored
        .into_iter()
        .zip(windows)
        .zip(&readers)
        .map(|((clip, windows), reader)| {
            let clip: ClipScores = clip?;
            Ok(Outcome::Heard(Heard {
                clip,
                windows,
                repairs: reader.repairs(),
            }))
        });
    outcomes
        .into_iter()
        .filter_map(|outcome| outcome.or_else(|| heard.next()))
        .collect()
}

fn see(job: &Job, body: Body) -> Result<Outcome, Problem> {
    let mut reader = open(job, body)?;
    let overview = Overview::listen(&mut reader, job.model.front_end(), Stretch::default())?;
    Ok(Outcome::Seen(Box::new(Seen {
        overview,
        rate_hz: reader.rate_hz(),
        channels: reader.channels(),
        container: reader.container().name(),
        codec: reader.codec().to_owned(),
        repairs: reader.repairs(),
    })))
}

fn play(job: &Job, body: Body) -> Result<Outcome, Problem> {
    let mut reader = open(job, body)?;
    let mut resampler = Resampler::new(reader.rate_hz(), PLAYED_HZ)?;
    let mut samples = Vec::new();
    while let Some(block) = reader.next_block()? {
        resampler.push(block, &mut samples);
    }
    resampler.finish(&mut samples);
    Ok(Outcome::Wav(wav_bytes(&samples, PLAYED_HZ)))
}
