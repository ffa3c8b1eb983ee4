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
    /// Number of clips of another list that joined every fold's training.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extra_clips: usize,
    /// How the clips were split to measure the model.
    pub folds: String,
    /// Why its figures are better than those of new clips will be, if they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optimistic: Vec<String>,
    /// The recipe.
    pub recipe: Recipe,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}
