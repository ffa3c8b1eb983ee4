use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::CacheError;

/// SHA-256 of a file's bytes: two files of any name with the same bytes have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes bytes in memory.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hashes a regular file piece by piece, in 64 KiB of memory, and no further than its length.
    ///
    /// # Errors
    ///
    /// There is no such file, it is no regular file or cannot be read, or its length changes meanwhile.
    pub fn of_file(path: &Path) -> Result<Self, CacheError> {
        let unreadable = |source| CacheError::Content {
            file: path.display().to_string(),
            source,
        };
        // Asked before opening: to open a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(CacheError::NotAFile {
                file: path.display().to_string(),
            });
        }
        hash(path).map_err(unreadable)
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn hash(path: &Path) -> io::Result<ContentHash> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    // One byte more, to notice that there is one.
    let mut rest = file.take(length.saturating_add(1));
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    let mut read = 0u64;
    loop {
        let taken = match rest.read(&mut piece) {
            Ok(0) => break,
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        read += taken as u64;
        hasher.update(piece.get(..taken).unwrap_or_default());
    }
    if read == length {
        Ok(ContentHash(hasher.finalize().into()))
    } else {
        Err(io::Error::other(format!(
            "its length changed from {length} bytes while it was read"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_hash_of_its_bytes() {
        // Of "abc": FIPS 180-4's example.
        let abc: [u8; 4] = [0xba, 0x78, 0x16, 0xbf];
        assert_eq!(ContentHash::of_bytes(b"abc").0[..4], abc);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        for bytes in [b"".to_vec(), b"abc".to_vec(), vec![7; (1 << 16) + 1]] {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(
                ContentHash::of_file(&path).unwrap(),
                ContentHash::of_bytes(&bytes)
            );
        }
    }

    #[test]
    fn what_is_no_file_is_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let error = ContentHash::of_file(dir.path()).unwrap_err().to_string();
        assert!(error.contains("is not a regular file"), "{error}");
        let gone = dir.path().join("gone.wav");
        let error = ContentHash::of_file(&gone).unwrap_err().to_string();
        assert!(error.contains("gone.wav"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_longer_than_it_says_is_refused() {
        let error = ContentHash::of_file(Path::new("/proc/self/maps")).unwrap_err();
        assert!(
            std::error::Error::source(&error).is_some_and(|e| e.to_string().contains("from 0 bytes")),
            "{error:?}"
        );
    }
}
