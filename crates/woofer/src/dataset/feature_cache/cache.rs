use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::cached_rows::CachedRows;
use super::entry;
use super::error::CacheError;
use super::folder::{self, FileKind};
use super::key::CacheKey;

/// A file that is being written and was not touched for so long is left over from a process that was killed.
const LEFT_OVER_AFTER: Duration = Duration::from_hours(24);

/// Tells backup programs to leave the folder out: <https://bford.info/cachedir>.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is Woofer's feature cache. It may be deleted.\n",
);

/// A folder of values, each in a file named after its key.
///
/// Any number of threads and processes may use one folder at once. A value that is there is never changed.
#[derive(Debug, Clone)]
pub struct FeatureCache {
    pub(super) dir: PathBuf,
}

impl FeatureCache {
    /// Opens the cache in `dir`, which is made if there is none; removes what processes killed over a day ago left behind.
    ///
    /// A folder that may only be read can be opened; [`FeatureCache::put`] fails then.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or listed.
    pub fn open(dir: &Path) -> Result<Self, CacheError> {
        let cache = Self { dir: dir.to_owned() };
        fs::create_dir_all(dir).map_err(|e| cache.folder_error(e))?;
        let tag = dir.join(TAG.0);
        if !tag.exists() {
            // A courtesy: the cache works without it.
            let _ = fs::write(tag, TAG.1);
        }
        cache.remove_left_over()?;
        Ok(cache)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The value of a key; none where it was not put, or its file is not whole any more.
    ///
    /// Reads the value once to check it.
    ///
    /// # Errors
    ///
    /// The file is there and the operating system refuses to open, read or map it.
    pub fn get(&self, key: &CacheKey) -> Result<Option<CachedRows>, CacheError> {
        let path = folder::value_path(&self.dir, key);
        CachedRows::open(&path, key).map_err(|source| CacheError::Read {
            file: path.display().to_string(),
            source,
        })
    }

    /// Keeps rows, all of one length, under a key; in place of what is there, which is the same unless it is damaged.
    ///
    /// The file has its name only once it is whole. It is not forced to the disk: what a power failure leaves of it does
    /// not pass the check of [`FeatureCache::get`].
    ///
    /// # Errors
    ///
    /// Rows differ in length or have no values; or the file cannot be written, and nothing is left of it.
    pub fn put<R: AsRef<[f32]>>(&self, key: &CacheKey, rows: &[R]) -> Result<(), CacheError> {
        let shape = shape_of(key, rows)?;
        self.write(key, shape, rows).map_err(|source| CacheError::Write {
            folder: self.dir.display().to_string(),
            key: key.to_string(),
            bytes: (entry::HEADER_BYTES + 4 * shape[0] * shape[1]) as u64,
            source,
        })
    }

    /// Puts rows and gives them back as the cache has them.
    pub(super) fn keep<R: AsRef<[f32]>>(&self, key: &CacheKey, rows: &[R]) -> Result<CachedRows, CacheError> {
        self.put(key, rows)?;
        match self.get(key)? {
            Some(kept) => Ok(kept),
            // Removed at once, by someone who makes room.
            None => Ok(CachedRows::hold(rows, shape_of(key, rows)?)),
        }
    }

    fn write<R: AsRef<[f32]>>(&self, key: &CacheKey, shape: [usize; 2], rows: &[R]) -> io::Result<()> {
        fs::create_dir_all(folder::sub_folder(&self.dir, key))?;
        let (partial, file) = self.create_partial(key)?;
        let path = folder::value_path(&self.dir, key);
        let mut file = BufWriter::new(file);
        let written = entry::write(&mut file, key, shape, rows)
            .and_then(|()| file.into_inner().map_err(io::IntoInnerError::into_error))
            // Closed before it is renamed, as Windows wants it.
            .map(drop)
            .and_then(|()| fs::rename(&partial, &path));
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&partial);
            // Windows does not replace a file that another process has mapped; what it has is as good.
            if matches!(CachedRows::open(&path, key), Ok(Some(_))) {
                return Ok(());
            }
        }
        written
    }

    /// A new file for this writer alone.
    ///
    /// The number is random: process ids are the same in two containers that share a folder.
    fn create_partial(&self, key: &CacheKey) -> io::Result<(PathBuf, File)> {
        loop {
            let path = folder::partial_path(&self.dir, key, RandomState::new().hash_one(0));
            match File::create_new(&path) {
                Ok(file) => return Ok((path, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn remove_left_over(&self) -> Result<(), CacheError> {
        let now = SystemTime::now();
        for file in folder::files(&self.dir).map_err(|e| self.folder_error(e))? {
            let age = now.duration_since(file.modified).unwrap_or_default();
            if file.kind == FileKind::Partial && age > LEFT_OVER_AFTER {
                // It only takes room; another process may be removing it too.
                let _ = fs::remove_file(&file.path);
            }
        }
        Ok(())
    }

    pub(super) fn folder_error(&self, source: io::Error) -> CacheError {
        CacheError::Folder {
            folder: self.dir.display().to_string(),
            source,
        }
    }
}

/// Rows and values a row, all rows being of one length of at least 1.
fn shape_of<R: AsRef<[f32]>>(key: &CacheKey, rows: &[R]) -> Result<[usize; 2], CacheError> {
    let values = rows.first().map_or(0, |row| row.as_ref().len());
    for (i, row) in rows.iter().enumerate() {
        let found = row.as_ref().len();
        if found != values || found == 0 {
            return Err(CacheError::Ragged {
                key: key.to_string(),
                row: i,
                found,
                expected: values.max(1),
            });
        }
    }
    Ok([rows.len(), values])
}
