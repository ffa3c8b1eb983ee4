use serde::{Deserialize, Serialize};
use woofer::Mean;
use woofer::events::ModeThresholds;
use woofer::features::{FrontEnd, Hearing};
use woofer::schema_version_fault;
use woofer::taxonomy::Taxonomy;

use super::ensemble::{self, NO_SHIFTS};
use super::weights_record::WeightsRecord;
use crate::architecture::Architecture;
use crate::training::TrainingRecord;

/// The version of `model.toml` that this program writes and reads.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What `model.toml` says of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    pub(super) schema_version: u32,
    /// Name for people.
    pub name: String,
    /// Version of the program that wrote the bundle.
    pub woofer_version: String,
    /// Features that the network reads.
    pub front_end: FrontEnd,
    /// Logits of a trained head are divided by this before the softmax.
    pub temperature: f32,
    /// Seconds by which the copies of a segment start late whose scores are averaged.
    #[serde(default = "no_shifts", skip_serializing_if = "are_no_shifts")]
    pub shifts_s: Vec<f64>,
    /// Whether segments are brought to one level before they are scored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub level_segments: bool,
    /// How each copy is heard; the scores of all hearings are averaged.
    #[serde(
        default = "ensemble::heard_once",
        skip_serializing_if = "ensemble::is_heard_once"
    )]
    pub hearings: Vec<Hearing>,
    /// How the scores of copies, hearings and windows are taken together.
    #[serde(default, skip_serializing_if = "Mean::is_arithmetic")]
    pub mean: Mean,
    /// What a window counts in which nothing but the rest is heard, 1 as much as any.
    #[serde(default = "as_any", skip_serializing_if = "is_as_any")]
    pub rest_weight: f32,
    /// The network, or each network of an ensemble.
    pub architecture: Architecture,
    /// The files of weights.
    pub weights: WeightsRecord,
    /// Where the weights came from.
    pub source: SourceRecord,
    /// From which score on a class counts as heard, where the scores are calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<ModeThresholds>,
    /// How the head was trained, if Woofer trained it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
    /// The classes scored; AudioSet's own without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<Taxonomy>,
}

const fn as_any() -> f32 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_as_any(rest_weight: &f32) -> bool {
    *rest_weight >= 1.0
}

fn no_shifts() -> Vec<f64> {
    NO_SHIFTS.to_vec()
}

fn are_no_shifts(shifts_s: &[f64]) -> bool {
    shifts_s == NO_SHIFTS
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
    /// The model that Woofer had trained on from that file, and the SHA-256 of its weights, where this one grew from its backbone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Description {
    /// Reads the text of a `model.toml`; what is wrong with it is an error of one line or a few.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let description: Self = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        description.fault().map_or(Ok(description), Err)
    }

    /// What is wrong with the values, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let unknown = schema_version_fault(self.schema_version, SCHEMA_VERSION);
        if unknown.is_some() {
            return unknown;
        }
        let members = self.weights.sha256.len();
        let fault = ensemble::fault(
            self.architecture,
            members,
            self.temperature,
            &self.shifts_s,
            &self.hearings,
            self.mean,
            self.rest_weight,
        );
        if fault.is_some() {
            return fault;
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
        if let Some(fault) = self.taxonomy.as_ref().and_then(Taxonomy::fault) {
            return Some(format!("taxonomy: {fault}"));
        }
        let classes = self.taxonomy.iter().flat_map(|taxonomy| &taxonomy.classes);
        let classes: Vec<&str> = classes.map(|class| class.name.as_str()).collect();
        self.thresholds.as_ref()?.fault(&classes)
    }
}
