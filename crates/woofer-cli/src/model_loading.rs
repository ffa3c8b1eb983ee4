use std::path::Path;
use std::sync::Arc;

use woofer::events::Mode;
use woofer::taxonomy::Taxonomy;
use woofer::{ClassifierError, LoadedModel, ModelLoader, ModelSource};
use woofer_nn::{Bundle, Model};

use crate::classify::{class_names, min_event_s};

/// Loads models for the service, which knows no networks.
pub struct Loader {
    /// The classes to score; each model's own without one.
    pub taxonomy: Option<Taxonomy>,
}

impl ModelLoader for Loader {
    fn load(&self, source: &ModelSource) -> Result<LoadedModel, ClassifierError> {
        let (model, name) = match source {
            ModelSource::BuiltIn => (Model::open(Path::new(Bundle::BUILT_IN))?, None),
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
        let (classes, rest) = class_names(&model, taxonomy, &class_scores);
        let min_event_s = min_event_s(&model, taxonomy, &class_scores);
        let rules = model.thresholds().map_or_else(Vec::new, |thresholds| {
            let rule = |mode| (mode, thresholds.rule(mode, &classes, rest, min_event_s.clone()));
            Mode::ALL.map(rule).into()
        });
        Ok(LoadedModel {
            name: model.name().to_owned(),
            description: model.architecture().to_string(),
            classes,
            rest,
            classifier: Arc::new(model),
            class_scores,
            rules,
        })
    }
}
