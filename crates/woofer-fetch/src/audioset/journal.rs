use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use woofer::audioset::PlannedCut;
use woofer::own_file;

use super::error::FetchError;
use super::reason::Reason;

/// The journal's file name in the folder of clips.
pub const JOURNAL: &str = "fetch.jsonl";
/// The longest entry that is read.
const MAX_LINE: u64 = 64 << 10;

/// How it stands with a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The clip is there.
    Done,
    /// It cannot be had.
    Gone,
    /// It may be had another time.
    Retry,
}

/// What became of a cut: a line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The clip's file name.
    pub file: String,
    /// The video.
    pub video: String,
    /// Where the cut begins in the video.
    pub start_ms: u32,
    /// Where it ends.
    pub end_ms: u32,
    /// How it stands.
    pub state: State,
    /// Why there is no clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the program said, without passwords and keys; or what is odd about the clip.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The clip's length in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_ms: Option<u64>,
    /// The clip file's size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The clip's sample rate; journals of older versions do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<u32>,
    /// What it came by: the program and its version, or the copy's file.
    pub by: String,
    /// When, in seconds since 1970.
    pub time_s: u64,
}

impl Entry {
    /// Whether the entry speaks of this cut, and not of one with other times under the same name.
    #[must_use]
    pub fn is_of(&self, cut: &PlannedCut) -> bool {
        (self.start_ms, self.end_ms) == (cut.start_ms, cut.end_ms) && self.video == cut.video.as_str()
    }
}

/// The last entry of each file.
pub type Entries = HashMap<String, Entry>;

/// The journal of a folder of clips, open for writing. Only one program at a time has it.
pub struct Journal {
    file: Mutex<File>,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of a folder, and reads what is in it.
    ///
    /// A last line that a sudden end left unfinished is taken off.
    ///
    /// # Errors
    /// The folder cannot be written, another program has the journal, or a line is no entry.
    pub fn open(folder: &Path) -> Result<(Self, Entries), FetchError> {
        fs::create_dir_all(folder).map_err(|source| FetchError::unwritable(folder, source))?;
        let path = folder.join(JOURNAL);
        let unwritable = |source| FetchError::unwritable(&path, source);
        let mut file = own_file::open(&path).map_err(|error| match error {
            TryLockError::WouldBlock => FetchError::InUse {
                folder: folder.to_owned(),
            },
            TryLockError::Error(source) => unwritable(source),
        })?;
        let (entries, whole) = read(&file, &path)?;
        file.set_len(whole).map_err(unwritable)?;
        file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        let file = Mutex::new(file);
        Ok((Self { file, path }, entries))
    }

    /// Reads the journal of a folder, if there is one.
    ///
    /// # Errors
    /// It cannot be read, or a line is no entry.
    pub fn read(folder: &Path) -> Result<Entries, FetchError> {
        let path = folder.join(JOURNAL);
        match File::open(&path) {
            Ok(file) => Ok(read(&file, &path)?.0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Entries::new()),
            Err(source) => Err(FetchError::unreadable(&path, source)),
        }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&self, entry: &Entry) -> Result<(), FetchError> {
        let line = serde_json::to_string(entry).map_err(io::Error::other);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so that a sudden end leaves no more than one unfinished line.
        line.and_then(|line| file.write_all(format!("{line}\n").as_bytes()))
            .map_err(|source| FetchError::unwritable(&self.path, source))
    }
}

/// The entries, and the length of all lines that have an end.
fn read(file: &File, path: &Path) -> Result<(Entries, u64), FetchError> {
    let mut entries = Entries::new();
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut whole = 0;
    for number in 1.. {
        line.clear();
        let n = (&mut reader)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|source| FetchError::unreadable(path, source))?;
        let fault = |reason: String| FetchError::Journal {
            file: path.to_owned(),
            line: number,
            reason,
        };
        if line.last() != Some(&b'\n') {
            if n as u64 == MAX_LINE {
                return Err(fault(format!("longer than {MAX_LINE} bytes")));
            }
            break;
        }
        let entry: Entry = serde_json::from_slice(&line).map_err(|error| fault(error.to_string()))?;
        entries.insert(entry.file.clone(), entry);
        whole += n as u64;
    }
    Ok((entries, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(file: &str, state: State) -> Entry {
        Entry {
            file: file.into(),
            video: "abcdefghijk".into(),
            start_ms: 1,
            end_ms: 2,
            state,
            reason: (state != State::Done).then_some(Reason::Private),
            detail: String::new(),
            length_ms: None,
            bytes: None,
            rate_hz: None,
            by: "test".into(),
            time_s: 3,
        }
    }

    #[test]
    fn the_last_entry_of_a_file_counts_and_an_unfinished_line_is_taken_off() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, entries) = Journal::open(dir.path()).unwrap();
        assert!(entries.is_empty());
        journal.add(&entry("a.wav", State::Retry)).unwrap();
        journal.add(&entry("b.wav", State::Gone)).unwrap();
        journal.add(&entry("a.wav", State::Done)).unwrap();
        drop(journal);
        let path = dir.path().join(JOURNAL);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{}", &text[..40])).unwrap();
        let (journal, entries) = Journal::open(dir.path()).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries["a.wav"], entry("a.wav", State::Done));
        journal.add(&entry("c.wav", State::Done)).unwrap();
        assert_eq!(Journal::read(dir.path()).unwrap().len(), 3);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
    }

    #[test]
    fn two_programs_do_not_write_one_journal() {
        let dir = tempfile::tempdir().unwrap();
        let first = Journal::open(dir.path()).unwrap();
        assert!(matches!(Journal::open(dir.path()), Err(FetchError::InUse { .. })));
        drop(first);
        Journal::open(dir.path()).unwrap();
    }

    #[test]
    fn what_is_no_journal_is_refused_with_its_line_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(JOURNAL);
        let (journal, _) = Journal::open(dir.path()).unwrap();
        journal.add(&entry("a.wav", State::Done)).unwrap();
        drop(journal);
        let text = fs::read_to_string(&path).unwrap() + "hello\n";
        fs::write(&path, &text).unwrap();
        let error = Journal::open(dir.path()).err().unwrap().to_string();
        assert!(error.contains("fetch.jsonl, line 2"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        fs::write(&path, vec![b'x'; 100_000]).unwrap();
        assert!(Journal::open(dir.path()).is_err());
    }
}
