use crate::dataset::DatasetError;
use crate::metrics::MetricsError;

/// Why scores or the history of a training cannot be read, put together or compared.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The file is no table, or too large a one.
    #[error(transparent)]
    Table(#[from] DatasetError),
    /// A row has a value that is not allowed.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// Counted from 1, the header included.
        line: u64,
        /// The value and what is allowed.
        reason: String,
    },
    /// A row that was put together here does not fit its table.
    #[error("the scores of {path}: {reason}")]
    Clip {
        /// The clip.
        path: String,
        /// The value and what is allowed.
        reason: String,
    },
    /// Two tables have too little in common, or contradict each other.
    #[error("the two score files cannot be compared: {0}")]
    NotComparable(String),
    /// No temperature can be fitted.
    #[error("no temperature can be fitted: {0}")]
    NoTemperature(String),
    /// The scores cannot be measured.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}
