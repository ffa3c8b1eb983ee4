use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use woofer::audio::{AudioError, AudioReader, ReadLimits};
use woofer::events::EventFinder;
use woofer::pipeline::{PipelineError, Scorer, WindowScores};
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
    /// What becomes of windows, of which the selection takes what it wants.
    pub windows: Windows,
    pub wanted: &'a Wanted,
    pub segments: Option<&'a SegmentFolder>,
}

/// What becomes of the windows of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// They are not asked for.
    Dropped,
    /// They stand in the result.
    Kept,
    /// Each is handed over when it was heard; for a single input.
    HandedOver,
}

/// What is handed over.
pub enum Heard {
    /// A window of an input that is still heard.
    Window(PathBuf, RankedWindow),
    /// What came of an input.
    File(FileResult),
}

/// Does the job for all inputs on all threads of the pool and hands over the results in the order of the inputs.
///
/// Ends early when `take` fails.
pub fn run(
    job: &Job<'_>,
    inputs: &[Input],
    progress: &Progress,
    mut take: impl FnMut(Heard) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let work = |sender: mpsc::Sender<(usize, Heard)>| {
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(place) else { break };
            let hand_over = |window| {
                // Where nobody takes it any more, `stop` ends the reading.
                let _ = sender.send((place, Heard::Window(input.path.clone(), window)));
            };
            let result = FileResult {
                outcome: score(job, input, progress, &stop, hand_over),
                path: input.path.clone(),
                name: input.name.clone(),
            };
            progress.file_done();
            if sender.send((place, Heard::File(result))).is_err() {
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
        let mut take = |heard| take(heard).inspect_err(|_| stop.store(true, Ordering::Relaxed));
        for (place, heard) in receiver {
            let Heard::File(result) = heard else {
                take(heard)?;
                continue;
            };
            waiting.insert(place, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                take(Heard::File(result))?;
            }
        }
        Ok(())
    })
}

fn score(
    job: &Job<'_>,
    input: &Input,
    progress: &Progress,
    stop: &Arc<AtomicBool>,
    hand_over: impl Fn(RankedWindow),
) -> FileOutcome {
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
    reader.limit(ReadLimits {
        max_duration_s: None,
        stop: Some(Arc::clone(stop)),
    });
    let mut windows = Vec::new();
    let mut finder = job.wanted.rule.clone().map(EventFinder::new);
    let on_window = |window: WindowScores| {
        progress.heard_until(window.offset_s);
        if let Some(finder) = &mut finder {
            finder.push(window.onset_s, window.offset_s, &window.scores);
        }
        let ranked = || RankedWindow {
            onset_s: window.onset_s,
            offset_s: window.offset_s,
            best: job.wanted.selection.ranking(&window.scores),
        };
        match job.windows {
            Windows::Dropped => {}
            Windows::Kept => windows.push(ranked()),
            Windows::HandedOver => hand_over(ranked()),
        }
    };
    let outcome = if job.windows == Windows::HandedOver {
        job.scorer.score_as_it_comes(&mut reader, on_window)
    } else {
        job.scorer.score(&mut reader, on_window)
    };
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
