use woofer::audioset::{Plan, PlannedCut};

use super::journal::{Entries, Entry, State};
use super::settings::FetchSettings;

/// The cuts of a plan that are still to be made, by video.
///
/// A clip that is there and was made from the same stretch at the same sample rate is not made again. One that is gone is
/// not tried again unless that is wanted.
#[must_use]
pub fn pending<'a>(plan: &'a Plan, entries: &Entries, settings: &FetchSettings) -> Vec<Vec<&'a PlannedCut>> {
    let has_rate = |entry: &Entry| entry.rate_hz.is_none_or(|rate_hz| rate_hz == settings.rate_hz);
    let is_pending = |cut: &&PlannedCut| match entries.get(&cut.file).filter(|entry| entry.is_of(cut)) {
        Some(entry) => match entry.state {
            State::Done => !has_rate(entry) || !settings.folder.join(&cut.file).is_file(),
            State::Gone => settings.retry_gone,
            State::Retry => true,
        },
        None => true,
    };
    plan.by_video()
        .map(|cuts| cuts.iter().filter(is_pending).collect::<Vec<_>>())
        .filter(|cuts| !cuts.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::super::run::{place, without_clip};
    use super::super::sections::cut;
    use super::super::yt_dlp::Refused;
    use super::*;
    use crate::audioset::Reason;

    #[test]
    fn a_clip_is_pending_at_another_rate_and_not_where_an_older_journal_tells_none() {
        let dir = tempfile::tempdir().unwrap();
        let settings = |rate_hz, retry_gone| FetchSettings {
            folder: dir.path().to_owned(),
            rate_hz,
            jobs: 1,
            per_minute: 1.0,
            time_limit: Duration::ZERO,
            tries: 1,
            pause: Duration::ZERO,
            yt_dlp: "yt-dlp".into(),
            ffmpeg: "ffmpeg".into(),
            proxy: None,
            cookies: None,
            cookies_from_browser: None,
            more_args: Vec::new(),
            retry_gone,
        };
        let plan = Plan {
            cuts: vec![cut("abcdefghijk", 0, 1_000), cut("abcdefghijk", 2_000, 3_000)],
        };
        let clip = dir.path().join("clip.tmp");
        fs::write(&clip, "").unwrap();
        let done = place(
            &settings(16_000, false),
            &plan.cuts[0],
            &clip,
            1_000,
            "",
            String::new(),
        );
        let refused = Refused::new(Reason::Private, "");
        let gone = without_clip(&plan.cuts[1], State::Gone, &refused, String::new());
        let mut entries: Entries = [done.unwrap(), gone]
            .into_iter()
            .map(|entry| (entry.file.clone(), entry))
            .collect();
        let count = |entries: &Entries, rate_hz, retry_gone| {
            let videos = pending(&plan, entries, &settings(rate_hz, retry_gone));
            videos.iter().map(Vec::len).sum::<usize>()
        };
        assert_eq!(count(&entries, 16_000, false), 0);
        assert_eq!(count(&entries, 32_000, false), 1);
        assert_eq!(count(&entries, 32_000, true), 2);
        for entry in entries.values_mut() {
            entry.rate_hz = None;
        }
        assert_eq!(count(&entries, 32_000, false), 0);
    }
}
