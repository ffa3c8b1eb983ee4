use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use woofer::render::{EpochRecord, LearningCurve};
use woofer::{hexadecimal, own_file};

use super::error::TrainingError;
use crate::weights::{Weights, WeightsError};

/// Where the state of a training lies while it goes on, so that it can be taken up again.
///
/// ```text
/// OUT.run/identity.txt          what is trained, on what
/// OUT.run/fold-1/state.safetensors    weights, moments and course after the last whole epoch
/// OUT.run/fold-1/best.safetensors     the network of the best epoch so far
/// OUT.run/fold-1/epoch-10.safetensors that of a kept epoch
/// OUT.run/fold-1/done.safetensors     the network of the finished run
/// OUT.run/copies                what is made of each clip once, where no other cache is given
/// ```
///
/// Whatever else lies there is not ours, and is left alone.
#[derive(Debug)]
pub(super) struct RunFolder {
    dir: PathBuf,
    /// Locked as long as it is open.
    identity: File,
    /// What an interrupted training left that is taken up here; nothing else is read.
    left: BTreeSet<PathBuf>,
}

/// What is done with the state of a training that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interrupted {
    /// It is an error.
    #[default]
    Kept,
    /// The training goes on where it was; the state of another training is an error.
    Resumed,
    /// It is removed.
    Discarded,
}

/// How far a run is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Course {
    /// Epochs that are done.
    pub(super) epochs: usize,
    /// Steps that were taken.
    pub(super) steps: usize,
    /// Loss and AUC of each epoch.
    pub(super) records: Vec<(Option<f64>, Option<f64>)>,
    /// The best epoch so far, counted from 1, and its AUC.
    pub(super) best: Option<(usize, f64)>,
}

const COURSE: &str = "course";
const IDENTITY: &str = "identity.txt";
/// The folder of what is made of each clip once.
const COPIES: &str = "copies";
/// Begins the text in every folder of ours.
const OURS: &str = "woofer";
/// The text in a folder in which no training is to be taken up.
const NO_TRAINING: &str = "woofer, no training to be taken up\n";
/// Most characters of a run's name in that of its folder.
const LONGEST_NAME: usize = 64;

impl RunFolder {
    /// Opens or makes the folder of a training that `identity` tells from others, for this one alone.
    pub(super) fn open(dir: &Path, identity: &str, state: Interrupted) -> Result<Self, TrainingError> {
        let fault = |reason: &str| TrainingError::State {
            path: dir.display().to_string(),
            reason: reason.to_owned(),
        };
        let of_files = |e: io::Error| fault(&e.to_string());
        let not_ours = || {
            fault(
                "is where the training's state would be, and holds files that are not of a training; move them, or give \
                 another --output",
            )
        };
        if dir.is_file() {
            return Err(fault(
                "is a file, where the folder of the training's state would be; move it, or give another --output",
            ));
        }
        fs::create_dir_all(dir).map_err(of_files)?;
        if !dir.join(IDENTITY).is_file() && holds_others(dir).map_err(of_files)? {
            return Err(not_ours());
        }
        let mut file = own_file::open(&dir.join(IDENTITY)).map_err(|error| match error {
            TryLockError::WouldBlock => {
                fault("another training is at work here; wait for it, or give another --output")
            }
            TryLockError::Error(error) => of_files(error),
        })?;
        let mut found = String::new();
        file.read_to_string(&mut found).map_err(|_| not_ours())?;
        if !found.starts_with(OURS) && (!found.is_empty() || holds_others(dir).map_err(of_files)?) {
            return Err(not_ours());
        }
        let mut left = BTreeSet::new();
        match state {
            Interrupted::Discarded => remove_parts(dir).map_err(of_files)?,
            _ if found.is_empty() || found == NO_TRAINING => {}
            Interrupted::Resumed if found == identity => left = files_of_runs(dir),
            Interrupted::Resumed => {
                return Err(fault(
                    "holds the state of another training (other clips, folds, recipe, backbone, seed, device or version \
                     of Woofer); give the same ones to go on, or --force without --resume to begin anew",
                ));
            }
            Interrupted::Kept => {
                return Err(fault(
                    "holds the state of an interrupted training; give --resume to go on, or --force to begin anew",
                ));
            }
        }
        if found != identity {
            write_identity(&file, identity).map_err(of_files)?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            identity: file,
            left,
        })
    }

    /// Forgets a training that ended before its first epoch, so that the next one need not be told what to do with it.
    pub(super) fn forget_unless_begun(&self) {
        if files_of_runs(&self.dir).is_empty() {
            // Whatever stays behind is only in the way of the next training, which says so.
            let _ = leave(&self.dir, &self.identity);
        }
    }

    fn path(&self, run: &str, file: &str) -> PathBuf {
        self.dir.join(folder_name(run)).join(file)
    }

    /// Writes tensors and how far the run is, whole or not at all.
    pub(super) fn write(
        &self,
        run: &str,
        file: &str,
        tensors: &Weights,
        course: &Course,
    ) -> Result<(), TrainingError> {
        let path = self.path(run, file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| TrainingError::State {
                path: parent.display().to_string(),
                reason: e.to_string(),
            })?;
        }
        let text = serde_json::to_string(course).map_err(|e| TrainingError::State {
            path: path.display().to_string(),
            reason: e.to_string(),
        })?;
        tensors.write_safetensors(&path, &BTreeMap::from([(COURSE.to_owned(), text)]))?;
        Ok(())
    }

    /// Reads what [`RunFolder::write`] wrote before an interruption; none where there is no such file, or only one of this time.
    pub(super) fn read(&self, run: &str, file: &str) -> Result<Option<(Weights, Course)>, TrainingError> {
        let path = self.path(run, file);
        if !self.left.contains(&path) {
            return Ok(None);
        }
        let tensors = Weights::open(&path).map_err(|e: WeightsError| TrainingError::State {
            path: path.display().to_string(),
            reason: format!("{e}; give --force without --resume to begin anew"),
        })?;
        let course = tensors
            .metadata()
            .get(COURSE)
            .map(String::as_str)
            .unwrap_or_default();
        let course = serde_json::from_str(course).map_err(|e| TrainingError::State {
            path: path.display().to_string(),
            reason: format!(
                "is not the state of a training ({e}); give --force without --resume to begin anew"
            ),
        })?;
        Ok(Some((tensors, course)))
    }
}

