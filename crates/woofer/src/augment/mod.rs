//! Clips made to differ from epoch to epoch, so that a network learns the sound and not the recording.

mod stream;

pub use stream::{Stream, StreamKey};
