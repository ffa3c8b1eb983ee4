//! The one way from a recording to class scores, which every command takes.
//!
//! ```text
//! AudioReader -> Resampler -> segments -> Examples -> Classifier -> Activation -> ClassScores
//! ```

mod scorer;
mod segments;

pub use scorer::{ClipScores, PipelineError, Scorer, WindowScores};
pub use segments::{Segment, Segmenter};
