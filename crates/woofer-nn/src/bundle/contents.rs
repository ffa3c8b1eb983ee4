use std::path::Path;

use woofer::Mean;
use woofer::events::ModeThresholds;
use woofer::features::Hearing;
use woofer::taxonomy::Taxonomy;

use super::description::{Description, SCHEMA_VERSION, SourceRecord};
use super::ensemble::{NO_SHIFTS, heard_once};
use super::error::BundleError;
use super::folder::{Bundle, file_name};
use super::weights_record::WeightsRecord;
use crate::architecture::{Architecture, Head};
use crate::import::Imported;
use crate::training::TrainingRecord;
use crate::weights::Weights;

/// What a new bundle is made of.
#[derive(Debug)]
pub struct Contents {
    /// The network, or each network of an ensemble.
    pub architecture: Architecture,
    /// Its tensors by canonical name, nothing else; those of each network of an ensemble.
    pub members: Vec<Weights>,
    /// Logits of a trained head are divided by this before the softmax.
    pub temperature: f32,
    /// Seconds by which the copies of a segment start late whose scores are averaged; `[0.0]` is the segment alone.
    pub shifts_s: Vec<f64>,
    /// Whether segments are brought to one level before they are scored.
    pub level_segments: bool,
    /// How each copy is heard; the scores of all hearings are averaged.
    pub hearings: Vec<Hearing>,
    /// How the scores of copies, hearings and windows are taken together.
    pub mean: Mean,
    /// What a window counts in which nothing but the rest is heard, 1 as much as any.
    pub rest_weight: f32,
    /// Where the weights, or the backbone's, came from.
    pub source: SourceRecord,
    /// The classes scored; AudioSet's own without one.
    pub taxonomy: Option<Taxonomy>,
    /// From which score on a class counts as heard, where the scores are calibrated.
    pub thresholds: Option<ModeThresholds>,
    /// How the head was trained, if Woofer trained it.
    pub training: Option<TrainingRecord>,
    /// How well it was measured to do, if it was.
    pub measured: Option<Measured>,
}

/// How well a model was measured to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The text of `metrics.json`.
    pub metrics_json: String,
    /// A passage of Markdown for the model card.
    pub summary: String,
}

impl Contents {
    /// A published network as it was imported.
    #[must_use]
    pub fn imported(imported: Imported, taxonomy: Option<Taxonomy>) -> Self {
        let Imported {
            architecture,
            weights,
            origin,
        } = imported;
        let source = SourceRecord {
            file: file_name(Path::new(weights.name())),
            sha256: weights.sha256().unwrap_or_default().to_owned(),
            origin: origin.map(str::to_owned),
            model: None,
        };
        Self {
            architecture,
            members: vec![weights],
            temperature: 1.0,
            shifts_s: NO_SHIFTS.to_vec(),
            level_segments: false,
            hearings: heard_once(),
            mean: Mean::Arithmetic,
            rest_weight: 1.0,
            source,
            taxonomy,
            thresholds: None,
            training: None,
            measured: None,
        }
    }

    /// What a bundle holds, its weights checked; what was measured stays in the folder.
    ///
    /// # Errors
    ///
    /// Those of [`Bundle::members`].
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, BundleError> {
        let description = bundle.description();
        Ok(Self {
            architecture: description.architecture,
            members: bundle.members()?,
            temperature: description.temperature,
            shifts_s: description.shifts_s.clone(),
            level_segments: description.level_segments,
            hearings: description.hearings.clone(),
            mean: description.mean,
            rest_weight: description.rest_weight,
            source: description.source.clone(),
            taxonomy: description.taxonomy.clone(),
            thresholds: description.thresholds.clone(),
            training: description.training.clone(),
            measured: None,
        })
    }

