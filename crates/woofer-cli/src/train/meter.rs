//! How far a training is, on stderr: a line that is rewritten on a terminal, a line an epoch elsewhere with -v.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use woofer_nn::training::{Progress, Watch};

use crate::logging;

/// Shows a training's progress.
pub struct Meter {
    bar: ProgressBar,
    /// All epochs of all runs.
    total: usize,
    state: Mutex<State>,
}

struct State {
    /// Epochs done, in all runs.
    done: usize,
    /// Epochs that were done before this process began.
    before: usize,
    began: Instant,
}

impl Meter {
    /// For a training of so many runs and epochs in each.
    pub fn new(runs: usize, epochs: usize) -> Self {
        let bar = if logging::is_quiet() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            total: runs * epochs,
            state: Mutex::new(State {
                done: 0,
                before: 0,
                began: Instant::now(),
            }),
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Time left, once there is something to tell it by.
    fn left(&self, state: &State, within: f64) -> String {
        let new = (state.done - state.before) as f64 + within;
        if new < 0.01 {
            return String::new();
        }
        let ahead = self.total.saturating_sub(state.done) as f64 - within;
        let seconds = state.began.elapsed().as_secs_f64() / new * ahead.max(0.0);
        let left = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        format!(", {} left", HumanDuration(left))
    }
}

impl Watch for Meter {
    fn on(&self, progress: &Progress<'_>) {
        let Ok(mut state) = self.state.lock() else { return };
        match progress {
            Progress::Heard { done, clips } => {
                self.bar.set_length(*clips as u64);
                self.bar.set_position(*done as u64);
                self.bar.set_message(format!("{done} of {clips} clips heard"));
                state.began = Instant::now();
            }
            Progress::Step {
                run,
                epoch,
                epochs,
                step,
                steps,
                loss,
                segments_per_s,
            } => {
                let within = *step as f64 / (*steps).max(1) as f64;
                self.bar.set_length((self.total * 1000) as u64);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a place on a bar"
                )]
                self.bar
                    .set_position((state.done as f64 * 1000.0 + within * 1000.0) as u64);
                self.bar.set_message(format!(
                    "{run}, epoch {epoch} of {epochs}: loss {loss:.4}, {segments_per_s:.0} clips/s{}",
                    self.left(&state, within)
                ));
            }
            Progress::Epoch {
                run,
                epoch,
                epochs,
                loss,
                auc,
                segments_per_s,
            } => {
                state.done += 1;
                let auc = auc.map_or_else(|| "n/a".to_owned(), |auc| format!("{auc:.4}"));
                let line = format!(
                    "{run}, epoch {epoch} of {epochs}: loss {loss:.4}, AUC {auc}, {segments_per_s:.0} clips/s{}",
                    self.left(&state, 0.0)
                );
                self.bar.suspend(|| logging::detail(&line));
            }
            Progress::PullChosen { run, pull } => {
                let line = format!("{run}: refit.pull {pull} was chosen");
                self.bar.suspend(|| logging::detail(&line));
            }
            Progress::Resumed { run, epochs } => {
                state.done += epochs;
                state.before += epochs;
                let line = format!("{run}: {epochs} epochs were done already");
                self.bar.suspend(|| logging::detail(&line));
            }
        }
    }
}
