//! A folder with one sub-folder a class.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::labels::LabelNames;
use super::manifest::{Manifest, Row};
use super::reading::Reading;
use super::row_fault::{RowFault, RowFaults};
use super::table::MAX_ROWS;

/// Endings of audio files, readable or not: one that cannot be read is to be reported, not left out.
const AUDIO_ENDINGS: [&str; 21] = [
    "aac", "aif", "aifc", "aiff", "amr", "au", "caf", "flac", "m4a", "mka", "mp2", "mp3", "mp4", "oga",
    "ogg", "opus", "wav", "wave", "webm", "wma", "wv",
];

/// Names of the lists that a folder without classes may hold.
const LISTS: [&str; 2] = ["manifest.csv", "meta_train.csv"];

/// How deep sub-folders are gone into.
const MAX_DEPTH: usize = 16;

/// The list in a folder that has no sub-folder named after a class.
pub(super) fn list_inside(folder: &Path, labels: &LabelNames) -> Result<Option<PathBuf>, DatasetError> {
    let entries = entries(folder)?;
    let has_class = entries
        .iter()
        .any(|e| e.is_folder && labels.folder(&e.name()).is_ok());
    let list = LISTS
        .iter()
        .map(|name| folder.join(name))
        .find(|list| list.is_file());
    Ok(list.filter(|_| !has_class))
}

/// Reads the clips of all sub-folders, sorted by path.
pub(super) fn read(folder: &Path, labels: &LabelNames) -> Result<Reading, DatasetError> {
    let mut found = Found {
        root: folder,
        rows: Vec::new(),
        not_audio: 0,
    };
    let mut faults = RowFaults::default();
    let mut folders = 0;
    for entry in entries(folder)?.iter().filter(|e| e.is_folder) {
        folders += 1;
        match labels.folder(&entry.name()) {
            Ok(label) => found.add_folder(&entry.path, label, MAX_DEPTH)?,
            Err(problem) => faults.push(RowFault {
                line: 0,
                path: entry.path.display().to_string(),
                problem,
            }),
        }
    }
    if found.rows.is_empty() && faults.count() == 0 {
        let reason = match folders {
            0 => "holds neither sub-folders named after classes nor a manifest.csv or meta_train.csv",
            _ => "its sub-folders hold no audio files",
        };
        return Err(DatasetError::NoRows {
            file: folder.display().to_string(),
            reason: reason.to_owned(),
        });
    }
    Ok(Reading {
        manifest: Manifest {
            rows: found.rows,
            path: folder.to_owned(),
        },
        faults,
        not_audio: found.not_audio,
    })
}

/// The names of a folder's sub-folders, sorted, which are its classes where clips are put into folders named after them.
///
/// # Errors
///
/// The folder cannot be read, or it has no sub-folder.
pub fn class_folders(folder: &Path) -> Result<Vec<String>, DatasetError> {
    let entries = entries(folder)?;
    let names: Vec<String> = (entries.iter())
        .filter(|entry| entry.is_folder)
        .map(Entry::name)
        .collect();
    if names.is_empty() {
        return Err(DatasetError::NoRows {
            file: folder.display().to_string(),
            reason: "holds no sub-folders; the clips of each class lie in one that is named after it"
                .to_owned(),
        });
    }
    Ok(names)
}

struct Found<'a> {
    root: &'a Path,
    rows: Vec<Row>,
    not_audio: usize,
}

impl Found<'_> {
    fn add_folder(&mut self, folder: &Path, label: (usize, usize), depth: usize) -> Result<(), DatasetError> {
        for entry in entries(folder)? {
            if entry.is_folder {
                if depth == 0 {
                    return Err(self.limit(format!(
                        "{}: folders lie more than {MAX_DEPTH} deep",
                        entry.path.display()
                    )));
                }
                self.add_folder(&entry.path, label, depth - 1)?;
            } else if !has_audio_ending(&entry.path) {
                self.not_audio += 1;
            } else if self.rows.len() == MAX_ROWS {
                return Err(self.limit(format!("holds more than {MAX_ROWS} clips")));
            } else {
                let inside = entry.path.strip_prefix(self.root).unwrap_or(&entry.path);
                self.rows.push(Row {
                    class: label.0,
                    fine: label.1,
                    recording: inside.to_string_lossy().into_owned(),
                    source: String::new(),
                    weak: false,
                    onset_s: None,
                    offset_s: None,
                    columns: BTreeMap::new(),
                    line: 0,
                    path: entry.path,
                });
            }
        }
        Ok(())
    }

    fn limit(&self, reason: String) -> DatasetError {
        DatasetError::NoRows {
            file: self.root.display().to_string(),
            reason,
        }
    }
}

struct Entry {
    path: PathBuf,
    is_folder: bool,
}

impl Entry {
    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// What a folder holds, sorted; without hidden files, and without links to folders, which may lead back up.
fn entries(folder: &Path) -> Result<Vec<Entry>, DatasetError> {
    let unreadable = |e| DatasetError::unreadable(folder, e);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        let leads_to_folder = kind.is_symlink() && path.is_dir();
        if !hidden && !leads_to_folder {
            entries.push(Entry {
                is_folder: kind.is_dir(),
                path,
            });
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

fn has_audio_ending(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|ending| AUDIO_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}
