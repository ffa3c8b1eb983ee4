use std::path::PathBuf;

use woofer::audio::Repairs;
use woofer::events::Event;
use woofer::pipeline::ClipScores;

/// What came of one input.
pub struct FileResult {
    pub path: PathBuf,
    /// A name for files that are made of it, its own among all inputs.
    pub name: String,
    pub outcome: FileOutcome,
}

/// See [`FileResult`].
pub enum FileOutcome {
    Scored(Box<ScoredFile>),
    /// Why not; names the file.
    Failed(String),
    /// A file of a folder that is not audio.
    Skipped,
}

/// The scores of a file, for the whole and, if asked for, for each window.
pub struct ScoredFile {
    /// Samples a second in the file.
    pub rate_hz: u32,
    pub clip: ClipScores,
    pub windows: Vec<RankedWindow>,
    /// If asked for.
    pub events: Vec<Event>,
    /// The clips that were cut out, one an event, or why that failed.
    pub segments: Result<Vec<CutEvent>, String>,
    pub repairs: Repairs,
}

/// The best classes of a window; the others are not kept, since a recording may have many windows.
pub struct RankedWindow {
    pub onset_s: f64,
    pub offset_s: f64,
    /// Class and score, best first.
    pub best: Vec<(usize, f32)>,
}

/// An event as a clip of its own.
pub struct CutEvent {
    pub event: Event,
    /// Path from the folder of segments, with `/`.
    pub path: String,
}
