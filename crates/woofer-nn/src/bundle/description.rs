use serde::{Deserialize, Serialize};
use woofer::features::FrontEnd;
use woofer::taxonomy::Taxonomy;

use crate::architecture::Architecture;

/// The version of `model.toml` that this program writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// What `model.toml` says of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    schema_version: u32,
    /// Name for people.
    pub name: String,
    /// Version of the program that wrote the bundle.
    pub woofer_version: String,
    /// Features that the network reads.
    pub front_end: FrontEnd,
    /// Logits of a trained head are divided by this before the softmax.
    pub temperature: f32,
    /// The network.
    pub architecture: Architecture,
    /// The weights in `model.safetensors`.
    pub weights: WeightsRecord,
    /// Where the weights came from.
    pub source: SourceRecord,
    /// The classes scored; AudioSet's own without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<Taxonomy>,
}

/// The weights of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsRecord {
    /// SHA-256 of `model.safetensors` in hexadecimal.
    pub sha256: String,
    /// Number of parameters.
    pub parameters: usize,
}

/// Where the weights of a bundle came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRecord {
    /// Name of the file that was imported.
    pub file: String,
    /// SHA-256 of that file in hexadecimal.
    pub sha256: String,
    /// Who made the weights, and under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

impl Description {
    /// The description of a network with these weights.
    #[must_use]
    pub fn new(
        name: &str,
        architecture: Architecture,
        weights: WeightsRecord,
        source: SourceRecord,
        taxonomy: Option<Taxonomy>,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            woofer_version: env!("CARGO_PKG_VERSION").to_owned(),
            front_end: architecture.front_end(),
            temperature: 1.0,
            architecture,
            weights,
            source,
            taxonomy,
        }
    }

    /// What is wrong with the values, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        if self.schema_version != SCHEMA_VERSION {
            return Some(format!(
                "schema_version {} is not known to this program, which reads {SCHEMA_VERSION}",
                self.schema_version
            ));
        }
        if !(self.temperature.is_finite() && self.temperature > 0.0) {
            return Some(format!("temperature {} is not above 0", self.temperature));
        }
        if self.front_end != self.architecture.front_end() {
            return Some(format!(
                "front_end \"{}\" does not fit {}, which reads \"{}\"",
                self.front_end,
                self.architecture,
                self.architecture.front_end()
            ));
        }
        if let Some(classes) = self.architecture.head.classes() {
            let fine = self.taxonomy.as_ref().map(|t| t.fine_labels().len());
            if fine != Some(classes) {
                return Some(format!(
                    "the network scores {classes} fine labels, the taxonomy has {}",
                    fine.map_or_else(|| "none (there is no taxonomy)".to_owned(), |n| n.to_string())
                ));
            }
        }
        self.taxonomy
            .as_ref()
            .and_then(|t| t.fault().map(|fault| format!("taxonomy: {fault}")))
    }
}
