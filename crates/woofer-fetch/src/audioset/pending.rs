use std::path::Path;

use woofer::audioset::{Plan, PlannedCut};

use super::journal::{Entries, State};

/// The cuts of a plan that are still to be made, by video.
///
/// A clip that is there and was made from the same stretch is not made again. One that is gone is not tried again
/// unless that is wanted.
#[must_use]
pub fn pending<'a>(
    plan: &'a Plan,
    entries: &Entries,
    folder: &Path,
    retry_gone: bool,
) -> Vec<Vec<&'a PlannedCut>> {
    let is_pending = |cut: &&PlannedCut| match entries.get(&cut.file).filter(|entry| entry.is_of(cut)) {
        Some(entry) => match entry.state {
            State::Done => !folder.join(&cut.file).is_file(),
            State::Gone => retry_gone,
            State::Retry => true,
        },
        None => true,
    };
    plan.by_video()
        .map(|cuts| cuts.iter().filter(is_pending).collect::<Vec<_>>())
        .filter(|cuts| !cuts.is_empty())
        .collect()
}
