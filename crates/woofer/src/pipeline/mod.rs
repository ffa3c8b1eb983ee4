//! The one way from a recording to class scores, which every command takes.
//!
//! ```text
//! AudioReader -> Resampler -> segments -> Examples -> Classifier -> Activation -> ClassScores
//! ```
//!
//! [`SegmentReader`] is the first half, for whoever trains; [`Scorer`] is the whole. [`Overview`] and [`ScoreTrack`] keep what is
//! drawn of a recording.

mod overview;
mod score_track;
mod scorer;
mod scores;
mod segment_reader;
mod segments;
mod together;

pub use overview::Overview;
pub use score_track::ScoreTrack;
pub use scorer::{PipelineError, Scorer};
pub use scores::{ClipScores, WindowScores};
pub use segment_reader::{SegmentReader, Stretch};
pub use segments::{Segment, Segmenter};
