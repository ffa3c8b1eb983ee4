use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use woofer::{hexadecimal, own_file};

use super::error::DownloadError;

/// What is written down beside an unfinished file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address, less what may be secret in it.
    pub url: String,
    /// The server's mark for this version of the file: a strong `ETag`, or `Last-Modified`.
    pub mark: Option<String>,
    /// The size that the server stated.
    pub total: Option<u64>,
}

/// The part of a file that has come, in `.NAME.part` beside its place, with `.NAME.part.json` that tells what it is.
pub struct PartFile {
    to: PathBuf,
    path: PathBuf,
    note: PathBuf,
    file: File,
    hash: Sha256,
    len: u64,
    origin: Option<Origin>,
}

impl PartFile {
    /// Opens what an earlier run left, if it is of the same address; else an empty file. No other program may have it open.
    pub fn open(to: &Path, url: &str) -> Result<Self, DownloadError> {
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = to.with_file_name(format!(".{name}.part"));
        let note = to.with_file_name(format!(".{name}.part.json"));
        let unwritable = |source| DownloadError::Unwritable {
            file: to.to_owned(),
            source,
        };
        let file = own_file::open(&path).map_err(|error| match error {
            TryLockError::WouldBlock => DownloadError::InUse { to: to.to_owned() },
            TryLockError::Error(error) => unwritable(error),
        })?;
        let mut part = Self {
            to: to.to_owned(),
            path,
            note,
            file,
            hash: Sha256::new(),
            len: 0,
            origin: None,
        };
        match part.read_note().filter(|origin| origin.url == url) {
            Some(origin) => {
                part.len = part.hash_file().map_err(unwritable)?;
                part.origin = Some(origin);
            }
            None => part.empty()?,
        }
        Ok(part)
    }

    /// Bytes that have come.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// What is known of the file that these bytes are part of.
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Begins anew.
    pub fn empty(&mut self) -> Result<(), DownloadError> {
        self.origin = None;
        self.hash = Sha256::new();
        self.len = 0;
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| remove(&self.note));
        emptied.map_err(|source| self.unwritable(source))
    }

    /// Writes down what the bytes are part of.
    pub fn set_origin(&mut self, origin: Origin) -> Result<(), DownloadError> {
        if self.origin.as_ref() != Some(&origin) {
            let text = serde_json::to_string(&origin).map_err(io::Error::other);
            text.and_then(|text| fs::write(&self.note, text))
                .map_err(|source| self.unwritable(source))?;
            self.origin = Some(origin);
        }
        Ok(())
    }

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file
            .write_all(bytes)
            .map_err(|source| self.unwritable(source))?;
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// The SHA-256 of the bytes that have come, in hex.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.hash.clone().finalize())
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), DownloadError> {
        let placed = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &self.to))
            .and_then(|()| remove(&self.note));
        placed.map_err(|source| self.unwritable(source))
    }

    /// Removes what has come.
    pub fn discard(self) -> Result<(), DownloadError> {
        let removed = remove(&self.note).and_then(|()| remove(&self.path));
        removed.map_err(|source| self.unwritable(source))
    }

    fn read_note(&self) -> Option<Origin> {
        const MAX_BYTES: u64 = 64 << 10;
        let mut text = String::new();
        File::open(&self.note)
            .ok()?
            .take(MAX_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        serde_json::from_str(&text).ok()
    }

    fn hash_file(&mut self) -> io::Result<u64> {
        let mut buffer = vec![0; 256 << 10];
        let mut len = 0;
        loop {
            match self.file.read(&mut buffer)? {
                0 => return Ok(len),
                n => {
                    self.hash.update(&buffer[..n]);
                    len += n as u64;
                }
            }
        }
    }

    fn unwritable(&self, source: io::Error) -> DownloadError {
        DownloadError::Unwritable {
            file: self.to.clone(),
            source,
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
