use std::io;

/// Why the cache cannot be used, or a file's content not be hashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The file whose content is to be hashed cannot be read.
    #[error("{file}: cannot be read")]
    Content {
        /// The file.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file whose content is to be hashed is a folder, a pipe or the like.
    #[error("{file}: is not a regular file")]
    NotAFile {
        /// The path as given.
        file: String,
    },
    /// The cache's folder cannot be made or listed.
    #[error("{folder}: cannot be used as the folder of the feature cache")]
    Folder {
        /// The folder.
        folder: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A value is there and the operating system refuses to read it.
    #[error("{file}: cannot be read from the feature cache")]
    Read {
        /// The file in the cache.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A value cannot be written: the disk is full, the folder may not be written to, something is in the way.
    #[error("{folder}: the feature cache cannot keep the value {key} ({bytes} bytes)")]
    Write {
        /// The cache's folder.
        folder: String,
        /// The value's key.
        key: String,
        /// How long its file would be.
        bytes: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// A value cannot be removed.
    #[error("{file}: cannot be removed from the feature cache")]
    Remove {
        /// The file in the cache.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Rows are of different lengths, or empty.
    #[error(
        "the value {key} cannot be kept: row {row} has {found} values; rows have one length of at least 1, here {expected}"
    )]
    Ragged {
        /// The value's key.
        key: String,
        /// The row, counted from 0.
        row: usize,
        /// Its values.
        found: usize,
        /// Values of the first row, at least 1.
        expected: usize,
    },
}
