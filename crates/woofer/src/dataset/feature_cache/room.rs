use std::fs;
use std::io;

use super::cache::FeatureCache;
use super::error::CacheError;
use super::folder::{self, CacheFile, FileKind};

/// How much is in a cache, or was removed from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Values.
    pub entries: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

impl FeatureCache {
    /// How many values there are, and the bytes they take. Values are counted, not checked.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed.
    pub fn size(&self) -> Result<CacheSize, CacheError> {
        let mut size = CacheSize::default();
        for file in self.values()? {
            size.entries += 1;
            size.bytes += file.bytes;
        }
        Ok(size)
    }

    /// Removes all values and tells how much that was; files that are not the cache's stay.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed, or a file not be removed.
    pub fn clear(&self) -> Result<CacheSize, CacheError> {
        self.shrink_to(0)
    }

    /// Removes values, those not used for the longest time first, until they take at most `max_bytes`; tells how much was
    /// removed.
    ///
    /// A value is used when it is put or got; its file's time of modification tells when (on Windows, where getting does not
    /// set it, when it was put). A value that is mapped stays readable, and takes its room until it is dropped.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed, or a file not be removed.
    pub fn shrink_to(&self, max_bytes: u64) -> Result<CacheSize, CacheError> {
        let mut values = self.values()?;
        values.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
        let mut left: u64 = values.iter().map(|file| file.bytes).sum();
        let mut removed = CacheSize::default();
        for file in values {
            if left <= max_bytes {
                break;
            }
            remove(&file)?;
            left -= file.bytes;
            removed.entries += 1;
            removed.bytes += file.bytes;
        }
        Ok(removed)
    }

    fn values(&self) -> Result<Vec<CacheFile>, CacheError> {
        let mut files = folder::files(&self.dir).map_err(|e| self.folder_error(e))?;
        files.retain(|file| file.kind == FileKind::Value);
        Ok(files)
    }
}

fn remove(file: &CacheFile) -> Result<(), CacheError> {
    match fs::remove_file(&file.path) {
        // Someone else makes room too.
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(CacheError::Remove {
            file: file.path.display().to_string(),
            source,
        }),
        _ => Ok(()),
    }
}