    /// What `model.toml` says of a bundle of these, whose files of weights have these SHA-256.
    pub(super) fn description(&self, name: &str, sha256: Vec<String>) -> Description {
        Description {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            woofer_version: env!("CARGO_PKG_VERSION").to_owned(),
            front_end: self.architecture.front_end(),
            temperature: self.temperature,
            shifts_s: self.shifts_s.clone(),
            level_segments: self.level_segments,
            hearings: self.hearings.clone(),
            mean: self.mean,
            rest_weight: self.rest_weight,
            architecture: self.architecture,
            weights: WeightsRecord {
                parameters: self.architecture.parameters(),
                sha256,
            },
            source: self.source.clone(),
            thresholds: self.thresholds.clone(),
            training: self.training.clone(),
            taxonomy: self.taxonomy.clone(),
        }
    }

    /// The same network with the AudioSet classifier of its backbone in place of its head; one that has that already
    /// stays as it is, but for its taxonomy.
    ///
    /// # Errors
    ///
    /// The backbone has no such classifier, or there are several networks.
    pub fn naming_audioset(mut self) -> Result<Self, NoAudioSet> {
        let backbone = self.architecture.backbone;
        if backbone.label_list().is_none() {
            return Err(NoAudioSet::Unknown(self.architecture));
        }
        let [weights] = self.members.as_mut_slice() else {
            return Err(NoAudioSet::Ensemble(self.members.len()));
        };
        self.architecture = Architecture {
            backbone,
            head: Head::AudioSet,
        };
        let tensors = self.architecture.tensors();
        weights.discard(|name| !tensors.iter().any(|(kept, _)| kept == name));
        self.taxonomy = None;
        self.thresholds = None;
        self.temperature = 1.0;
        self.shifts_s = NO_SHIFTS.to_vec();
        self.hearings = heard_once();
        self.mean = Mean::Arithmetic;
        self.rest_weight = 1.0;
        Ok(self)
    }
}

/// Why a model cannot name what it hears by AudioSet's labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAudioSet {
    /// The backbone never knew them.
    #[error("{0} has no classifier of AudioSet labels; mn and yamnet have")]
    Unknown(Architecture),
    /// Each network of an ensemble has its own.
    #[error("an ensemble of {0} networks has no one classifier of AudioSet labels; give a single network")]
    Ensemble(usize),
}

#[cfg(test)]
impl Contents {
    /// Networks of made-up weights that score the Tomofun labels at temperature 5.
    pub(crate) fn made_up(architecture: Architecture, members: Vec<Weights>) -> Self {
        Self {
            architecture,
            members,
            temperature: 5.0,
            shifts_s: NO_SHIFTS.to_vec(),
            level_segments: false,
            hearings: heard_once(),
            mean: Mean::Arithmetic,
            rest_weight: 1.0,
            source: SourceRecord {
                file: "formula".to_owned(),
                sha256: "0".repeat(64),
                origin: None,
                model: None,
            },
            taxonomy: Some(Taxonomy::open("tomofun").unwrap()),
            thresholds: None,
            training: None,
            measured: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Backbone;
    use crate::weights::formula::formula_weights_from;

    #[test]
    fn a_trained_head_gives_way_to_the_backbones_own_classifier() {
        let backbone = Backbone::Mn { width_tenths: 1 };
        let trained = Architecture {
            backbone,
            head: Head::Mapped {
                classes: 15,
                background: false,
            },
        };
        let weights = formula_weights_from(0, &trained.tensors());
        let contents = Contents::made_up(trained, vec![weights]);
        let naming = contents.naming_audioset().unwrap();
        assert_eq!(Architecture::of(&naming.members[0]), Some(naming.architecture));
        assert_eq!(naming.architecture.head, Head::AudioSet);
        assert_eq!(naming.taxonomy, None);
    }

    #[test]
    fn what_has_no_audioset_classifier_is_refused() {
        let refused = |backbone, members: usize| {
            let architecture = Architecture {
                backbone,
                head: Head::Attention { classes: 15 },
            };
            let members = vec![Weights::new("none"); members];
            Contents::made_up(architecture, members)
                .naming_audioset()
                .unwrap_err()
                .to_string()
        };
        assert!(refused(Backbone::Vggish, 1).contains("has no classifier of AudioSet labels"));
        assert!(refused(Backbone::Yamnet, 3).contains("an ensemble of 3 networks"));
    }
}
