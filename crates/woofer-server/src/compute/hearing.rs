use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use woofer::audio::{AudioError, AudioReader, ReadLimits, Resampler, WavWriter};
use woofer::pipeline::{ClipScores, Overview, Stretch, WindowScores};

use super::job::{Heard, Job, Outcome, Seen, Task};
use crate::http::{Code, Counted, Problem, memory_full};
use crate::metrics::Metrics;

/// The rate of a WAV that is made to be played.
const PLAYED_HZ: u32 = 16_000;

/// The bytes of a recording, shared with whoever reads them: each can be tried once more.
type Body = Arc<Vec<u8>>;

/// A recording that says that it lasts longer, in seconds, is not scored together with others: they would wait for it.
const MAX_BATCHED_S: f64 = 30.0;

/// Nor is one that does not say how long it lasts and has more bytes: about as long a time at 16 kbit/s.
const MAX_UNTOLD_BYTES: usize = 64 << 10;

/// A job that waits, and its bytes.
struct Waiting {
    job: Job,
    body: Body,
}

/// Answers every job of a batch: the short ones together, and after them each longer one by itself.
///
/// A panic becomes the answer of the job that caused it: after one in a batch of several, each is tried by itself.
pub fn answer_batch(jobs: Vec<Job>, metrics: &Metrics) {
    let waiting: Vec<Waiting> = jobs
        .into_iter()
        .filter(|job| !job.is_unwanted())
        .map(|mut job| Waiting {
            body: Arc::new(std::mem::take(&mut job.upload.bytes)),
            job,
        })
        .collect();
    if waiting.len() > 1 {
        let open_all = || {
            waiting
                .iter()
                .map(|one| open(&one.job, Arc::clone(&one.body)))
                .collect()
        };
        let opened: std::thread::Result<Vec<_>> = catch_unwind(AssertUnwindSafe(open_all));
        if let Ok(opened) = opened {
            let waiting = waiting.into_iter().zip(opened);
            let (short, long): (Vec<_>, Vec<_>) = waiting
                .partition(|(one, reader)| reader.as_ref().map_or(true, |reader| is_short(one, reader)));
            answer_together(short, metrics);
            for (one, reader) in long {
                answer_alone(one, Some(reader), metrics);
            }
            return;
        }
        metrics.panics.inc();
    }
    for one in waiting {
        answer_alone(one, None, metrics);
    }
}

/// Whether others need not wait for it, as far as it tells.
fn is_short(one: &Waiting, reader: &AudioReader) -> bool {
    declared_s(reader).map_or(one.body.len() <= MAX_UNTOLD_BYTES, |seconds| {
        seconds <= MAX_BATCHED_S
    })
}

/// Answers several that were opened.
fn answer_together(opened: Vec<(Waiting, Result<AudioReader, Problem>)>, metrics: &Metrics) {
    let (waiting, readers): (Vec<Waiting>, Vec<_>) = opened.into_iter().unzip();
    let jobs: Vec<&Job> = waiting.iter().map(|one| &one.job).collect();
    let outcomes = catch_unwind(AssertUnwindSafe(|| score(&jobs, readers)));
    if let Ok(outcomes) = outcomes {
        for (one, outcome) in waiting.into_iter().zip(outcomes) {
            finish(one.job, outcome, metrics);
        }
        return;
    }
    metrics.panics.inc();
    for one in waiting {
        answer_alone(one, None, metrics);
    }
}

/// Answers one, which may have been opened.
fn answer_alone(one: Waiting, reader: Option<Result<AudioReader, Problem>>, metrics: &Metrics) {
    let Waiting { job, body } = one;
    let size = body.len();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        answer_one(&job, reader.unwrap_or_else(|| open(&job, body)))
    }));
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

fn finish(job: Job, outcome: Result<Outcome, Problem>, metrics: &Metrics) {
    if let Ok(Outcome::Heard(heard)) = &outcome {
        metrics.audio_seconds.inc_by(heard.clip.duration_s);
        job.model.count(&heard.clip.scores);
    }
    job.answer(outcome);
}

fn answer_one(job: &Job, reader: Result<AudioReader, Problem>) -> Result<Outcome, Problem> {
    match job.task {
        Task::Score { .. } => score(&[job], vec![reader])
            .pop()
            .unwrap_or_else(|| Err(Problem::new(Code::Internal, "the recording was lost"))),
        Task::Preview => see(job, reader?),
        Task::Wav => play(job, reader?),
    }
}

/// How long a recording says that it lasts, in seconds.
fn declared_s(reader: &AudioReader) -> Option<f64> {
    let frames = reader.declared_frames()?;
    Some(frames as f64 / f64::from(reader.rate_hz()))
}

fn open(job: &Job, body: Body) -> Result<AudioReader, Problem> {
    let mut reader = AudioReader::from_bytes(body, &job.name)?;
    // What is compressed says how long it lasts; to believe it saves the work. A WAV may be cut off, and is short anyway.
    let is_plain = reader.codec().starts_with("pcm");
    if let Some(seconds) = declared_s(&reader).filter(|s| *s > job.max_duration_s && !is_plain) {
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
fn score(jobs: &[&Job], opened: Vec<Result<AudioReader, Problem>>) -> Vec<Result<Outcome, Problem>> {
    let Some(first) = jobs.first() else {
        return Vec::new();
    };
    let mut outcomes: Vec<Option<Result<Outcome, Problem>>> = Vec::with_capacity(jobs.len());
    let mut readers = Vec::with_capacity(jobs.len());
    for reader in opened {
        match reader {
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
        .filter_map(|(job, outcome)| outcome.is_none().then_some(*job))
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

fn see(job: &Job, mut reader: AudioReader) -> Result<Outcome, Problem> {
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

fn play(job: &Job, mut reader: AudioReader) -> Result<Outcome, Problem> {
    let mut resampler = Resampler::new(reader.rate_hz(), PLAYED_HZ)?;
    // Writing into memory fails where no more may be held, and for nothing else.
    let full = |_: io::Error| memory_full();
    let mut wav = WavWriter::new(Counted::new(job.upload.another_hold()), PLAYED_HZ).map_err(full)?;
    let mut samples = Vec::new();
    while let Some(block) = reader.next_block()? {
        resampler.push(block, &mut samples);
        wav.push(&samples).map_err(full)?;
        samples.clear();
    }
    resampler.finish(&mut samples);
    wav.push(&samples).map_err(full)?;
    Ok(Outcome::Wav(wav.finish().map_err(full)?))
}
