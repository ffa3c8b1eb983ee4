use std::sync::Arc;

use anyhow::bail;
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer::{Classifier, ClassifierError, LoadedModel, ModelLoader, ModelSource};
use woofer_nn::Model;

/// Loads models for the service, which knows no networks.
pub struct Loader {
    /// The classes to score; each model's own without one.
    pub taxonomy: Option<Taxonomy>,
}

impl ModelLoader for Loader {
    fn load(&self, source: &ModelSource) -> Result<LoadedModel, ClassifierError> {
        let (model, name) = match source {
            ModelSource::BuiltIn => (built_in()?, None),
            // A weight file has no name of its own but its path, which is nobody's business.
            ModelSource::Path(path) => (Model::open(path)?, path.file_stem().filter(|_| path.is_file())),
        };
        let mut loaded = self.loaded(model)?;
        if let Some(name) = name {
            loaded.name = name.to_string_lossy().into_owned();
        }
        Ok(loaded)
    }
}

impl Loader {
    fn loaded(&self, model: Model) -> Result<LoadedModel, woofer_nn::ModelError> {
        let taxonomy = self.taxonomy.as_ref();
        let class_scores = model.class_scores(taxonomy)?;
        let rest = match &class_scores {
            ClassScores::Labels => None,
            _ => taxonomy.or(model.taxonomy()).and_then(Taxonomy::rest),
        };
        Ok(LoadedModel {
            name: model.name().to_owned(),
            description: model.architecture().to_string(),
            classes: class_names(&model, taxonomy, &class_scores),
            rest,
            classifier: Arc::new(model),
            class_scores,
        })
    }
}

/// The model that is part of the program: the place where it comes in.
fn built_in() -> anyhow::Result<Model> {
    bail!("no model is built in yet; name one: woofer serve --model PATH, or WOOFER_MODEL")
}

/// The names of the scores, in their order.
pub fn class_names(model: &Model, taxonomy: Option<&Taxonomy>, class_scores: &ClassScores) -> Vec<String> {
    match (class_scores, taxonomy.or(model.taxonomy())) {
        (ClassScores::Labels, _) | (_, None) => model.labels().iter().map(|l| l.name.clone()).collect(),
        (_, Some(taxonomy)) => taxonomy.classes.iter().map(|c| c.name.clone()).collect(),
    }
}
