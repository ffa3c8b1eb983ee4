use std::path::PathBuf;

use woofer::audio::Repairs;
use woofer::pipeline::ClipScores;

/// What came of one input.
pub struct FileResult {
    pub path: PathBuf,
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
    pub clip: ClipScores,
    pub windows: Vec<RankedWindow>,
    pub repairs: Repairs,
}

/// The best classes of a window; the others are not kept, since a recording may have many windows.
pub struct RankedWindow {
    pub onset_s: f64,
    pub offset_s: f64,
    /// Class and score, best first.
    pub best: Vec<(usize, f32)>,
}