/// Removes the state of a training that is done, and its folder where nothing else lies in it; with `keep_networks` only the copies of clips.
///
/// Of another training that is at work there nothing is removed.
///
/// # Errors
///
/// A file cannot be removed.
pub fn clear_run(dir: &Path, keep_networks: bool) -> io::Result<()> {
    if keep_networks {
        return remove_copies(dir);
    }
    let identity = match own_file::open(&dir.join(IDENTITY)) {
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(identity) => identity,
    };
    remove_parts(dir)?;
    leave(dir, &identity)
}

/// Where what is made of each clip once lies in the folder of a training that is given no other cache.
#[must_use]
pub fn copies_in_run(dir: &Path) -> PathBuf {
    dir.join(COPIES)
}

/// A run's folder. Folds are named by whoever made the list: what had to be replaced or cut, and capitals, which not every file system
/// tells from small letters, are told apart by a hash after `_`, which no other name has.
fn folder_name(run: &str) -> String {
    let name = run.replacen(' ', "-", 1);
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() <= LONGEST_NAME && name.chars().all(is_plain) {
        return name;
    }
    let hash = hexadecimal(&Sha256::digest(run));
    let readable = name.chars().take(LONGEST_NAME);
    let readable = readable.map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    readable.chain(['_']).chain(hash.chars().take(16)).collect()
}

/// Whether anything but the file that is locked lies in a folder.
fn holds_others(dir: &Path) -> io::Result<bool> {
    let mut entries = fs::read_dir(dir)?;
    Ok(entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != IDENTITY)))
}

/// What runs wrote in a folder, so far.
fn files_of_runs(dir: &Path) -> BTreeSet<PathBuf> {
    let folders = fs::read_dir(dir).into_iter().flatten().flatten();
    folders
        .filter_map(|folder| fs::read_dir(folder.path()).ok())
        .flat_map(Iterator::flatten)
        .filter(|file| is_of_a_run(&file.file_name()))
        .map(|file| file.path())
        .collect()
}

