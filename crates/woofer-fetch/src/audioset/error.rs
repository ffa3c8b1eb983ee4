use std::io;
use std::path::{Path, PathBuf};

use crate::child::ChildError;
use crate::download::DownloadError;

/// Why nothing can be fetched. What befalls a single video is no error: it is written in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// A table did not come.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// A table is not what it was.
    #[error(
        "{}: is not what it was when it came: its SHA-256 is {now} and was {before}. Remove it, and the same command \
         fetches it again; remove tables.json too if it is to be taken as it is now", file.display()
    )]
    TableChanged {
        /// The table.
        file: PathBuf,
        /// Its SHA-256.
        now: String,
        /// Its SHA-256 when it came.
        before: String,
    },
    /// A program that is needed is not there.
    #[error("{program} is needed and is not there. {install}")]
    NoTool {
        /// The program.
        program: String,
        /// How to install it.
        install: &'static str,
    },
    /// A program that is needed does not work.
    #[error("{program} is needed and does not work. {install}")]
    BadTool {
        /// The program.
        program: String,
        /// How to install it.
        install: &'static str,
        /// What it did.
        source: ChildError,
    },
    /// A program that was there is there no more, or the disk is full.
    #[error(transparent)]
    Tool(ChildError),
    /// A program of that name is another one.
    #[error(
        "{program} is needed, and this is another program: asked for its version, it says {said:?}. {install}"
    )]
    OtherTool {
        /// The program.
        program: String,
        /// How to install the right one.
        install: &'static str,
        /// What it said.
        said: String,
    },
    /// Another program is at work in the folder.
    #[error("{}: another `woofer audioset fetch` is at work in this folder", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The journal holds something else.
    #[error("{}, line {line}: is no entry of a journal: {reason}", file.display())]
    Journal {
        /// The journal.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("{}: cannot be written", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl FetchError {
    pub(super) fn unreadable(file: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            source,
        }
    }

    pub(super) fn unwritable(file: &Path, source: io::Error) -> Self {
        Self::Unwritable {
            file: file.to_owned(),
            source,
        }
    }
}
