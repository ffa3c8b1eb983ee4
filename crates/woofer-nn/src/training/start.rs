use woofer::augment::{Stream, StreamKey};
use woofer::taxonomy::{Evidence, Taxonomy};

use super::error::TrainingError;
use super::recipe::{Freeze, HeadKind, Recipe};
use crate::architecture::{Architecture, Backbone, Head};
use crate::bundle::hearings_fault;
use crate::head::{EVIDENCE, LEAST_PROBABILITY, LINEAR_HEAD};
use crate::network::Cut;
use crate::weights::Weights;

/// Keeps these random numbers apart from those of clips.
const PURPOSE: u64 = u64::from_le_bytes(*b"newheads");

/// The probability that a mapped head begins with where no AudioSet label speaks for a class.
const WITHOUT_EVIDENCE: f32 = 0.02;

/// The network that a recipe trains; `has_background` says whether a mapped head tells what goes on under other sounds apart.
pub(super) fn architecture(
    recipe: &Recipe,
    backbone: Backbone,
    taxonomy: &Taxonomy,
    has_background: bool,
) -> Result<Architecture, TrainingError> {
    let classes = taxonomy.fine_labels().len();
    let head = match recipe.network.head {
        HeadKind::Linear => Head::Linear { classes },
        HeadKind::Mapped => Head::Mapped {
            classes,
            background: has_background,
        },
        HeadKind::Attention => Head::Attention { classes },
    };
    if !head.fits(backbone) {
        return Err(TrainingError::Recipe(format!(
            "recipe {}: {backbone} with a {} head of {classes} labels: a mapped head needs a backbone that scores AudioSet \
             labels (mn or yamnet), and every head 2 labels or more; --set network.head=linear fits any backbone",
            recipe.name,
            head.name()
        )));
    }
    let architecture = Architecture { backbone, head };
    match hearings_fault(architecture, &recipe.network.hearings) {
        Some(fault) => Err(TrainingError::Recipe(format!(
            "recipe {}: network.{fault}; --set 'network.hearings=[\"plain\"]' fits any backbone",
            recipe.name
        ))),
        None => Ok(architecture),
    }
}

/// Where a recipe cuts a backbone in two.
pub(super) fn cut(recipe: &Recipe, backbone: Backbone) -> Result<Cut, TrainingError> {
    let layers = backbone.layer_names().len();
    match recipe.network.freeze {
        Freeze::Backbone => Ok(Cut::Head),
        Freeze::Nothing => Ok(Cut::Layers(0)),
        Freeze::Layers(frozen) if frozen < layers => Ok(Cut::Layers(frozen)),
        Freeze::Layers(frozen) => Err(TrainingError::Recipe(format!(
            "recipe {}: network.freeze = {frozen}, and {backbone} has {layers} layers; for all of them say \"backbone\"",
            recipe.name
        ))),
    }
}

/// The weights that training starts from: those of the backbone with a new head in place of any it came with.
pub(super) fn weights(
    recipe: &Recipe,
    architecture: Architecture,
    mut weights: Weights,
    taxonomy: &Taxonomy,
) -> Result<Weights, TrainingError> {
    let backbone = Architecture {
        head: Head::None,
        ..architecture
    }
    .tensors();
    weights.discard(|name| !backbone.iter().any(|(kept, _)| kept == name));
    let evidence = evidence(architecture.backbone, taxonomy);
    let mut random = StreamKey::new(recipe.seed, 0, 0).stream(PURPOSE);
    for (name, shape) in architecture.tensors() {
        if backbone.iter().any(|(kept, _)| *kept == name) {
            continue;
        }
        let count = shape.iter().product();
        let values = match (architecture.head, &evidence) {
            (Head::Attention { .. }, _) => attention_start(&name, &shape, &mut random),
            (Head::Mapped { .. }, Some(evidence)) => mapped_start(&name, count, evidence),
            _ => vec![0.0; count],
        };
        weights.insert(&name, &shape, values)?;
    }
    Ok(weights)
}

/// Which of a backbone's AudioSet labels speak for which fine label; none of one that scores none.
pub(super) fn evidence(backbone: Backbone, taxonomy: &Taxonomy) -> Option<Evidence> {
    let list = backbone.label_list()?;
    let mids: Vec<&str> = list.labels().iter().map(|label| label.mid).collect();
    Some(Evidence::new(taxonomy, &mids))
}

fn mapped_start(name: &str, count: usize, evidence: &Evidence) -> Vec<f32> {
    let fine = evidence.labels_of_fine.len();
    let mut values = vec![0.0; count];
    if name == EVIDENCE {
        for (row, labels) in values
            .chunks_exact_mut(count / fine.max(1))
            .zip(&evidence.labels_of_fine)
        {
            for &label in labels {
                if let Some(speaks) = row.get_mut(label) {
                    *speaks = 1.0;
                }
            }
        }
    } else if name == format!("{LINEAR_HEAD}.bias") {
        for (value, labels) in values.iter_mut().zip(&evidence.labels_of_fine) {
            if labels.is_empty() {
                *value = WITHOUT_EVIDENCE.ln() - LEAST_PROBABILITY.ln();
            }
        }
    }
    values
}

/// As PyTorch begins: `nn.MultiheadAttention` with Xavier's uniform numbers for the projection and biases of 0,
/// `nn.Linear` with uniform numbers up to one over the root of its inputs.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn attention_start(name: &str, shape: &[usize], random: &mut Stream) -> Vec<f32> {
    let inputs = match (name, shape) {
        (_, [_, inputs]) => *inputs,
        // The bias of the classifier, [labels], of a layer whose inputs its weight tells: see below.
        _ => 0,
    };
    let bound = match (name, shape) {
        ("attention.in_proj_weight", [outputs, inputs]) => (6.0 / (inputs + outputs) as f64).sqrt(),
        ("attention.in_proj_bias" | "attention.out_proj.bias", _) => 0.0,
        _ if inputs > 0 => (inputs as f64).sqrt().recip(),
        // A bias that begins at 0 differs from PyTorch's start by less than a step of Adam moves it.
        _ => 0.0,
    };
    (0..shape.iter().product())
        .map(|_| random.between(-bound, bound) as f32)
        .collect()
}
