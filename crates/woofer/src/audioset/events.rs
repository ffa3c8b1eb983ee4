use std::collections::HashSet;
use std::path::Path;

use super::error::AudioSetError;
use super::names::NameTable;
use super::strong::{StrongCount, StrongRow, read_strong};
use super::time::Ms;
use super::video::{SegmentId, VideoId};
use super::wanted::Wanted;
use super::weak::{WeakCount, read_weak};

/// A sound that a table tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// The clip.
    pub segment: SegmentId,
    /// Where it begins within the clip.
    pub onset_ms: Ms,
    /// Where it ends within the clip.
    pub offset_ms: Ms,
    /// Index into [`Wanted::labels`].
    pub label: u16,
    /// It is heard somewhere in this stretch, not all along.
    pub weak: bool,
}

impl Event {
    /// How long it lasts.
    #[must_use]
    pub const fn length_ms(&self) -> Ms {
        self.offset_ms - self.onset_ms
    }
}

/// The events of some tables that a taxonomy's labels are named for, in the order of the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// All of them: of labels that are a source, and of those that only tell what else sounds.
    pub all: Vec<Event>,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Events.
    pub events: usize,
    /// Different clips of ten seconds.
    pub clips: usize,
    /// Different videos.
    pub videos: usize,
    /// The length of the events together.
    pub length_ms: u64,
}

impl Events {
    /// Adds the events of a strong table; `each` sees every row, also those that are not wanted.
    ///
    /// # Errors
    /// As [`read_strong`].
    pub fn add_strong(
        &mut self,
        path: &Path,
        names: &NameTable,
        wanted: &Wanted,
        mut each: impl FnMut(&StrongRow<'_>, bool) -> Result<(), AudioSetError>,
    ) -> Result<StrongCount, AudioSetError> {
        let by_name = wanted.by_name_table(names);
        read_strong(path, names, |row| {
            let label = by_name.get(usize::from(row.label)).copied().flatten();
            let is_source = label
                .and_then(|label| wanted.label(label))
                .is_some_and(|label| label.is_source);
            if let Some(label) = label {
                self.all.push(Event {
                    segment: row.segment,
                    onset_ms: row.onset_ms,
                    offset_ms: row.offset_ms,
                    label,
                    weak: false,
                });
            }
            each(&row, is_source)
        })
    }

    /// Adds the segments of a weak table, but only for fine labels of which no event is there yet from a strong one.
    ///
    /// # Errors
    /// As [`read_weak`].
    pub fn add_weak(&mut self, path: &Path, wanted: &Wanted) -> Result<WeakCount, AudioSetError> {
        let strong: HashSet<usize> = self
            .all
            .iter()
            .filter(|event| !event.weak)
            .filter_map(|event| wanted.label(event.label))
            .filter(|label| label.is_source)
            .map(|label| label.fine)
            .collect();
        read_weak(path, |row| {
            for mid in row.mids() {
                let Some(index) = wanted.index(mid) else { continue };
                let lacking = wanted
                    .label(index)
                    .is_some_and(|label| label.is_source && !strong.contains(&label.fine));
                if lacking {
                    self.all.push(Event {
                        segment: row.segment,
                        onset_ms: 0,
                        offset_ms: row.length_ms,
                        label: index,
                        weak: true,
                    });
                }
            }
        })
    }

    /// How much there is of what a choice of labels and strengths tells.
    #[must_use]
    pub fn amount(&self, choice: impl Fn(&Event) -> bool) -> Amount {
        let mut amount = Amount::default();
        let mut clips: HashSet<SegmentId> = HashSet::new();
        let mut videos: HashSet<VideoId> = HashSet::new();
        for event in self.all.iter().filter(|event| choice(event)) {
            amount.events += 1;
            amount.length_ms += u64::from(event.length_ms());
            clips.insert(event.segment);
            videos.insert(event.segment.video);
        }
        amount.clips = clips.len();
        amount.videos = videos.len();
        amount
    }
}
