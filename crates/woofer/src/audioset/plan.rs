use std::collections::{HashMap, HashSet};

use super::choose::{Budget, choose};
use super::events::{Event, Events};
use super::overlap::OtherClasses;
use super::time::Ms;
use super::video::VideoId;
use super::wanted::Wanted;
use crate::taxonomy::Taxonomy;

/// Which events are to be cut, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRules {
    /// Shorter events are left out.
    pub min_length_ms: Ms,
    /// Of longer events the middle is taken.
    pub max_length_ms: Ms,
    /// Leave out cuts in which another class of the taxonomy sounds.
    pub exclude_overlap: bool,
    /// How many to take.
    pub budget: Budget,
    /// Decides which are taken when there are more.
    pub seed: u64,
}

impl Default for PlanRules {
    /// The original's: every event, and the middle 5 s of longer ones.
    fn default() -> Self {
        Self {
            min_length_ms: 0,
            max_length_ms: 5_000,
            exclude_overlap: false,
            budget: Budget::default(),
            seed: 0,
        }
    }
}

/// A piece of a video that is to become a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCut {
    /// The clip's file name: the video's id, `_`, the number of this cut among the video's, and `.wav`.
    pub file: String,
    /// The video.
    pub video: VideoId,
    /// Where the cut begins in the video.
    pub start_ms: Ms,
    /// Where it ends in the video.
    pub end_ms: Ms,
    /// The class's name.
    pub class: String,
    /// The fine label's name.
    pub fine: String,
    /// The AudioSet label.
    pub mid: String,
    /// Its name.
    pub name: String,
    /// Where AudioSet's ten-second clip begins in the video; none if the plan does not tell.
    pub clip_start_ms: Option<Ms>,
    /// Where the event begins in that clip.
    pub onset_ms: Ms,
    /// Where it ends in that clip.
    pub offset_ms: Ms,
    /// The sound is somewhere in the cut, if at all.
    pub weak: bool,
}

/// The cuts to be made, by video.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Sorted by video, then by time.
    pub cuts: Vec<PlannedCut>,
}

/// What was left out of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Shorter than wanted.
    pub too_short: usize,
    /// Another class sounds in them.
    pub overlapping: usize,
    /// A cut of the same stretch of the same video with another label of the same fine label is there already.
    pub same_cut: usize,
    /// More than the budget.
    pub over_budget: usize,
}

/// The middle of an event, at most so long: within the clip, from and to.
#[must_use]
pub fn middle(event: &Event, max_length_ms: Ms) -> (Ms, Ms) {
    let surplus = event.length_ms().saturating_sub(max_length_ms);
    let from = event.onset_ms + surplus / 2;
    (from, from + event.length_ms().min(max_length_ms))
}

impl Plan {
    /// Plans cuts of the events whose labels are a source.
    #[must_use]
    pub fn make(events: &Events, wanted: &Wanted, taxonomy: &Taxonomy, rules: &PlanRules) -> (Self, LeftOut) {
        let mut left_out = LeftOut::default();
        let others = rules.exclude_overlap.then(|| OtherClasses::new(events, wanted));
        let mut taken = HashSet::new();
        let mut usable = Vec::new();
        for event in &events.all {
            let Some(label) = wanted.label(event.label).filter(|label| label.is_source) else {
                continue;
            };
            if event.length_ms() < rules.min_length_ms {
                left_out.too_short += 1;
                continue;
            }
            let (from, to) = middle(event, rules.max_length_ms);
            if others
                .as_ref()
                .is_some_and(|others| others.sound(event, label.class, from, to))
            {
                left_out.overlapping += 1;
                continue;
            }
            let start = event.segment.start_ms + from;
            let cut = (event.segment.video, start, start + to - from, label.fine);
            if !taken.insert(cut) {
                left_out.same_cut += 1;
                continue;
            }
            usable.push(*event);
        }
        let before = usable.len();
        let mut chosen = choose(usable, wanted, rules.budget, rules.seed);
        left_out.over_budget = before - chosen.len();
        chosen.sort_by_key(|event| (event.segment, event.onset_ms, event.offset_ms, event.label));
        let fine_labels = taxonomy.fine_labels();
        let mut numbers: HashMap<VideoId, usize> = HashMap::new();
        let cuts = chosen.iter().filter_map(|event| {
            let label = wanted.label(event.label)?;
            let (class, fine) = fine_labels.get(label.fine)?;
            let (from, to) = middle(event, rules.max_length_ms);
            let video = event.segment.video;
            let number = numbers.entry(video).or_default();
            *number += 1;
            Some(PlannedCut {
                file: format!("{video}_{number}.wav"),
                video,
                start_ms: event.segment.start_ms + from,
                end_ms: event.segment.start_ms + to,
                class: taxonomy.classes.get(*class)?.name.clone(),
                fine: fine.name.clone(),
                mid: label.mid.clone(),
                name: label.name.clone(),
                clip_start_ms: Some(event.segment.start_ms),
                onset_ms: event.onset_ms,
                offset_ms: event.offset_ms,
                weak: event.weak,
            })
        });
        let cuts = cuts.collect();
        (Self { cuts }, left_out)
    }

    /// The length of all cuts together.
    #[must_use]
    pub fn length_ms(&self) -> u64 {
        self.cuts
            .iter()
            .map(|cut| u64::from(cut.end_ms - cut.start_ms))
            .sum()
    }

    /// The cuts of each video.
    pub fn by_video(&self) -> impl Iterator<Item = &[PlannedCut]> {
        self.cuts.chunk_by(|a, b| a.video == b.video)
    }
}
