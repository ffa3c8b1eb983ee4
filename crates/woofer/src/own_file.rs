//! A file that one program at a time writes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

/// Opens a file to read and write, makes it where it is not there, and locks it until it is closed; what is in it stays.
///
/// Where files cannot be locked, as in some network folders, nothing keeps two programs apart.
///
/// # Errors
/// The file cannot be opened, or another program has the lock ([`TryLockError::WouldBlock`]).
pub fn open(path: &Path) -> Result<File, TryLockError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(TryLockError::Error)?;
    match file.try_lock() {
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_nobody_elses_until_it_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        std::fs::write(&path, "kept").unwrap();
        let mine = open(&path).unwrap();
        assert!(matches!(open(&path), Err(TryLockError::WouldBlock)));
        drop(mine);
        open(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"kept");
        assert!(matches!(open(dir.path()), Err(TryLockError::Error(_))));
    }
}
