use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use woofer::audio::{AudioError, AudioReader};
use woofer::events::EventFinder;
use woofer::pipeline::{PipelineError, Scorer};
use woofer::with_causes;

use super::inputs::Input;
use super::is_standard_input;
use super::segments::SegmentFolder;
use super::wanted::Wanted;
use crate::output::{FileOutcome, FileResult, RankedWindow, ScoredFile};
use crate::progress::Progress;

/// What is done with each input.
pub struct Job<'a> {
    pub scorer: &'a Scorer,
    /// Whether windows are kept, as far as the selection wants them.
    pub timeline: bool,
    pub wanted: &'a Wanted,
    pub segments: Option<&'a SegmentFolder>,
}

/// Does the job for all inputs on all threads of the pool and hands over the results in the order of the inputs.
///
/// Ends early when `take` fails.
pub fn run(
    job: &Job<'_>,
    inputs: &[Input],
    progress: &Progress,
    mut take: impl FnMut(FileResult) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    let work = |sender: mpsc::Sender<(usize, FileResult)>| {
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(place) else { break };
            let result = FileResult {
                outcome: score(job, input, progress),
                path: input.path.clone(),
                name: input.name.clone(),
            };
            progress.file_done();
            if sender.send((place, result)).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        // One loop on each thread of the pool, on which segments and layers run too: with one thread
        // all of it is that thread's own work.
        let work = &work;
        scope.spawn(move || rayon::broadcast(|_| work(sender.clone())));
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (place, result) in receiver {
            waiting.insert(place, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                if let Err(error) = take(result) {
                    stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    })
}

fn score(job: &Job<'_>, input: &Input, progress: &Progress) -> FileOutcome {
    let opened = if is_standard_input(&input.path) {
        AudioReader::from_stream(Box::new(std::io::stdin()), "-")
    } else {
        AudioReader::open(&input.path)
    };
    let mut reader = match opened {
        Ok(reader) => reader,
        // What is known and has no sound in it, such as the picture beside the recordings, is no fault either.
        Err(AudioError::NotAudio { .. } | AudioError::Empty { .. } | AudioError::Unsupported { .. })
            if !input.promised =>
        {
            return FileOutcome::Skipped;
        }
        Err(error) => return FileOutcome::Failed(with_causes(&error)),
    };
    progress.file_begins(&reader);
    let mut windows = Vec::new();
    let mut finder = job.wanted.rule.clone().map(EventFinder::new);
    let outcome = job.scorer.score(&mut reader, |window| {
        progress.heard_until(window.offset_s);
        if let Some(finder) = &mut finder {
            finder.push(window.onset_s, window.offset_s, &window.scores);
        }
        if job.timeline {
            windows.push(RankedWindow {
                onset_s: window.onset_s,
                offset_s: window.offset_s,
                best: job.wanted.selection.ranking(&window.scores),
            });
        }
    });
    let clip = match outcome {
        Ok(clip) => clip,
        Err(PipelineError::Audio(error)) => return FileOutcome::Failed(with_causes(&error)),
        Err(error) => return FileOutcome::Failed(format!("{}: {error}", input.path.display())),
    };
    let events = finder.map(EventFinder::finish).unwrap_or_default();
    let segments = job.segments.map_or_else(
        || Ok(Vec::new()),
        |folder| folder.cut(&input.path, &input.name, &events),
    );
    FileOutcome::Scored(Box::new(ScoredFile {
        rate_hz: reader.rate_hz(),
        clip,
        windows,
        events,
        segments,
        repairs: reader.repairs(),
    }))
}
