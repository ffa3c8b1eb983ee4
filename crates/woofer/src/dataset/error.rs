//! Why a list of recordings is refused as a whole.

use std::io;
use std::path::Path;

use super::row_fault::{RowFault, RowFaults, RowProblem, lines};

/// Different faults of rows that an error message lists.
const LISTED: usize = 5;

/// Why a list of recordings is refused; the message names the file, the line, the bad value and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// There is nothing at this path.
    #[error("{file}: no such file or folder")]
    NotFound {
        /// The path as given.
        file: String,
    },
    /// The operating system refused to read.
    #[error("{file}: cannot be read")]
    Unreadable {
        /// The file or folder.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The path leads to something that is neither a list nor a folder.
    #[error("{file}: is neither a CSV file nor a folder")]
    NotAList {
        /// The path as given.
        file: String,
    },
    /// The header lacks a column.
    #[error("{file}: {reason}")]
    Header {
        /// The list.
        file: String,
        /// Which column, and what is there instead.
        reason: String,
    },
    /// A line is too long, or the list has too many.
    #[error("{file}, line {line}: {reason}")]
    Limit {
        /// The list.
        file: String,
        /// Counted from 1, the header included.
        line: u64,
        /// What is too much and how much is allowed.
        reason: String,
    },
    /// No row is there.
    #[error("{file}: {reason}")]
    NoRows {
        /// The list or folder.
        file: String,
        /// What was looked for.
        reason: String,
    },
    /// Clips were given apart although the list does not need them.
    #[error("{file}: is a folder of classes, which holds its clips itself; a clips folder goes with a list")]
    ClipsWithFolder {
        /// The folder.
        file: String,
    },
    /// Rows cannot be used.
    #[error("{file}: {count} of {total} rows cannot be used:\n{}", listed(.faults, *.count))]
    Rows {
        /// The list or folder.
        file: String,
        /// Rows that cannot be used.
        count: usize,
        /// Rows in all.
        total: usize,
        /// The first of them, at most 10,000.
        faults: Vec<RowFault>,
    },
}

impl DatasetError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        let file = path.display().to_string();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { file },
            _ => Self::Unreadable { file, source },
        }
    }

    pub(super) fn rows(path: &Path, faults: RowFaults, good: usize) -> Self {
        let count = faults.count();
        Self::Rows {
            file: path.display().to_string(),
            count,
            total: good + count,
            faults: faults.into_kept(),
        }
    }
}

fn listed(faults: &[RowFault], count: usize) -> String {
    let (lines, spoken_of) = lines(faults, LISTED);
    let mut lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    if count > spoken_of {
        lines.push(format!(
            "  and {} more, which `woofer dataset check` lists by kind",
            count - spoken_of
        ));
    }
    let is_unknown_folder = |fault: &RowFault| matches!(fault.problem, RowProblem::UnknownFolder { .. });
    if faults.iter().all(is_unknown_folder) {
        lines.push(
            "  `woofer taxonomy new FOLDER` writes a taxonomy whose classes are the folders, for --taxonomy"
                .to_owned(),
        );
    }
    lines.join("\n")
}
