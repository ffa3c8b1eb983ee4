use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use woofer::audioset::Plan;

use super::journal::{Entries, State};
use super::reason::Reason;

/// How it stands with a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Status {
    /// Cuts of the plan.
    pub cuts: usize,
    /// Videos that they are in.
    pub videos: usize,
    /// Clips that are there.
    pub done: usize,
    /// Cuts that cannot be had.
    pub gone: usize,
    /// Cuts that may be had another time.
    pub retry: usize,
    /// Cuts that were not tried yet; also those whose clip was removed or whose times were changed since.
    pub untried: usize,
    /// Why cuts cannot be had.
    pub gone_reasons: BTreeMap<Reason, usize>,
    /// Why cuts are to be tried again.
    pub retry_reasons: BTreeMap<Reason, usize>,
    /// Clips that are there and shorter than planned.
    pub shortened: usize,
    /// The length of the clips that are there, in seconds.
    pub done_s: f64,
    /// The length of all cuts of the plan, in seconds.
    pub planned_s: f64,
    /// The size of the clips that are there.
    pub bytes: u64,
    /// By class and fine label.
    pub labels: Vec<LabelStatus>,
}

/// How it stands with a fine label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelStatus {
    /// The class's name.
    pub class: String,
    /// The fine label's name.
    pub fine: String,
    /// Clips that are there.
    pub done: usize,
    /// Cuts of the plan.
    pub planned: usize,
}

impl Status {
    /// Compares a plan with a journal and with the clips in a folder.
    #[must_use]
    pub fn new(plan: &Plan, entries: &Entries, folder: &Path) -> Self {
        let mut status = Self {
            cuts: plan.cuts.len(),
            videos: plan.by_video().count(),
            ..Self::default()
        };
        let mut labels: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for cut in &plan.cuts {
            let planned_ms = cut.end_ms - cut.start_ms;
            status.planned_s += f64::from(planned_ms) / 1_000.0;
            let label = labels.entry((&cut.class, &cut.fine)).or_default();
            label.1 += 1;
            let entry = entries.get(&cut.file).filter(|entry| entry.is_of(cut));
            match entry.map(|entry| (entry, entry.state)) {
                Some((entry, State::Done)) if folder.join(&cut.file).is_file() => {
                    label.0 += 1;
                    status.done += 1;
                    let length_ms = entry.length_ms.unwrap_or_else(|| planned_ms.into());
                    status.done_s += length_ms as f64 / 1_000.0;
                    status.bytes += entry.bytes.unwrap_or(0);
                    status.shortened += usize::from(!entry.detail.is_empty());
                }
                Some((entry, State::Gone)) => {
                    status.gone += 1;
                    *status
                        .gone_reasons
                        .entry(entry.reason.unwrap_or(Reason::Unavailable))
                        .or_default() += 1;
                }
                Some((entry, State::Retry)) => {
                    status.retry += 1;
                    *status
                        .retry_reasons
                        .entry(entry.reason.unwrap_or(Reason::ToolFailed))
                        .or_default() += 1;
                }
                Some((_, State::Done)) | None => status.untried += 1,
            }
        }
        let labels = labels
            .into_iter()
            .map(|((class, fine), (done, planned))| LabelStatus {
                class: class.to_owned(),
                fine: fine.to_owned(),
                done,
                planned,
            });
        status.labels = labels.collect();
        status
    }

    /// Whether nothing is left to be done.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.retry == 0 && self.untried == 0
    }
}
