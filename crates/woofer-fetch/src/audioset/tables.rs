use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use woofer::hexadecimal;

use super::error::FetchError;
use crate::download::{Download, Downloader, Event};

/// The most bytes of a table; the largest published one has about 100 MB.
const MAX_BYTES: u64 = 1 << 30;
/// The file in which sizes and hashes are written down.
const RECORD: &str = "tables.json";

/// A table that Google publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Events of 103,463 clips of the training set.
    TrainStrong,
    /// Events of 16,996 clips of the evaluation set.
    EvalStrong,
    /// The names of the strong tables' labels.
    Names,
    /// The balanced training set: ten-second segments with labels somewhere in them.
    BalancedWeak,
    /// The rest of the training set, two million segments.
    UnbalancedWeak,
    /// The evaluation set's segments.
    EvalWeak,
}

impl Table {
    /// The tables that every plan needs.
    pub const STRONG: [Self; 3] = [Self::TrainStrong, Self::EvalStrong, Self::Names];
    /// The tables of whole segments.
    pub const WEAK: [Self; 3] = [Self::BalancedWeak, Self::UnbalancedWeak, Self::EvalWeak];

    /// The file's name, as published.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::TrainStrong => "audioset_train_strong.tsv",
            Self::EvalStrong => "audioset_eval_strong.tsv",
            Self::Names => "mid_to_display_name.tsv",
            Self::BalancedWeak => "balanced_train_segments.csv",
            Self::UnbalancedWeak => "unbalanced_train_segments.csv",
            Self::EvalWeak => "eval_segments.csv",
        }
    }

    /// The folder below the address of AudioSet's files in which it is published.
    const fn folder(self) -> &'static str {
        match self {
            Self::TrainStrong | Self::EvalStrong | Self::Names => "strong",
            Self::BalancedWeak | Self::UnbalancedWeak | Self::EvalWeak => "v1/csv",
        }
    }
}

/// Where AudioSet's files are published.
///
/// Source: <https://research.google.com/audioset/download_strong.html> and
/// <https://research.google.com/audioset/download.html>.
pub const OFFICIAL: &str = "https://storage.googleapis.com/us_audioset/youtube_corpus";

/// A table as it was when it first came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Where it came from.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
}

/// How a table came to be in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It was fetched now, for the first time.
    First,
    /// It was fetched now, and is what it was before.
    Again,
    /// It was there already, and is what it was when it came.
    WasThere,
    /// It was there already; how it came is not written down.
    WasThereUnknown,
}

/// Sees to it that a table lies in a folder, and that it is what it was when it first came; returns where and how.
///
/// # Errors
/// The folder cannot be written, the download fails, or the table is not what it was.
pub fn provide(
    table: Table,
    folder: &Path,
    base: &str,
    downloader: &Downloader,
    tell: &mut dyn FnMut(Event),
) -> Result<(PathBuf, Recorded, Came), FetchError> {
    fs::create_dir_all(folder).map_err(|source| FetchError::unwritable(folder, source))?;
    let mut record = read_record(folder)?;
    let name = table.file_name();
    let path = folder.join(name);
    if path.is_file() {
        let (bytes, sha256) = hash(&path).map_err(|source| FetchError::unreadable(&path, source))?;
        return match record.get(name) {
            Some(known) if known.sha256 != sha256 => Err(FetchError::TableChanged {
                file: path,
                now: sha256,
                before: known.sha256.clone(),
            }),
            Some(known) => Ok((path, known.clone(), Came::WasThere)),
            None => {
                let recorded = Recorded {
                    url: String::new(),
                    bytes,
                    sha256,
                };
                record.insert(name.to_owned(), recorded.clone());
                write_record(folder, &record)?;
                Ok((path, recorded, Came::WasThereUnknown))
            }
        };
    }
    let url = format!("{}/{}/{name}", base.trim_end_matches('/'), table.folder());
    let mut download = Download::new(&url, &path).max_bytes(MAX_BYTES);
    download = match table {
        Table::Names => download.otherwise("or name the file with --names"),
        Table::TrainStrong | Table::EvalStrong => download.otherwise("or name the file with --strong"),
        _ => download.otherwise("or name the file with --weak"),
    };
    let known = record.get(name).filter(|known| !known.url.is_empty());
    if let Some(known) = known {
        download = download.size(known.bytes).sha256(&known.sha256);
    }
    let came = if known.is_some() { Came::Again } else { Came::First };
    let done = downloader.fetch(&download, tell)?;
    let recorded = Recorded {
        url,
        bytes: done.bytes,
        sha256: done.sha256,
    };
    record.insert(name.to_owned(), recorded.clone());
    write_record(folder, &record)?;
    Ok((path, recorded, came))
}

fn read_record(folder: &Path) -> Result<BTreeMap<String, Recorded>, FetchError> {
    let path = folder.join(RECORD);
    let mut text = String::new();
    match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(FetchError::unreadable(&path, source)),
        Ok(file) => file
            .take(1 << 20)
            .read_to_string(&mut text)
            .map_err(|source| FetchError::unreadable(&path, source))?,
    };
    serde_json::from_str(&text).map_err(|error| FetchError::unreadable(&path, error.into()))
}

fn write_record(folder: &Path, record: &BTreeMap<String, Recorded>) -> Result<(), FetchError> {
    let path = folder.join(RECORD);
    let staging = folder.join(format!(".{RECORD}.part-{}", std::process::id()));
    let text = serde_json::to_string_pretty(record).map_err(io::Error::other);
    text.and_then(|text| fs::write(&staging, text + "\n"))
        .and_then(|()| fs::rename(&staging, &path))
        .map_err(|source| FetchError::unwritable(&path, source))
}

fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => {
                hasher.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
    Ok((bytes, hexadecimal(&hasher.finalize())))
}
