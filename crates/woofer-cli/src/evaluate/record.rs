use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use woofer::features::FrontEnd;
use woofer::taxonomy::Taxonomy;
use woofer::{Classifier, schema_version_fault};
use woofer_nn::{Bundle, Model, Weights, WeightsRecord};

use super::args::EvaluateArgs;
use crate::folders::last_part;
use crate::result_files;

/// What was measured.
pub const EVALUATION: &str = "evaluation.toml";

/// The version of the file that this program writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// What was measured, on what: `evaluation.toml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluationRecord {
    schema_version: u32,
    /// Version of the program that measured it.
    pub woofer_version: String,
    /// Name of the model.
    pub model: String,
    /// The network, for people.
    pub architecture: String,
    /// Features that the network reads.
    pub front_end: FrontEnd,
    /// The list of clips, as it was given.
    pub list: PathBuf,
    /// Where its clips lie, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clips_folder: Option<PathBuf>,
    /// Name of the taxonomy.
    pub taxonomy: String,
    /// Clips that were scored.
    pub clips: usize,
    /// Clips that could not be read.
    pub failed: usize,
    /// Why the figures may be better than the model is.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// SHA-256 of the weights.
    pub weights: Option<toml::Table>,
}

impl EvaluationRecord {
    pub fn new(args: &EvaluateArgs, model: &Model, taxonomy: &Taxonomy) -> anyhow::Result<Self> {
        let mut warnings = Vec::new();
        let weights = if Bundle::is_at(&args.model) || Bundle::is_built_in(&args.model) {
            let bundle = Bundle::open(&args.model)?;
            let description = bundle.description();
            if let Some(training) = &description.training
                && training.data == last_part(&args.list)
            {
                warnings.push(format!(
                    "{} was trained on a list of the same name, {}: if it is the same list, these figures tell how well it \
                     learned its clips by heart, not how well it does on new ones",
                    model.name(),
                    training.data
                ));
            }
            of_record(&description.weights)?
        } else {
            let weights = Weights::open(&args.model)?;
            let sha256 = weights.sha256().unwrap_or_default().to_owned();
            toml::Table::from_iter([("sha256".to_owned(), sha256.into())])
        };
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            woofer_version: env!("CARGO_PKG_VERSION").to_owned(),
            model: model.name().to_owned(),
            architecture: model.architecture().to_string(),
            front_end: model.front_end(),
            list: args.list.clone(),
            clips_folder: args.clips.clone(),
            taxonomy: taxonomy.name.clone(),
            clips: 0,
            failed: 0,
            warnings,
            weights: Some(weights),
        })
    }

    pub fn with_counts(&self, clips: usize, failed: usize) -> Self {
        Self {
            clips,
            failed,
            ..self.clone()
        }
    }

    pub fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }

    /// The record of a folder, none if it has none.
    pub fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let Some(text) = result_files::text(folder, EVALUATION)? else {
            return Ok(None);
        };
        let file = || folder.join(EVALUATION).display().to_string();
        let record: Self =
            toml::from_str(&text).with_context(|| format!("{}: cannot be understood", file()))?;
        if let Some(fault) = schema_version_fault(record.schema_version, SCHEMA_VERSION) {
            bail!("{}: {fault}", file());
        }
        Ok(Some(record))
    }
}

fn of_record(record: &WeightsRecord) -> anyhow::Result<toml::Table> {
    Ok(toml::Table::try_from(record)?)
}
