//! AudioSet: what its classes are called, where in which videos they are heard, and which pieces to cut for training.
//!
//! ```text
//! names.tsv ──> NameTable ┐
//! strong.tsv ─────────────┼─> Events ──> Plan ──> plan.csv ──> (woofer-fetch cuts clips) ──> meta_train.csv, manifest.csv
//! weak segments.csv ──────┤
//! Taxonomy ──> Wanted ────┘
//! ```
//!
//! 1. [`read_strong`] and [`read_weak`] read the published tables line by line ([`NameTable`] gives the names); rows that
//!    make no sense are passed over and counted ([`RowFaults`]).
//! 2. [`Wanted`] are the AudioSet labels that a taxonomy names, and [`Events`] where they are heard.
//! 3. [`Plan::make`] chooses, balanced, and takes the middle of long events. Times become those of the video: the
//!    tables count from the beginning of a ten-second clip.
//! 4. [`write_meta_train`] and [`write_manifest`] list the clips that came of it.
//!
//! [`LabelList`] has the classes that published networks score.
//!
//! Sources: Gemmeke et al., "Audio Set", ICASSP 2017; Hershey et al., "The benefit of temporally-strong labels in audio
//! event classification", ICASSP 2021; the labels are by Google, CC BY 4.0.

mod choose;
mod clip_lists;
mod error;
mod events;
mod faults;
mod labels;
mod lines;
mod names;
mod overlap;
mod plan;
mod plan_file;
mod strong;
mod time;
mod video;
mod wanted;
mod weak;

pub use choose::Budget;
pub use clip_lists::{unknown_labels, write_manifest, write_meta_train};
pub use error::AudioSetError;
pub use events::{Amount, Event, Events};
pub use faults::{RowFault, RowFaults};
pub use labels::{AudioSetLabel, LabelList};
pub use names::NameTable;
pub use plan::{LeftOut, Plan, PlanRules, PlannedCut, middle};
pub use strong::{CLIP_MS, StrongCount, StrongRow, read_strong};
pub use time::{Ms, seconds};
pub use video::{SegmentId, VideoId};
pub use wanted::{Mapping, Wanted, WantedLabel};
pub use weak::{WeakCount, WeakRow, read_weak};
