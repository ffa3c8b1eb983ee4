use std::path::Path;

use burn::tensor::{Device, Tensor};
use woofer::features::{Examples, FrontEnd};
use woofer::taxonomy::{ClassScores, Taxonomy, UnscoredClass};
use woofer::{Activation, Classifier, ClassifierError, Label, Logits};

use crate::architecture::{Architecture, Head};
use crate::backbone::layer::{tensor, values};
use crate::bundle::{Bundle, BundleError, Description};
use crate::import::{ImportError, Imported, import};
use crate::network::Network;
use crate::weights::{Weights, WeightsError};

/// A network loaded and ready to score, with what it needs to be understood.
pub struct Model {
    name: String,
    architecture: Architecture,
    taxonomy: Option<Taxonomy>,
    activation: Activation,
    labels: Vec<Label>,
    network: Network,
    device: Device,
}

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The weight file cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The model has no classifier.
    #[error("{0}: is {1}, which scores nothing; train a classifier on it")]
    NoClassifier(String, Architecture),
    /// The taxonomy asks for labels that the network does not score.
    #[error(transparent)]
    Unscored(#[from] UnscoredClass),
    /// The model was trained for a taxonomy of its own.
    #[error("{name}: was trained on the taxonomy \"{own}\"; another cannot be put in its place")]
    OtherTaxonomy {
        /// The model.
        name: String,
        /// Its taxonomy.
        own: String,
    },
    /// There is nothing at the path.
    #[error(
        "{0}: there is no such model; give the folder of one, or a weight file such as mn04_as_mAP_432.pt"
    )]
    NotFound(String),
}

impl From<WeightsError> for ModelError {
    fn from(error: WeightsError) -> Self {
        Self::Import(error.into())
    }
}

impl Model {
    /// Loads a bundle, or imports a published weight file on the spot.
    ///
    /// # Errors
    ///
    /// There is neither at `path`, or it is refused.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        if path.is_file() {
            return Self::from_weight_file(path);
        }
        if !path.exists() {
            return Err(ModelError::NotFound(path.display().to_string()));
        }
        Self::from_bundle(&Bundle::open(path)?)
    }

    /// Loads a bundle.
    ///
    /// # Errors
    ///
    /// Its weights are refused.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, ModelError> {
        let Description {
            name,
            architecture,
            taxonomy,
            temperature,
            ..
        } = bundle.description().clone();
        Self::new(name, architecture, taxonomy, temperature, bundle.weights()?)
    }

    fn from_weight_file(path: &Path) -> Result<Self, ModelError> {
        let Imported {
            architecture,
            weights,
            ..
        } = import(Weights::open(path)?)?;
        Self::new(path.display().to_string(), architecture, None, 1.0, weights)
    }

    fn new(
        name: String,
        architecture: Architecture,
        taxonomy: Option<Taxonomy>,
        temperature: f32,
        weights: Weights,
    ) -> Result<Self, ModelError> {
        let device = Device::flex();
        let network = Network::load(architecture, weights, &device)?;
        let (labels, activation) = match architecture.label_list() {
            Some(list) => (audioset_labels(list.labels()), Activation::Sigmoid),
            None => (
                taxonomy.as_ref().map(fine_labels).unwrap_or_default(),
                Activation::Softmax { temperature },
            ),
        };
        Ok(Self {
            name,
            architecture,
            taxonomy,
            activation,
            labels,
            network,
            device,
        })
    }

    /// Name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The network.
    #[must_use]
    pub const fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// The taxonomy that came with the model.
    #[must_use]
    pub const fn taxonomy(&self) -> Option<&Taxonomy> {
        self.taxonomy.as_ref()
    }

    /// How the labels become the classes of `taxonomy`, or else of the model's own, or else are the
    /// classes themselves.
    ///
    /// # Errors
    ///
    /// The network scores nothing, scores no label of a class, or was trained on another taxonomy.
    pub fn class_scores(&self, taxonomy: Option<&Taxonomy>) -> Result<ClassScores, ModelError> {
        if self.architecture.head == Head::None {
            return Err(ModelError::NoClassifier(self.name.clone(), self.architecture));
        }
        let Some(wanted) = taxonomy.or(self.taxonomy.as_ref()) else {
            return Ok(ClassScores::Labels);
        };
        if self.architecture.label_list().is_some() {
            let mids: Vec<&str> = self.labels.iter().map(|label| label.id.as_str()).collect();
            return Ok(ClassScores::best_of_labels(wanted, &mids)?);
        }
        match &self.taxonomy {
            Some(own) if own != wanted => Err(ModelError::OtherTaxonomy {
                name: self.name.clone(),
                own: own.name.clone(),
            }),
            _ => Ok(ClassScores::sum_of_fine(wanted)),
        }
    }

    fn run(&self, examples: &[Examples]) -> Option<Vec<Logits>> {
        let Some(first) = examples.first() else {
            return Some(Vec::new());
        };
        let logits = self
            .network
            .logits(self.input(first.shape(), examples), examples.len())?;
        let [_, labels] = logits.dims();
        let logits = values(logits);
        let a_clip = (logits.len() / examples.len()).max(1);
        let clips = logits.chunks_exact(a_clip);
        Some(clips.map(|clip| Logits::new(labels, clip.to_vec())).collect())
    }

    /// What the frozen backbone says of a segment: the mean over its windows of the embedding and, where
    /// there are any, of the AudioSet logits.
    #[must_use]
    pub fn summary(&self, examples: &Examples) -> Vec<f32> {
        let input = self.input(examples.shape(), std::slice::from_ref(examples));
        values(self.network.summaries(input, 1))
    }

    /// Examples of one shape as the network's input.
    fn input(&self, shape: [usize; 4], examples: &[Examples]) -> Tensor<4> {
        let [count, channels, height, width] = shape;
        let features: Vec<f32> = examples.iter().flat_map(Examples::values).copied().collect();
        tensor(
            features,
            [examples.len() * count, channels, height, width],
            &self.device,
        )
    }
}

impl Classifier for Model {
    fn front_end(&self) -> FrontEnd {
        self.architecture.front_end()
    }

    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn activation(&self) -> Activation {
        self.activation
    }

    fn logits(&self, batch: &[Examples]) -> Result<Vec<Logits>, ClassifierError> {
        let mut all = Vec::with_capacity(batch.len());
        for same_shape in batch.chunk_by(|a, b| a.shape() == b.shape()) {
            let run = self.run(same_shape);
            all.extend(run.ok_or_else(|| ModelError::NoClassifier(self.name.clone(), self.architecture))?);
        }
        Ok(all)
    }
}

fn audioset_labels(labels: &[woofer::audioset::AudioSetLabel]) -> Vec<Label> {
    let label = |l: &woofer::audioset::AudioSetLabel| Label {
        id: l.mid.to_owned(),
        name: l.name.to_owned(),
    };
    labels.iter().map(label).collect()
}

fn fine_labels(taxonomy: &Taxonomy) -> Vec<Label> {
    let label = |(class, fine): (usize, &woofer::taxonomy::FineLabel)| Label {
        id: format!("{class}{}", fine.name),
        name: fine.name.clone(),
    };
    taxonomy.fine_labels().into_iter().map(label).collect()
}