/// Whether a name is one that a run gives to a file, or to what it was writing when it was ended.
fn is_of_a_run(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let Some((stem, rest)) = name.split_once(".safetensors") else {
        return false;
    };
    let is_known = matches!(stem, "state" | "best" | "done")
        || stem
            .strip_prefix("epoch-")
            .is_some_and(|epoch| epoch.parse::<usize>().is_ok());
    is_known && (rest.is_empty() || rest.ends_with(".partial"))
}

/// Removes what a training put into a folder, but for the file that is locked.
fn remove_parts(dir: &Path) -> io::Result<()> {
    remove_copies(dir)?;
    for file in files_of_runs(dir) {
        fs::remove_file(&file)?;
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && fs::read_dir(entry.path())?.next().is_none() {
            fs::remove_dir(entry.path())?;
        }
    }
    Ok(())
}

fn remove_copies(dir: &Path) -> io::Result<()> {
    let copies = copies_in_run(dir);
    if copies.is_dir() {
        fs::remove_dir_all(copies)?;
    }
    Ok(())
}

/// Removes the folder of a training, or, where something else lies in it, notes that no training is to be taken up there.
fn leave(dir: &Path, identity: &File) -> io::Result<()> {
    if holds_others(dir)? {
        return write_identity(identity, NO_TRAINING);
    }
    fs::remove_file(dir.join(IDENTITY))?;
    fs::remove_dir(dir)
}

