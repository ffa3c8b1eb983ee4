use std::path::Path;

use burn::tensor::{Device, Tensor};
use woofer::events::ModeThresholds;
use woofer::features::{Examples, FrontEnd, Hearing};
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer::{Activation, Classifier, ClassifierError, Label, Logits, Mean, WindowWeights};

use crate::architecture::{Architecture, Head};
use crate::backbone::layer::{tensor, values};
use crate::bundle::{Bundle, Contents, ensemble_fault};
use crate::ensemble::{MeanScores, shared_layers};
use crate::head::WindowMask;
use crate::labels::labels;
use crate::model_error::ModelError;
use crate::network::{Cut, Network};
use crate::weights::Weights;

/// A network loaded and ready to score, with what it needs to be understood.
pub struct Model {
    name: String,
    architecture: Architecture,
    taxonomy: Option<Taxonomy>,
    /// How the logits of one network become scores.
    activation: Activation,
    shifts_s: Vec<f64>,
    level_segments: bool,
    hearings: Vec<Hearing>,
    mean: Mean,
    window_weights: WindowWeights,
    thresholds: Option<ModeThresholds>,
    labels: Vec<Label>,
    networks: Vec<Network>,
    /// Up to where the networks of an ensemble are one.
    shared: Cut,
    identity: Vec<String>,
    device: Device,
}

