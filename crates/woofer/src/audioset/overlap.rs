use std::collections::HashMap;

use super::events::{Event, Events};
use super::time::Ms;
use super::video::SegmentId;
use super::wanted::Wanted;

/// Tells whether another class of the taxonomy sounds in a stretch.
pub(super) struct OtherClasses {
    by_clip: HashMap<SegmentId, Vec<(Ms, Ms, usize)>>,
}

impl OtherClasses {
    pub fn new(events: &Events, wanted: &Wanted) -> Self {
        let mut by_clip: HashMap<SegmentId, Vec<_>> = HashMap::new();
        for event in &events.all {
            if let Some(label) = wanted.label(event.label) {
                let entry = by_clip.entry(event.segment).or_default();
                entry.push((event.onset_ms, event.offset_ms, label.class));
            }
        }
        Self { by_clip }
    }

    /// Whether one sounds between two times of the event's clip.
    pub fn sound(&self, event: &Event, class: usize, from_ms: Ms, to_ms: Ms) -> bool {
        let Some(sounds) = self.by_clip.get(&event.segment) else {
            return false;
        };
        let meets = |&(onset, offset, _): &(Ms, Ms, usize)| onset < to_ms && offset > from_ms;
        sounds
            .iter()
            .filter(|sound| meets(sound))
            .any(|&(_, _, other)| other != class)
    }
}
