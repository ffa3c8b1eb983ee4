use crate::features::{FrontEnd, LogMel};
use crate::metrics::{Evaluation, ScoredClips};
use crate::render::LearningCurve;

/// What a report tells. Lists may be empty, and their part is then left out.
#[derive(Debug, Clone)]
pub struct ReportData {
    /// Title of the page.
    pub title: String,
    /// When it was made, as it is to be read.
    pub date: String,
    /// What else is to be known at a glance, by name: recipe, backbone, folds, commit.
    pub facts: Vec<(String, String)>,
    /// What a reader must be warned of, such as an epoch chosen on the reported clips.
    pub warnings: Vec<String>,
    /// The figures.
    pub evaluation: Evaluation,
    /// The clips behind the figures, for the curves.
    pub clips: Option<ScoredClips>,
    /// How long those clips last together, in hours, if it is known.
    pub hours: Option<f64>,
    /// How the trainings went.
    pub learning: Vec<LearningCurve>,
    /// The clips that were hardest.
    pub hardest: Vec<HardClips>,
    /// Text of the recipe.
    pub recipe: String,
}

/// Hard clips that belong together, the hardest first.
#[derive(Debug, Clone)]
pub struct HardClips {
    /// What they have in common, such as their class.
    pub title: String,
    /// The clips.
    pub clips: Vec<HardClip>,
}

/// A clip that the classifier got wrong, or nearly.
#[derive(Debug, Clone)]
pub struct HardClip {
    /// Where it lies, as the manifest has it.
    pub path: String,
    /// Name of its class.
    pub true_class: String,
    /// Score of that class.
    pub true_score: f64,
    /// Name of the class with the highest score.
    pub predicted: String,
    /// That score.
    pub predicted_score: f64,
    /// Its log-mel and the front end that it is of.
    pub log_mel: Option<(LogMel, FrontEnd)>,
    /// Its samples at any rate, for the waveform; may be empty.
    pub samples: Vec<f32>,
    /// Its sound, to be played.
    pub audio: Option<Playable>,
}

/// An audio file that a browser can play.
#[derive(Debug, Clone)]
pub struct Playable {
    /// How it is written.
    pub format: AudioFormat,
    /// The bytes of the file.
    pub bytes: Vec<u8>,
}

/// How an audio file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFormat {
    /// WAV.
    Wav,
    /// Ogg with Vorbis or Opus.
    Ogg,
    /// FLAC.
    Flac,
    /// MP3.
    Mp3,
}

impl AudioFormat {
    /// The media type as HTTP and HTML name it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
        }
    }
}
