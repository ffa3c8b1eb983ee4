//! Listens to every clip of a list and reports what a person should know before training.
//!
//! ```text
//! Reading ─> sounds (decode, all cores) ─> counts ─┐
//!        └─> row faults ─> findings <─ duplicates ─┴─> Report
//! ```

mod class_findings;
mod clip_findings;
mod counts;
mod duplicates;
mod findings;
mod report;
mod sound;

pub use counts::{ClassCount, Count, Durations, FineCount};
pub use findings::{Finding, MAX_EXAMPLES};
pub use report::{ChannelCount, FoldCount, FoldCounts, RateCount, Report, examine};
pub use sound::Sound;
