use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use memmap2::Mmap;

use super::entry;
use super::key::CacheKey;

/// Files up to this length are read and not mapped: a mapping costs more than copying them.
const READ_UP_TO_BYTES: u64 = 1 << 16;

/// Most files that are mapped at once; further ones are read. A process may have some 65,000 mappings, of which its memory takes some.
const MOST_MAPPED: usize = 1 << 15;

/// A value of the cache: rows of one length. Cloning it copies nothing.
///
/// It dereferences to all values, row after row.
#[derive(Clone)]
pub struct CachedRows {
    values: Arc<Values>,
    shape: [usize; 2],
}

enum Values {
    /// The whole file; what follows its header is known to be aligned.
    Mapped(Mapping),
    Held(Vec<f32>),
}

impl CachedRows {
    /// Rows, and values a row; both 0 where there are none.
    #[must_use]
    pub const fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The rows one by one.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.chunks_exact(self.shape[1].max(1))
    }

    /// Row `index`, counted from 0; none where there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&[f32]> {
        self.rows().nth(index)
    }

    /// Rows in memory, all of `shape[1]` values.
    pub(super) fn hold<R: AsRef<[f32]>>(rows: &[R], shape: [usize; 2]) -> Self {
        let mut values = Vec::with_capacity(shape[0].saturating_mul(shape[1]));
        for row in rows {
            values.extend_from_slice(row.as_ref());
        }
        Self::new(Values::Held(values), shape)
    }

    /// Opens the file of a value and notes that it was used; none where it is absent or is not what it should be.
    pub(super) fn open(path: &Path, key: &CacheKey) -> io::Result<Option<Self>> {
        let file = match open_regular_file(path) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length < entry::HEADER_BYTES as u64 {
            return Ok(None);
        }
        let is_read = length <= READ_UP_TO_BYTES || cfg!(target_endian = "big");
        let mapped = if is_read {
            None
        } else {
            Mapping::of(&file, MOST_MAPPED)?
        };
        let rows = if let Some(bytes) = mapped {
            entry::check(&bytes, key).map(|shape| Self::new(Values::of_mapped(bytes), shape))
        } else {
            let mut bytes = Vec::new();
            (&file).take(length).read_to_end(&mut bytes)?;
            entry::check(&bytes, key).map(|shape| Self::new(Values::Held(entry::decode(&bytes)), shape))
        };
        if rows.is_some() {
            // Only orders what is removed first; a folder that may only be read serves as well without it.
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(rows)
    }

    fn new(values: Values, shape: [usize; 2]) -> Self {
        Self {
            values: Arc::new(values),
            shape,
        }
    }
}

impl Deref for CachedRows {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.values {
            Values::Mapped(bytes) => aligned(bytes).unwrap_or_default(),
            Values::Held(values) => values,
        }
    }
}

impl fmt::Debug for CachedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rows, values] = self.shape;
        write!(f, "CachedRows([{rows}, {values}])")
    }
}

impl Values {
    fn of_mapped(bytes: Mapping) -> Self {
        if aligned(&bytes).is_some() {
            Self::Mapped(bytes)
        } else {
            Self::Held(entry::decode(&bytes))
        }
    }
}

/// A file that is mapped into memory, and counted.
struct Mapping(Mmap);

static MAPPED: AtomicUsize = AtomicUsize::new(0);

impl Mapping {
    /// Maps a file; none where as many as `most` are mapped already.
    fn of(file: &File, most: usize) -> io::Result<Option<Self>> {
        if MAPPED.fetch_add(1, Ordering::Relaxed) >= most {
            MAPPED.fetch_sub(1, Ordering::Relaxed);
            return Ok(None);
        }
        let mapped = map(file);
        if mapped.is_err() {
            MAPPED.fetch_sub(1, Ordering::Relaxed);
        }
        mapped.map(|mapped| Some(Self(mapped)))
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        MAPPED.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Deref for Mapping {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// The values of a whole file where they lie.
fn aligned(bytes: &[u8]) -> Option<&[f32]> {
    bytemuck::try_cast_slice(bytes.get(entry::HEADER_BYTES..)?).ok()
}

fn open_regular_file(path: &Path) -> io::Result<Option<File>> {
    // Asked before opening: to open a pipe would wait for its other end.
    if fs::metadata(path)?.is_file() {
        File::open(path).map(Some)
    } else {
        Ok(None)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[expect(
    unsafe_code,
    reason = "mapping a file is the only way to read it without a copy in memory"
)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes must not change while they are mapped. Files of the cache are written under another name, renamed
    // when complete, and from then on only replaced by another file or removed, neither of which touches a mapped one
    // (Windows refuses both). The folder's documentation leaves it to Woofer alone.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_from_the_values() {
        let rows = CachedRows::hold(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [3, 2]);
        assert_eq!(rows.shape(), [3, 2]);
        assert_eq!(rows[..], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(rows.rows().len(), 3);
        assert_eq!(rows.row(2), Some(&[5.0, 6.0][..]));
        assert_eq!(rows.row(3), None);
        let none = CachedRows::hold::<[f32; 0]>(&[], [0, 0]);
        assert!(none.is_empty() && none.rows().next().is_none());
    }

    #[test]
    fn only_so_many_files_are_mapped_at_once() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, b"bytes").unwrap();
        assert!(Mapping::of(&file, 0).unwrap().is_none());
        // Other tests map too.
        let mapped: Vec<Mapping> = (0..100).filter_map(|_| Mapping::of(&file, 50).unwrap()).collect();
        assert!(mapped.len() <= 50 && mapped.iter().all(|mapped| **mapped == *b"bytes"));
        let before = MAPPED.load(Ordering::Relaxed);
        let count = mapped.len();
        drop(mapped);
        assert!(count > 0 && before >= count);
        assert!(Mapping::of(&file, MOST_MAPPED).unwrap().is_some());
    }

    #[test]
    fn rows_go_from_thread_to_thread() {
        fn shared<T: Send + Sync>() {}
        shared::<CachedRows>();
    }
}
