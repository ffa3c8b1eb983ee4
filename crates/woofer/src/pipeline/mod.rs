//! The one way from a recording to class scores, which every command takes.
//!
//! ```text
//! AudioReader -> Resampler -> segments -> Examples -> Classifier -> Activation -> ClassScores
//! ```
//!
//! [`SegmentReader`] is the first half, for whoever trains; [`Scorer`] is the whole.

mod scorer;
mod segment_reader;
mod segments;

pub use scorer::{ClipScores, PipelineError, Scorer, WindowScores};
pub use segment_reader::{SegmentReader, Stretch};
pub use segments::{Segment, Segmenter};
