use std::io;
use std::path::Path;

use crate::dataset::DatasetError;

/// Why a table or a plan is refused; the message names the file, the line, the bad value and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioSetError {
    /// The file cannot be read.
    #[error("{file}: cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{file}: cannot be written")]
    Unwritable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The file as a whole is not what it should be.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What is there and what should be.
        reason: String,
    },
    /// A line is not what it should be.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// The file.
        file: String,
        /// Counted from 1, the header included.
        line: u64,
        /// What is there and what should be.
        reason: String,
    },
    /// A plan is no CSV table.
    #[error(transparent)]
    Plan(#[from] DatasetError),
    /// The taxonomy names no AudioSet label.
    #[error(
        "taxonomy {name:?} names no AudioSet label to gather from; give its fine labels `audioset = [\"/m/...\"]`{more}"
    )]
    NothingWanted {
        /// The taxonomy.
        name: String,
        /// A hint, with `, ` in front; or empty.
        more: &'static str,
    },
}

impl AudioSetError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            file: path.display().to_string(),
            source,
        }
    }

    pub(super) fn file(path: &Path, reason: impl Into<String>) -> Self {
        Self::File {
            file: path.display().to_string(),
            reason: reason.into(),
        }
    }
}