fn write_identity(mut file: &File, text: &str) -> io::Result<()> {
    // Longer for a moment, but never empty: the folder is ours all the time.
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

impl Course {
    /// As a curve for reports.
    pub(super) fn curve(&self, run: &str, kept: usize) -> LearningCurve {
        let number = |epoch: usize| u32::try_from(epoch).unwrap_or(u32::MAX);
        let epochs = self.records.iter().enumerate();
        LearningCurve {
            name: run.to_owned(),
            epochs: epochs
                .map(|(i, (loss, auc))| EpochRecord {
                    epoch: number(i + 1),
                    loss: *loss,
                    auc: *auc,
                })
                .collect(),
            kept: Some(number(kept)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "woofer, one";
    const OTHER: &str = "woofer, other";

    #[test]
    fn a_folder_is_one_training_s_alone_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("house.run");
        let first = RunFolder::open(&run, ONE, Interrupted::Kept).unwrap();
        for state in [Interrupted::Kept, Interrupted::Resumed, Interrupted::Discarded] {
            let error = RunFolder::open(&run, ONE, state).unwrap_err().to_string();
            assert!(error.contains("another training is at work here"), "{error}");
        }
        drop(first);
        let error = RunFolder::open(&run, ONE, Interrupted::Kept)
            .unwrap_err()
            .to_string();
        assert!(error.contains("--resume"), "{error}");
        RunFolder::open(&run, ONE, Interrupted::Resumed).unwrap();
        let file = dir.path().join("file.run");
        fs::write(&file, "").unwrap();
        let error = RunFolder::open(&file, ONE, Interrupted::Kept)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("file.run") && error.contains("is a file"),
            "{error}"
        );
        let error = RunFolder::open(&run, OTHER, Interrupted::Resumed)
            .unwrap_err()
            .to_string();
        assert!(error.contains("another training"), "{error}");
    }

    #[test]
    fn what_is_discarded_is_gone_and_the_new_one_can_be_resumed() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("fold-1").join("state.safetensors");
        drop(RunFolder::open(dir.path(), "woofer, a longer one", Interrupted::Kept).unwrap());
        fs::create_dir_all(state.parent().unwrap()).unwrap();
        fs::write(&state, "weights").unwrap();
        drop(RunFolder::open(dir.path(), OTHER, Interrupted::Discarded).unwrap());
        assert!(!state.exists());
        drop(RunFolder::open(dir.path(), OTHER, Interrupted::Resumed).unwrap());
    }

    #[test]
    fn what_is_not_of_a_training_is_refused_and_never_removed() {
        let dir = tempfile::tempdir().unwrap();
        for (name, files) in [
            ("none", &["thesis.txt"][..]),
            ("empty", &["thesis.txt", "identity.txt"]),
            ("anothers", &["identity.txt"]),
            ("alike", &["fold-1/state.safetensors"]),
        ] {
            let run = dir.path().join(name);
            for file in files {
                let text = if name == "anothers" {
                    "of somebody else"
                } else {
                    ""
                };
                fs::create_dir_all(run.join(file).parent().unwrap()).unwrap();
                fs::write(run.join(file), text).unwrap();
            }
            for state in [Interrupted::Kept, Interrupted::Resumed, Interrupted::Discarded] {
                let error = RunFolder::open(&run, ONE, state).unwrap_err().to_string();
                assert!(
                    error.contains(name) && error.contains("not of a training"),
                    "{error}"
                );
                assert!(files.iter().all(|file| run.join(file).exists()));
                assert_eq!(run.join(IDENTITY).exists(), files.contains(&IDENTITY));
            }
        }
        // An end before the first word was written is no other's.
        let run = dir.path().join("early");
        fs::create_dir(&run).unwrap();
        fs::write(run.join(IDENTITY), "").unwrap();
        RunFolder::open(&run, ONE, Interrupted::Kept).unwrap();
    }

    #[test]
    fn of_a_training_that_is_done_all_goes_but_what_is_not_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("house.run");
        let begun = || {
            for file in [
                "fold-1/done.safetensors",
                "fold-1/epoch-10.safetensors",
                "copies/ab/cd.rows",
            ] {
                fs::create_dir_all(run.join(file).parent().unwrap()).unwrap();
                fs::write(run.join(file), "weights").unwrap();
            }
        };
        let at_work = RunFolder::open(&run, ONE, Interrupted::Kept).unwrap();
        begun();
        clear_run(&run, false).unwrap();
        assert!(run.join("fold-1/done.safetensors").exists());
        drop(at_work);
        clear_run(&run, true).unwrap();
        assert!(run.join("fold-1/epoch-10.safetensors").exists() && !run.join("copies").exists());
        clear_run(&run, false).unwrap();
        assert!(!run.exists());

        drop(RunFolder::open(&run, ONE, Interrupted::Kept).unwrap());
        begun();
        fs::write(run.join("fold-1/epoch-best.safetensors"), "mine").unwrap();
        fs::write(run.join("notes.txt"), "mine").unwrap();
        drop(RunFolder::open(&run, OTHER, Interrupted::Discarded).unwrap());
        let is_left_alone = || {
            assert!(!run.join("copies").exists() && !run.join("fold-1/done.safetensors").exists());
            for file in ["fold-1/epoch-best.safetensors", "notes.txt"] {
                assert_eq!(fs::read(run.join(file)).unwrap(), b"mine");
            }
        };
        is_left_alone();
        begun();
        clear_run(&run, false).unwrap();
        is_left_alone();
        // The next training need not be told what to do with what is gone.
        RunFolder::open(&run, OTHER, Interrupted::Kept).unwrap();
    }

    #[test]
    fn only_what_an_interrupted_training_left_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut weights = Weights::new("made up");
        weights.insert("bias", &[1], vec![1.0]).unwrap();
        let folder = RunFolder::open(dir.path(), ONE, Interrupted::Kept).unwrap();
        folder
            .write("fold 1", "done.safetensors", &weights, &Course::default())
            .unwrap();
        assert!(folder.read("fold 1", "done.safetensors").unwrap().is_none());
        drop(folder);
        let folder = RunFolder::open(dir.path(), ONE, Interrupted::Resumed).unwrap();
        folder
            .write("fold 2", "done.safetensors", &weights, &Course::default())
            .unwrap();
        assert!(folder.read("fold 1", "done.safetensors").unwrap().is_some());
        assert!(folder.read("fold 2", "done.safetensors").unwrap().is_none());
    }

    #[test]
    fn every_run_has_a_folder_of_its_own() {
        assert_eq!(folder_name("fold 1"), "fold-1");
        assert_eq!(folder_name("fold room-1"), "fold-room-1");
        assert_eq!(folder_name("all clips"), "all-clips");
        let long = "fold ".to_owned() + &"x".repeat(300);
        let longer = format!("{long}y");
        let runs = [
            "fold room-1",
            "fold room_1",
            "fold room 1",
            "fold Room-1",
            "fold k\u{fc}che",
            "fold k\u{f6}che",
            "fold ../../room",
            &long,
            &longer,
        ];
        let names: BTreeSet<String> = runs.map(|run| folder_name(run).to_lowercase()).into();
        assert_eq!(names.len(), runs.len());
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(
            names
                .iter()
                .all(|name| name.len() < 100 && name.chars().all(is_allowed)),
            "{names:?}"
        );
    }
}
