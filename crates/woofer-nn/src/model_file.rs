use std::path::Path;

use crate::bundle::{Bundle, Contents};
use crate::import::import;
use crate::model_error::ModelError;
use crate::weights::Weights;

impl Contents {
    /// What a bundle holds, also the built-in one, or a published weight file imported on the spot.
    ///
    /// Tensors stay in their files until a network is built of them or they are written again, so one opening does
    /// for both.
    ///
    /// # Errors
    ///
    /// There is neither at `path`, or it is refused.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        if !Bundle::is_built_in(path) {
            if path.is_file() {
                if let Some(folder) = Bundle::around(path) {
                    return Err(ModelError::PartOfBundle {
                        file: path.to_owned(),
                        folder: folder.to_owned(),
                    });
                }
                return Ok(Self::imported(import(Weights::open(path)?)?, None));
            }
            if !path.exists() {
                return Err(ModelError::NotFound(path.display().to_string()));
            }
        }
        Ok(Self::of_bundle(&Bundle::open(path)?)?)
    }
}
