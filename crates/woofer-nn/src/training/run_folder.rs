use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use woofer::own_file;
use woofer::render::{EpochRecord, LearningCurve};

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
/// ```
#[derive(Debug)]
pub(super) struct RunFolder {
    dir: PathBuf,
    /// Locked as long as it is open.
    _identity: File,
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

impl RunFolder {
    /// Opens or makes the folder of a training that `identity` tells from others, for this one alone.
    pub(super) fn open(dir: &Path, identity: &str, state: Interrupted) -> Result<Self, TrainingError> {
        let fault = |reason: &str| TrainingError::State {
            path: dir.display().to_string(),
            reason: reason.to_owned(),
        };
        let of_files = |e: io::Error| fault(&e.to_string());
        if dir.is_file() {
            return Err(fault(
                "is a file, where the folder of the training's state would be; move it, or give another --output",
            ));
        }
        fs::create_dir_all(dir).map_err(of_files)?;
        let mut file = own_file::open(&dir.join(IDENTITY)).map_err(|error| match error {
            TryLockError::WouldBlock => {
                fault("another training is at work here; wait for it, or give another --output")
            }
            TryLockError::Error(error) => of_files(error),
        })?;
        let mut found = String::new();
        file.read_to_string(&mut found).map_err(of_files)?;
        match state {
            Interrupted::Discarded => discard(dir).map_err(of_files)?,
            _ if found.is_empty() => {}
            Interrupted::Resumed if found == identity => {}
            Interrupted::Resumed => {
                return Err(fault(
                    "holds the state of another training (other clips, folds, recipe, backbone, seed, device or version \
                     of Woofer); give the same ones to go on, or --force to begin anew",
                ));
            }
            Interrupted::Kept => {
                return Err(fault(
                    "holds the state of an interrupted training; give --resume to go on, or --force to begin anew",
                ));
            }
        }
        if found != identity {
            file.set_len(0).map_err(of_files)?;
            file.rewind().map_err(of_files)?;
            file.write_all(identity.as_bytes()).map_err(of_files)?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            _identity: file,
        })
    }

    /// Forgets a training that ended before its first epoch, so that the next one need not be told what to do with it.
    pub(super) fn forget_unless_begun(&self) {
        let folders = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let is_begun = folders
            .filter_map(|folder| fs::read_dir(folder.path()).ok())
            .flat_map(Iterator::flatten)
            .any(|file| {
                file.path()
                    .extension()
                    .is_some_and(|ending| ending == "safetensors")
            });
        if !is_begun {
            // Whatever stays behind is only in the way of the next training, which says so.
            let _ = fs::remove_file(self.dir.join(IDENTITY));
            let _ = fs::remove_dir(&self.dir);
        }
    }

    fn path(&self, run: &str, file: &str) -> PathBuf {
        // Folds are named by whoever made the list.
        let name: String = run
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        self.dir.join(name).join(file)
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

    /// Reads what [`RunFolder::write`] wrote; none where there is no such file.
    pub(super) fn read(&self, run: &str, file: &str) -> Result<Option<(Weights, Course)>, TrainingError> {
        let path = self.path(run, file);
        if !path.exists() {
            return Ok(None);
        }
        let tensors = Weights::open(&path).map_err(|e: WeightsError| TrainingError::State {
            path: path.display().to_string(),
            reason: format!("{e}; give --force to begin anew"),
        })?;
        let course = tensors
            .metadata()
            .get(COURSE)
            .map(String::as_str)
            .unwrap_or_default();
        let course = serde_json::from_str(course).map_err(|e| TrainingError::State {
            path: path.display().to_string(),
            reason: format!("is not the state of a training ({e}); give --force to begin anew"),
        })?;
        Ok(Some((tensors, course)))
    }
}

/// Removes all that is in the folder of a training but the file that is locked.
fn discard(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != IDENTITY {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
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

    #[test]
    fn a_folder_is_one_training_s_alone_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("house.run");
        let first = RunFolder::open(&run, "one", Interrupted::Kept).unwrap();
        for state in [Interrupted::Kept, Interrupted::Resumed, Interrupted::Discarded] {
            let error = RunFolder::open(&run, "one", state).unwrap_err().to_string();
            assert!(error.contains("another training is at work here"), "{error}");
        }
        drop(first);
        let error = RunFolder::open(&run, "one", Interrupted::Kept)
            .unwrap_err()
            .to_string();
        assert!(error.contains("--resume"), "{error}");
        RunFolder::open(&run, "one", Interrupted::Resumed).unwrap();
        let file = dir.path().join("file.run");
        fs::write(&file, "").unwrap();
        let error = RunFolder::open(&file, "one", Interrupted::Kept)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("file.run") && error.contains("is a file"),
            "{error}"
        );
        let error = RunFolder::open(&run, "other", Interrupted::Resumed)
            .unwrap_err()
            .to_string();
        assert!(error.contains("another training"), "{error}");
    }

    #[test]
    fn what_is_discarded_is_gone_and_the_new_one_can_be_resumed() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("fold-1").join("state.safetensors");
        drop(RunFolder::open(dir.path(), "a longer one", Interrupted::Kept).unwrap());
        fs::create_dir_all(state.parent().unwrap()).unwrap();
        fs::write(&state, "weights").unwrap();
        drop(RunFolder::open(dir.path(), "other", Interrupted::Discarded).unwrap());
        assert!(!state.exists());
        drop(RunFolder::open(dir.path(), "other", Interrupted::Resumed).unwrap());
        // Whosever it was: it is not the new one's.
        fs::create_dir_all(state.parent().unwrap()).unwrap();
        fs::write(&state, "weights").unwrap();
        fs::remove_file(dir.path().join(IDENTITY)).unwrap();
        RunFolder::open(dir.path(), "third", Interrupted::Discarded).unwrap();
        assert!(!state.exists());
    }
}