impl Model {
    /// Loads a bundle, the built-in one by its name `default`, or imports a published weight file on the spot.
    ///
    /// # Errors
    ///
    /// There is neither at `path`, or it is refused.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        if path.is_dir() || Bundle::is_built_in(path) {
            return Self::from_bundle(&Bundle::open(path)?);
        }
        Self::new(&path.display().to_string(), &Contents::open(path)?)
    }

    /// Loads a bundle.
    ///
    /// # Errors
    ///
    /// Its weights are refused.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, ModelError> {
        Self::new(&bundle.description().name, &Contents::of_bundle(bundle)?)
    }

    /// Builds the network, or each network of an ensemble, from contents that may be written as well.
    ///
    /// # Errors
    ///
    /// The contents do not fit together, or a tensor cannot be read.
    pub fn new(name: &str, contents: &Contents) -> Result<Self, ModelError> {
        let Contents {
            architecture,
            members,
            temperature,
            shifts_s,
            level_segments,
            hearings,
            mean,
            rest_weight,
            thresholds,
            taxonomy,
            ..
        } = contents;
        let inconsistent = |reason| ModelError::Inconsistent {
            name: name.to_owned(),
            reason,
        };
        let fault = ensemble_fault(
            *architecture,
            members.len(),
            *temperature,
            shifts_s,
            hearings,
            *mean,
            *rest_weight,
        );
        if let Some(fault) = fault {
            return Err(inconsistent(fault));
        }
        let device = Device::flex();
        let networks = members
            .iter()
            .map(|weights| Network::load(*architecture, weights.clone(), &device))
            .collect::<Result<Vec<_>, _>>()?;
        let activation = match architecture.label_list() {
            Some(_) => Activation::Sigmoid,
            None => Activation::Softmax {
                temperature: *temperature,
            },
        };
        Ok(Self {
            name: name.to_owned(),
            architecture: *architecture,
            taxonomy: taxonomy.clone(),
            activation,
            shifts_s: shifts_s.clone(),
            level_segments: *level_segments,
            hearings: hearings.clone(),
            mean: *mean,
            window_weights: match taxonomy {
                Some(taxonomy) => WindowWeights::new(taxonomy, *rest_weight),
                None => WindowWeights::default(),
            },
            thresholds: thresholds.clone(),
            labels: labels(*architecture, taxonomy.as_ref()),
            networks,
            shared: Cut::Layers(shared_layers(*architecture, members)?),
            identity: members.iter().map(Weights::identity).collect(),
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

    /// From which score on each class counts as heard, for a model of calibrated scores.
    #[must_use]
    pub const fn thresholds(&self) -> Option<&ModeThresholds> {
        self.thresholds.as_ref()
    }

    /// How the labels become the classes of `taxonomy`, or else of the model's own, or else are the
    /// classes themselves.
    ///
    /// # Errors
    ///
    /// The network scores nothing, scores no label of a class, was trained on another taxonomy or for another number of labels, or
    /// nothing says what for.
    pub fn class_scores(&self, taxonomy: Option<&Taxonomy>) -> Result<ClassScores, ModelError> {
        if self.architecture.head == Head::None {
            return Err(ModelError::NoClassifier(self.name.clone(), self.architecture));
        }
        let trained = self.architecture.head.classes();
        let Some(wanted) = taxonomy.or(self.taxonomy.as_ref()) else {
            return match trained {
                Some(labels) => Err(ModelError::Unnamed {
                    name: self.name.clone(),
                    labels,
                }),
                None => Ok(ClassScores::Labels),
            };
        };
        if self.architecture.label_list().is_some() {
            let mids: Vec<&str> = self.labels.iter().map(|label| label.id.as_str()).collect();
            return Ok(ClassScores::of_audioset(wanted, &mids)?);
        }
        let named = wanted.fine_labels().len();
        match (&self.taxonomy, trained) {
            (Some(own), _) if own != wanted => Err(ModelError::OtherTaxonomy {
                name: self.name.clone(),
                own: own.name.clone(),
            }),
            (_, Some(labels)) if labels != named => Err(ModelError::OtherCount {
                name: self.name.clone(),
                labels,
                taxonomy: wanted.name.clone(),
                named,
            }),
            _ => Ok(ClassScores::sum_of_fine(wanted)),
        }
    }

    fn run(&self, examples: &[Examples]) -> Option<Vec<Logits>> {
        let Some(first) = examples.first() else {
            return Some(Vec::new());
        };
        let input = self.input(first.shape(), examples);
        let (labels, logits) = match self.networks.as_slice() {
            [network] => {
                let logits = network.logits(input, examples.len())?;
                let [_, labels] = logits.dims();
                (labels, values(logits))
            }
            members => {
                let (mut mean, mut labels) = (MeanScores::default(), 0);
                let clips = examples.len();
                let maps = members.first()?.below(input, clips, self.shared);
                for network in members {
                    let logits = network.above(maps.clone(), clips, self.shared, WindowMask::default())?;
                    [_, labels] = logits.dims();
                    mean.add(&values(logits), labels, self.activation);
                }
                (labels, mean.logits())
            }
        };
        let a_clip = (logits.len() / examples.len()).max(1);
        let clips = logits.chunks_exact(a_clip);
        Some(clips.map(|clip| Logits::new(labels, clip.to_vec())).collect())
    }

    /// Tells the weights apart from others: the SHA-256 of each network's.
    pub(crate) fn identity(&self) -> String {
        self.identity.join(" ")
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

    /// The logits of an ensemble stand for its mean scores, the temperature within.
    fn activation(&self) -> Activation {
        match self.networks.as_slice() {
            [_] => self.activation,
            _ => Activation::Softmax { temperature: 1.0 },
        }
    }

    fn shifts_s(&self) -> &[f64] {
        &self.shifts_s
    }

    fn levels_segments(&self) -> bool {
        self.level_segments
    }

    fn hearings(&self) -> &[Hearing] {
        &self.hearings
    }

    fn mean(&self) -> Mean {
        self.mean
    }

    fn window_weights(&self) -> WindowWeights {
        self.window_weights.clone()
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use woofer::features::LogMelPlan;

    use super::*;
    use crate::architecture::Backbone;
    use crate::head::AttentionHeadConfig;
    use crate::weights::formula::{assert_close, formula_weights_from, golden, pattern, seed_weights};

    fn scores(model: &Model, batch: &[Examples]) -> Vec<Vec<f32>> {
        let logits = model.logits(batch).unwrap();
        let rows = logits.iter().flat_map(Logits::rows);
        rows.map(|row| model.activation().apply(row)).collect()
    }

    /// A WAV of float samples at 16 kHz.
    fn wav(samples: &[f32]) -> Vec<u8> {
        let data = u32::try_from(4 * samples.len()).unwrap();
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + data).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        // 16 bytes: IEEE float, one channel, 16 kHz, 64,000 bytes a second, 4 a sample, 32 bit.
        bytes.extend([16, 0, 0, 0, 3, 0, 1, 0]);
        bytes.extend([16_000_u32, 64_000].map(u32::to_le_bytes).concat());
        bytes.extend([4, 0, 32, 0]);
        bytes.extend(b"data");
        bytes.extend(data.to_le_bytes());
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    #[test]
    fn an_ensemble_scores_the_mean_of_its_members_alone_and_in_a_batch() {
        let mn01 = Architecture {
            backbone: Backbone::Mn { width_tenths: 1 },
            head: Head::Linear { classes: 15 },
        };
        let [first, unlike] = [0, 1000].map(|start| formula_weights_from(start, &mn01.tensors()));
        let model = |members: &[&Weights]| {
            let members = members.iter().map(|&weights| weights.clone()).collect();
            Model::new("test", &Contents::made_up(mn01, members)).unwrap()
        };
        let layers = mn01.backbone.layer_names();
        let mut alike = first.clone();
        let mut of_unlike = unlike.clone();
        for (name, shape) in mn01.tensors() {
            let values = of_unlike.take(&name, &shape).unwrap();
            if !layers[..9].iter().any(|layer| name.starts_with(layer)) {
                alike.discard(|of_first| of_first == name);
                alike.insert(&name, &shape, values).unwrap();
            }
        }
        assert_eq!(model(&[&first, &unlike]).shared, Cut::Layers(0));
        assert_eq!(model(&[&first, &alike]).shared, Cut::Layers(9));
        assert_eq!(model(&[&first, &first]).shared, Cut::Layers(layers.len()));
        let plan = LogMelPlan::new(FrontEnd::Mn);
        let sounds: Vec<f32> = pattern(40_000);
        let batch: Vec<Examples> = [1.0, 0.1, 0.01]
            .map(|gain| Examples::new(&plan, &sounds.iter().map(|x| x * gain).collect::<Vec<_>>()))
            .to_vec();
        for second in [&unlike, &alike] {
            let alone = [model(&[&first]), model(&[second])].map(|model| scores(&model, &batch));
            assert_ne!(alone[0], alone[1]);
            let ensemble = model(&[&first, second]);
            let together = scores(&ensemble, &batch);
            for (clip, scores) in together.iter().enumerate() {
                for (label, score) in scores.iter().enumerate() {
                    let mean = f32::midpoint(alone[0][clip][label], alone[1][clip][label]);
                    assert!((score - mean).abs() < 1e-6, "{score} {mean}");
                }
            }
            let one_by_one: Vec<Vec<f32>> = batch
                .iter()
                .flat_map(|examples| scores(&ensemble, std::slice::from_ref(examples)))
                .collect();
            assert_eq!(one_by_one, together);
        }
    }

    #[test]
    fn two_networks_with_five_shifts_at_temperature_5_answer_as_the_original() {
        let architecture = Architecture {
            backbone: Backbone::Vggish,
            head: Head::Attention { classes: 15 },
        };
        let first = seed_weights(|_| true);
        let mut second = first.clone();
        let head = AttentionHeadConfig::new(Backbone::Vggish, 15).tensors();
        second.discard(|name| head.iter().any(|(of_head, _)| of_head == name));
        let mut new_head = formula_weights_from(24, &head);
        for (name, shape) in &head {
            let values = new_head.take(name, shape).unwrap();
            second.insert(name, shape, values).unwrap();
        }
        let mut both = Contents::made_up(architecture, vec![first, second]);
        both.shifts_s = vec![0.0, 0.2, 0.4, 0.6, 0.8];
        let model: Arc<Model> = Arc::new(Model::new("test", &both).unwrap());
        let classes = model.class_scores(None).unwrap();
        drop(both);

        let samples = golden("vggish_frontend.safetensors")
            .take("16k/samples", &[80_000])
            .unwrap();
        let mut reader = woofer::audio::AudioReader::from_bytes(wav(&samples), "golden.wav").unwrap();
        let scorer = woofer::pipeline::Scorer::new(model, classes);
        let found = scorer.score(&mut reader, |_| ()).unwrap();
        let expected = golden("ensemble.safetensors").take("coarse_t5", &[10]).unwrap();
        assert_close(&found.scores, &expected, 1e-4);
        // The service scores several recordings in one batch.
        let reader = || woofer::audio::AudioReader::from_bytes(wav(&samples), "golden.wav").unwrap();
        for together in scorer.score_together(&mut [reader(), reader()], |_, _| ()) {
            assert_eq!(together.unwrap(), found);
        }
    }
}
