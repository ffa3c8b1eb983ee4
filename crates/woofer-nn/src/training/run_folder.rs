use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
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
#[derive(Debug, Clone)]
pub(super) struct RunFolder {
    dir: PathBuf,
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
    /// Opens or makes the folder of a training that `identity` tells from others.
    pub(super) fn open(dir: &Path, identity: &str, resume: bool) -> Result<Self, TrainingError> {
        let fault = |reason: String| TrainingError::State {
            path: dir.display().to_string(),
            reason,
        };
        let file = dir.join(IDENTITY);
        match fs::read_to_string(&file) {
            Ok(found) if resume && found == identity => {}
            Ok(_) if resume => {
                return Err(fault(
                    "holds the state of another training (other clips, folds, recipe, backbone, seed, device or version \
                     of Woofer); give the same ones to go on, or --force to begin anew"
                        .to_owned(),
                ));
            }
            Ok(_) => {
                return Err(fault(
                    "holds the state of an interrupted training; give --resume to go on, or --force to begin anew"
                        .to_owned(),
                ));
            }
            Err(_) => {
                fs::create_dir_all(dir).map_err(|e| fault(e.to_string()))?;
                fs::write(&file, identity).map_err(|e| fault(e.to_string()))?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
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
