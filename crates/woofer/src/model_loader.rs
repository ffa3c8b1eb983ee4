use std::path::PathBuf;
use std::sync::Arc;

use crate::classifier::{Classifier, ClassifierError};
use crate::events::{EventRule, Mode};
use crate::taxonomy::ClassScores;

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// The one that is part of the program.
    BuiltIn,
    /// A bundle's folder, or a published weight file.
    Path(PathBuf),
}

/// A model with all that it takes to score and to name what is scored.
pub struct LoadedModel {
    /// Name for people, and for asking for it.
    pub name: String,
    /// What kind of network it is, for people.
    pub description: String,
    /// The names of the scores, in their order.
    pub classes: Vec<String>,
    /// The class that stands for everything else, if there is one.
    pub rest: Option<usize>,
    /// The network.
    pub classifier: Arc<dyn Classifier>,
    /// How its labels become the classes.
    pub class_scores: ClassScores,
    /// What counts as an event in each mode that it has thresholds of its own for.
    pub rules: Vec<(Mode, EventRule)>,
}

/// Loads models: the program gives it to whoever must not know the networks themselves.
pub trait ModelLoader: Send + Sync {
    /// Loads a model whole, so that it can score at once.
    ///
    /// # Errors
    ///
    /// There is none, or it is refused; the message names it and says why.
    fn load(&self, source: &ModelSource) -> Result<LoadedModel, ClassifierError>;
}
