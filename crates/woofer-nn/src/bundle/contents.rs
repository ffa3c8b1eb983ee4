use std::path::Path;

use woofer::taxonomy::Taxonomy;

use super::description::SourceRecord;
use super::folder::file_name;
use crate::architecture::Architecture;
use crate::import::Imported;
use crate::training::TrainingRecord;
use crate::weights::Weights;

/// What a new bundle is made of.
#[derive(Debug)]
pub struct Contents {
    /// The network.
    pub architecture: Architecture,
    /// Its tensors by canonical name, nothing else.
    pub weights: Weights,
    /// Where the weights, or the backbone's, came from.
    pub source: SourceRecord,
    /// The classes scored; AudioSet's own without one.
    pub taxonomy: Option<Taxonomy>,
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
        };
        Self {
            architecture,
            weights,
            source,
            taxonomy,
            training: None,
            measured: None,
        }
    }
}
