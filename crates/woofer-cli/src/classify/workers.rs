use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use woofer::audio::{AudioError, AudioReader};
use woofer::pipeline::{PipelineError, Scorer};

use super::inputs::Input;
use super::is_standard_input;
use crate::logging::with_causes;
use crate::output::{FileOutcome, FileResult, RankedWindow, ScoredFile, ranking};
use crate::progress::Progress;

/// Scores all inputs on all threads of the pool and hands over the results in the order of the inputs.
///
/// `timeline` is the number of classes to keep for each window, or none for no windows. Ends early
/// when `take` fails.
pub fn run(
    scorer: &Scorer,
    inputs: &[Input],
    timeline: Option<usize>,
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
            let outcome = score(scorer, input, timeline, progress);
            progress.file_done();
            let path = input.path.clone();
            if sender.send((place, FileResult { path, outcome })).is_err() {
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

fn score(scorer: &Scorer, input: &Input, timeline: Option<usize>, progress: &Progress) -> FileOutcome {
    let opened = if is_standard_input(&input.path) {
        AudioReader::from_stream(Box::new(std::io::stdin()), "-")
    } else {
        AudioReader::open(&input.path)
    };
    let mut reader = match opened {
        Ok(reader) => reader,
        Err(AudioError::NotAudio { .. } | AudioError::Empty { .. }) if !input.promised => {
            return FileOutcome::Skipped;
        }
        Err(error) => return FileOutcome::Failed(with_causes(&error)),
    };
    progress.file_begins(&reader);
    let mut windows = Vec::new();
    let outcome = scorer.score(&mut reader, |window| {
        progress.heard_until(window.offset_s);
        if let Some(top_k) = timeline {
            windows.push(RankedWindow {
                onset_s: window.onset_s,
                offset_s: window.offset_s,
                best: ranking(&window.scores, top_k),
            });
        }
    });
    match outcome {
        Ok(clip) => FileOutcome::Scored(Box::new(ScoredFile {
            clip,
            windows,
            repairs: reader.repairs(),
        })),
        Err(PipelineError::Audio(error)) => FileOutcome::Failed(with_causes(&error)),
        Err(error) => FileOutcome::Failed(format!("{}: {error}", input.path.display())),
    }
}
