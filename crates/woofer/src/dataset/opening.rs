//! Reading a list, whichever form it has.

use std::path::Path;

use super::error::DatasetError;
use super::labels::LabelNames;
use super::manifest::Manifest;
use super::reading::Reading;
use super::{class_folders, clip_list};
use crate::taxonomy::Taxonomy;

impl Manifest {
    /// Reads a list or a folder of classes, every row of which can be used.
    ///
    /// # Errors
    ///
    /// The list cannot be read, a column is missing, or a row has an unknown label, a bad value, another row's stretch
    /// with another label, or no file.
    pub fn open(path: &Path, taxonomy: &Taxonomy) -> Result<Self, DatasetError> {
        Self::read(path, None, taxonomy)?.into_manifest()
    }

    /// Reads a list whose clips lie in a folder elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Manifest::open`]; and `path` is a folder of classes, which needs no other.
    pub fn open_with_clips(path: &Path, clips: &Path, taxonomy: &Taxonomy) -> Result<Self, DatasetError> {
        Self::read(path, Some(clips), taxonomy)?.into_manifest()
    }

    /// Reads a list or a folder of classes, as far as its rows can be used, and says what is wrong with the others.
    ///
    /// # Errors
    ///
    /// The list as a whole cannot be read, has no rows, lacks a column, or has more rows or longer lines than is allowed.
    pub fn read(path: &Path, clips: Option<&Path>, taxonomy: &Taxonomy) -> Result<Reading, DatasetError> {
        let labels = LabelNames::new(taxonomy);
        let metadata = std::fs::metadata(path).map_err(|e| DatasetError::unreadable(path, e))?;
        let file = || path.display().to_string();
        let mut reading = if metadata.is_file() {
            clip_list::read(path, clips, &labels)?
        } else if !metadata.is_dir() {
            return Err(DatasetError::NotAList { file: file() });
        } else if let Some(list) = class_folders::list_inside(path, &labels)? {
            clip_list::read(&list, clips, &labels)?
        } else if clips.is_some() {
            return Err(DatasetError::ClipsWithFolder { file: file() });
        } else {
            class_folders::read(path, &labels)?
        };
        reading.leave_out_relabelled(&labels);
        reading.leave_out_missing();
        Ok(reading)
    }
}
