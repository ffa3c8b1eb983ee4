use std::path::Path;
use std::time::Instant;

use super::segments::SegmentList;
use super::summary::Summary;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{FileOutcome, FileResult, RankedWindow, Results, counted};

/// What came of all files, and where it goes.
pub struct Tally<'a> {
    pub results: Option<Results<'a>>,
    pub segments: Option<SegmentList<'a>>,
    pub summary: Option<Summary>,
    /// Whether the windows of the only file were told while it was heard.
    told_by_windows: bool,
    scored: usize,
    failed: usize,
    skipped: usize,
    /// Files that were scored and whose events could not be cut out.
    uncut: usize,
    seconds: f64,
    started: Instant,
}

impl<'a> Tally<'a> {
    /// Begins to count, from now on.
    pub fn new(
        results: Option<Results<'a>>,
        segments: Option<SegmentList<'a>>,
        summary: Option<Summary>,
    ) -> Self {
        Self {
            results,
            segments,
            summary,
            told_by_windows: false,
            scored: 0,
            failed: 0,
            skipped: 0,
            uncut: 0,
            seconds: 0.0,
            started: Instant::now(),
        }
    }
}

impl Tally<'_> {
    /// A window of a file that is still heard.
    pub fn take_window(&mut self, path: &Path, window: RankedWindow) -> anyhow::Result<()> {
        self.told_by_windows = true;
        match &mut self.results {
            Some(results) => results.write_windows(path, &[window]),
            None => Ok(()),
        }
    }

    pub fn take(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let path = result.path.display();
        match &result.outcome {
            FileOutcome::Scored(scored) => {
                self.scored += 1;
                self.seconds += scored.clip.duration_s;
                if !scored.repairs.is_clean() {
                    logging::warning(&format!("{path}: {}", scored.repairs));
                }
                if let Err(reason) = &scored.segments {
                    self.uncut += 1;
                    logging::error(reason);
                }
            }
            FileOutcome::Failed(reason) => {
                self.failed += 1;
                logging::error(reason);
            }
            FileOutcome::Skipped => {
                self.skipped += 1;
                logging::detail(&format!("{path}: not audio, skipped"));
                return Ok(());
            }
        }
        let is_told = self.told_by_windows && matches!(result.outcome, FileOutcome::Scored(_));
        if let Some(results) = self.results.as_mut().filter(|_| !is_told) {
            results.write(result)?;
        }
        if let Some(segments) = &mut self.segments {
            segments.write(result)?;
        }
        if let Some(summary) = &mut self.summary {
            summary.take(result);
        }
        Ok(())
    }

    pub fn report(&self, files: usize) {
        let took = self.started.elapsed().as_secs_f64();
        logging::detail(&format!(
            "{}, {:.1} s of sound in {took:.2} s ({:.0} times real time)",
            counted(self.scored, "file"),
            self.seconds,
            self.seconds / took.max(1e-9)
        ));
        if self.failed > 0 && files > 1 {
            logging::warning(&format!(
                "{} of {} recordings failed",
                self.failed,
                self.failed + self.scored
            ));
        }
        if self.scored + self.failed == 0 {
            logging::error(&format!("none of the {} files found is audio", self.skipped));
        }
    }

    pub const fn outcome(&self) -> Outcome {
        match (self.scored, self.failed + self.uncut) {
            (0, _) => Outcome::NothingDone,
            (_, 0) => Outcome::Done,
            _ => Outcome::SomeFailed,
        }
    }
}
