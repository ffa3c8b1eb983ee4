use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus::IntCounter;
use woofer::LoadedModel;
use woofer::events::{EventRule, Mode};
use woofer::features::FrontEnd;
use woofer::metrics::best_class;
use woofer::pipeline::Scorer;

use crate::http::{Code, Problem};
use crate::metrics::Metrics;

/// A model that answers.
pub struct ServedModel {
    pub name: String,
    pub description: String,
    pub classes: Vec<String>,
    pub rest: Option<usize>,
    pub scorer: Scorer,
    /// What counts as an event in each mode that it has thresholds for.
    pub rules: Vec<(Mode, EventRule)>,
    /// Recordings for which each class scored best.
    heard: Vec<IntCounter>,
    /// Where it was loaded from, as the multi-model API tells.
    pub url: String,
}

impl ServedModel {
    pub fn front_end(&self) -> FrontEnd {
        self.scorer.front_end()
    }

    /// Counts a recording for its best class.
    pub fn count(&self, scores: &[f32]) {
        if let Some(counter) = best_class(scores).and_then(|class| self.heard.get(class)) {
            counter.inc();
        }
    }
}

/// The models that answer, by name; the first is the one for whoever names none.
pub struct Models {
    metrics: Arc<Metrics>,
    loaded: RwLock<Loaded>,
}

#[derive(Default)]
struct Loaded {
    by_name: BTreeMap<String, Arc<ServedModel>>,
    default: Option<String>,
}

impl Models {
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            loaded: RwLock::default(),
        }
    }

    /// Adds a model under a name, unless it is taken or there are `max` already.
    pub fn add(
        &self,
        name: &str,
        url: &str,
        model: LoadedModel,
        max: usize,
    ) -> Result<Arc<ServedModel>, Problem> {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.by_name.contains_key(name) {
            return Err(exists(name));
        }
        if loaded.by_name.len() >= max {
            return Err(full(max));
        }
        let served = Arc::new(ServedModel {
            name: name.to_owned(),
            description: model.description,
            heard: self.metrics.of_classes(name, &model.classes),
            classes: model.classes,
            rest: model.rest,
            scorer: Scorer::new(model.classifier, model.class_scores),
            rules: model.rules,
            url: url.to_owned(),
        });
        loaded.by_name.insert(name.to_owned(), Arc::clone(&served));
        loaded.default.get_or_insert_with(|| name.to_owned());
        self.metrics.models.inc();
        Ok(served)
    }

    /// Takes a model away; what it scores already it scores to the end.
    pub fn remove(&self, name: &str) -> Result<(), Problem> {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let found = loaded.by_name.get(name).cloned();
        let model = found.ok_or_else(|| unknown(name, &loaded))?;
        self.forget(&mut loaded, &model);
        Ok(())
    }

    /// Removes a model, unless another has its name by now.
    pub fn remove_this(&self, model: &Arc<ServedModel>) {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let named = loaded.by_name.get(&model.name);
        if named.is_some_and(|named| Arc::ptr_eq(named, model)) {
            self.forget(&mut loaded, model);
        }
    }

    fn forget(&self, loaded: &mut Loaded, model: &ServedModel) {
        loaded.by_name.remove(&model.name);
        if loaded.default.as_deref() == Some(&model.name) {
            loaded.default = loaded.by_name.keys().next().cloned();
        }
        self.metrics.models.dec();
        self.metrics.forget_classes(&model.name, &model.classes);
    }

    /// The model of a name, or the default.
    pub fn get(&self, name: Option<&str>) -> Result<Arc<ServedModel>, Problem> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let Some(name) = name.or(loaded.default.as_deref()) else {
            return Err(Problem::new(Code::NotReady, "no model is loaded"));
        };
        loaded
            .by_name
            .get(name)
            .cloned()
            .ok_or_else(|| unknown(name, &loaded))
    }

    /// All models, the default first.
    pub fn all(&self) -> Vec<Arc<ServedModel>> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = loaded.by_name.values().cloned().collect();
        all.sort_by_key(|model| Some(&model.name) != loaded.default.as_ref());
        all
    }

    /// Whether a model may be loaded under this name, asked before the work of loading it.
    pub fn check_room(&self, name: &str, max: usize) -> Result<(), Problem> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        if loaded.by_name.contains_key(name) {
            return Err(exists(name));
        }
        if loaded.by_name.len() >= max {
            return Err(full(max));
        }
        Ok(())
    }
}

fn exists(name: &str) -> Problem {
    Problem::new(
        Code::ModelExists,
        format!("a model named {name:?} is loaded already"),
    )
}

fn full(max: usize) -> Problem {
    Problem::new(
        Code::ModelsFull,
        format!("{max} models are loaded, which is as many as may be; unload one first"),
    )
}

fn unknown(name: &str, loaded: &Loaded) -> Problem {
    let known: Vec<&str> = loaded.by_name.keys().map(String::as_str).collect();
    let known = if known.is_empty() {
        "no model is".to_owned()
    } else {
        format!("loaded are {}", known.join(", "))
    };
    Problem::new(
        Code::UnknownModel,
        format!("no model named {name:?} is loaded; {known}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_class_is_the_first_of_level_ones() {
        assert_eq!(best_class(&[0.1, 0.7, 0.7]), Some(1));
        assert_eq!(best_class::<f32>(&[]), None);
    }
}
