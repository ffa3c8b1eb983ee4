use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Largest record that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The SHA-256 of files as they came first, kept in a file with a line each: the hash, two spaces, the name.
///
/// It is the format of `sha256sum`, which can check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashRecord {
    file: PathBuf,
    hashes: BTreeMap<String, String>,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HashRecordError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not one of a record.
    #[error("{}, line {line}: is not a SHA-256, two spaces and the name of a file", file.display())]
    BadLine {
        /// The file.
        file: PathBuf,
        /// Which, from 1 on.
        line: usize,
    },
    /// The file cannot be written.
    #[error("{}: cannot be written", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl HashRecord {
    /// Reads a record; one that is not there yet is empty.
    ///
    /// # Errors
    /// [`HashRecordError`].
    pub fn open(file: &Path) -> Result<Self, HashRecordError> {
        let text = match read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => {
                return Err(HashRecordError::Unreadable {
                    file: file.to_owned(),
                    source,
                });
            }
        };
        let mut hashes = BTreeMap::new();
        for (i, line) in text.lines().enumerate() {
            let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
            match line.split_once("  ") {
                Some((hash, name)) if is_hash(hash) && !name.is_empty() => {
                    hashes.insert(name.to_owned(), hash.to_ascii_lowercase());
                }
                _ => {
                    return Err(HashRecordError::BadLine {
                        file: file.to_owned(),
                        line: i + 1,
                    });
                }
            }
        }
        Ok(Self {
            file: file.to_owned(),
            hashes,
        })
    }

    /// The SHA-256 of a file as it came first.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.hashes.get(name).map(String::as_str)
    }

    /// Keeps the SHA-256 of a file that came for the first time, and writes the record.
    ///
    /// # Errors
    /// [`HashRecordError::Unwritable`].
    pub fn keep(&mut self, name: &str, sha256: &str) -> Result<(), HashRecordError> {
        self.hashes.insert(name.to_owned(), sha256.to_ascii_lowercase());
        let lines = self.hashes.iter().map(|(name, hash)| format!("{hash}  {name}\n"));
        let text: String = lines.collect();
        self.write(&text).map_err(|source| HashRecordError::Unwritable {
            file: self.file.clone(),
            source,
        })
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let staging = self.file.with_extension(format!("part-{}", std::process::id()));
        let mut file = fs::File::create(&staging)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(staging, &self.file)
    }
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = fs::File::open(file)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    if read as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("SHA256SUMS");
        let mut record = HashRecord::open(&file).unwrap();
        assert_eq!(record.get("a.pt"), None);
        record.keep("a.pt", &"AB".repeat(32)).unwrap();
        record.keep("b.pt", &"01".repeat(32)).unwrap();
        let read = HashRecord::open(&file).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.get("a.pt"), Some("ab".repeat(32).as_str()));
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("SHA256SUMS");
        fs::write(&file, format!("{}  a\n12  b\n", "0".repeat(64))).unwrap();
        let error = HashRecord::open(&file).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
