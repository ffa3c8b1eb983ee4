use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use woofer::audio::AudioReader;

use crate::logging;

/// Work shorter than this shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on stderr: over files, or over the length of a single one; nothing when stderr is no terminal.
pub struct Progress {
    started: Instant,
    files: usize,
    files_done: AtomicUsize,
    /// Declared length of a single recording in seconds; 0 when unknown or when there are several.
    length_s: AtomicU64,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    pub fn new(files: usize) -> Self {
        Self {
            started: Instant::now(),
            files,
            files_done: AtomicUsize::new(0),
            length_s: AtomicU64::new(0),
            bar: Mutex::new(None),
        }
    }

    /// A file is open.
    pub fn file_begins(&self, reader: &AudioReader) {
        if let (1, Some(frames)) = (self.files, reader.declared_frames()) {
            self.length_s
                .store(frames / u64::from(reader.rate_hz().max(1)), Ordering::Relaxed);
        }
    }

    /// A file has been heard up to here.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time, never below 0"
    )]
    pub fn heard_until(&self, seconds: f64) {
        if self.files == 1 {
            self.show(
                seconds as u64,
                self.length_s.load(Ordering::Relaxed),
                "s of sound",
            );
        }
    }

    /// A file is done.
    pub fn file_done(&self) {
        let done = self.files_done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.files > 1 {
            self.show(done as u64, self.files as u64, "files");
        }
    }

    fn show(&self, done: u64, total: u64, unit: &'static str) {
        if logging::is_quiet() || self.started.elapsed() < PATIENCE {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        let bar = bar.get_or_insert_with(|| {
            let template = if total > 0 {
                "{bar:30} {pos} of {len} {msg}, {elapsed} gone, {eta} left"
            } else {
                "{spinner} {pos} {msg}, {elapsed} gone"
            };
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            // A length that the header does not tell, or tells too short, makes no bar run over.
            let bar = if total > 0 {
                ProgressBar::new(total)
            } else {
                ProgressBar::no_length()
            };
            bar.with_style(style).with_message(unit)
        });
        bar.set_position(done);
    }

    /// Runs `print` with the bar out of the way.
    pub fn hide<T>(&self, print: impl FnOnce() -> T) -> T {
        let bar = self.bar.lock().ok().and_then(|bar| bar.clone());
        match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.lock().ok().and_then(|mut bar| bar.take()) {
            bar.finish_and_clear();
        }
    }
}
