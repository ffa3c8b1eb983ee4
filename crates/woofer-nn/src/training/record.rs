use serde::{Deserialize, Serialize};

use super::recipe::Recipe;

/// How a model was trained, as its `model.toml` tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecord {
    /// The list of clips.
    pub data: String,
    /// Number of clips trained on.
    pub clips: usize,
    /// Number of recordings that they come from.
    pub recordings: usize,
    /// How the clips were split to measure the model.
    pub folds: String,
    /// The recipe.
    pub recipe: Recipe,
}
