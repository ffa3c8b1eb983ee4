/// How far a training is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<'a> {
    /// Clips have been read, and what is frozen has been run on them.
    Heard {
        /// Clips done.
        done: usize,
        /// Of so many.
        clips: usize,
    },
    /// A step has been taken.
    Step {
        /// The fold, or all clips.
        run: &'a str,
        /// The epoch, counted from 1.
        epoch: usize,
        /// Of so many.
        epochs: usize,
        /// The step in the epoch, counted from 1.
        step: usize,
        /// Of so many.
        steps: usize,
        /// Loss of the step.
        loss: f32,
        /// Segments trained on in a second, of this epoch so far.
        segments_per_s: f64,
    },
    /// An epoch is done.
    Epoch {
        /// The fold, or all clips.
        run: &'a str,
        /// The epoch, counted from 1.
        epoch: usize,
        /// Of so many.
        epochs: usize,
        /// Mean loss over the epoch.
        loss: f32,
        /// Weighted one-vs-rest AUC on the clips that were not trained on, if there are any.
        auc: Option<f64>,
        /// Segments trained on in a second.
        segments_per_s: f64,
    },
    /// How strongly a refitted head is drawn to its start was chosen.
    PullChosen {
        /// The fold, or all clips.
        run: &'a str,
        /// The recipe's `refit.pull` that was best.
        pull: f64,
    },
    /// A run is taken up where it was interrupted, or was done already.
    Resumed {
        /// The fold, or all clips.
        run: &'a str,
        /// Epochs that were done.
        epochs: usize,
    },
}

/// Who is told how far a training is.
pub trait Watch: Sync {
    /// Something was done.
    fn on(&self, progress: &Progress<'_>);
}
