//! The one way from a recording to class scores, which every command takes.
//!
//! ```text
//! AudioReader -> Resampler -> segments -> Examples -> Classifier -> Activation -> ClassScores
//! ```
//!
//! [`SegmentReader`] is the first half, for whoever trains; [`Scorer`] is the whole. [`Preview`] is what a recording
//! looks like, from the same reader and features.

mod preview;
mod scorer;
mod segment_reader;
mod segments;
mod together;

pub use preview::Preview;
pub use scorer::{ClipScores, PipelineError, Scorer, WindowScores};
pub use segment_reader::{SegmentReader, Stretch};
pub use segments::{Segment, Segmenter};
