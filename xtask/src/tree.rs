//! The files of the repository: what git knows, and what it would add.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, child};

/// A file of the repository.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the repository's root, with `/` between its parts.
    pub path: String,
    /// Where it is on this machine.
    pub place: PathBuf,
}

/// Every file that git knows or would add, sorted by path.
pub fn files(root: &Path) -> Result<Vec<File>, Failure> {
    let listing = child::output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut paths: Vec<&str> = listing.split_terminator('\0').collect();
    paths.sort_unstable();
    paths.dedup();
    Ok(paths
        .into_iter()
        .map(|path| File {
            path: path.to_owned(),
            place: root.join(path),
        })
        // A file that was removed and not yet taken out of git's index is none.
        .filter(|file| file.place.is_file())
        .collect())
}

impl File {
    /// Whether its name ends with `.` and this.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.place.extension().is_some_and(|e| e == extension)
    }

    /// Its text.
    pub fn text(&self) -> Result<String, Failure> {
        std::fs::read_to_string(&self.place).map_err(|error| format!("{}: {error}", self.path))
    }
}
