/// Why scores could not be measured, or measurements not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricsError {
    /// Two lists that belong together differ in length.
    #[error(
        "{labels} labels, {scores} rows of scores and {recordings} recordings: each clip needs one of each"
    )]
    Lengths {
        /// Number of labels.
        labels: usize,
        /// Number of rows of scores.
        scores: usize,
        /// Number of recordings' names, one a clip.
        recordings: usize,
    },
    /// There is nothing to measure.
    #[error("there are no clips to measure")]
    NoClips,
    /// A label is no class.
    #[error("clip {clip}: label {label} is not below the number of classes, {classes}")]
    Label {
        /// Place of the clip, from 0.
        clip: usize,
        /// Its label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A clip has too many or too few scores.
    #[error("clip {clip} has {scores} scores for {classes} classes")]
    Width {
        /// Place of the clip, from 0.
        clip: usize,
        /// Number of its scores.
        scores: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A score is infinite or no number.
    #[error("clip {clip}: its score for class {class:?} is {score}; a score is a finite number")]
    Score {
        /// Place of the clip, from 0.
        clip: usize,
        /// Name of the class.
        class: String,
        /// The score as text.
        score: String,
    },
    /// A subset names a class that is none.
    #[error("class subset {subset:?}: class id {class} is not below the number of classes, {classes}")]
    Subset {
        /// Name of the subset.
        subset: String,
        /// The id.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Two score sets are not of the same clips.
    #[error("the two score sets cannot be compared: {0}")]
    NotComparable(String),
    /// A metrics file cannot be understood.
    #[error("{file}: no metrics file of this program: {reason}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}
