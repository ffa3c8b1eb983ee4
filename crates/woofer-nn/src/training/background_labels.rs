use woofer::taxonomy::{Evidence, Taxonomy};

use super::recipe::Recipe;
use super::start;
use crate::architecture::{Architecture, Backbone, Head};
use crate::head::{BACKGROUND, EVIDENCE, YIELDING};
use crate::weights::{Weights, WeightsError};

/// The AudioSet labels of what goes on under other sounds, and for which fine labels they speak.
pub(super) struct BackgroundLabels {
    /// The labels, by their places in what the backbone says.
    labels: Vec<usize>,
    /// Whether each fine label is of the rest.
    is_of_rest: Vec<bool>,
    /// How strongly what they say for the rest yields to every class that is heard.
    yields: f64,
}

impl BackgroundLabels {
    /// Those that a taxonomy names and a backbone scores, where a recipe has a head fitted that tells them apart.
    pub(super) fn new(recipe: &Recipe, backbone: Backbone, taxonomy: &Taxonomy) -> Option<Self> {
        let yields = recipe.refit.as_ref()?.background_yields;
        if yields <= 0.0 {
            return None;
        }
        let Evidence {
            background,
            class_of_fine,
            ..
        } = start::evidence(backbone, taxonomy)?;
        let rest = taxonomy.rest()?;
        (!background.is_empty()).then(|| Self {
            labels: background,
            is_of_rest: class_of_fine.iter().map(|&class| class == rest).collect(),
            yields,
        })
    }

    /// Takes what these labels say from the evidence of a mapped head, where they speak in full, to its background, where they yield.
    #[expect(clippy::cast_possible_truncation, reason = "a number of a recipe")]
    pub(super) fn set_apart(
        &self,
        architecture: Architecture,
        weights: &mut Weights,
    ) -> Result<(), WeightsError> {
        let Head::Mapped {
            classes,
            background: true,
        } = architecture.head
        else {
            return Ok(());
        };
        let labels = architecture
            .backbone
            .label_list()
            .map_or(0, |list| list.labels().len());
        let (of_labels, of_classes) = ([classes, labels], [classes, classes]);
        let mut evidence = weights.take(EVIDENCE, &of_labels)?;
        let mut background = weights.take(BACKGROUND, &of_labels)?;
        let mut yielding = weights.take(YIELDING, &of_classes)?;
        let rows = evidence.chunks_exact_mut(labels.max(1));
        let rows = rows.zip(background.chunks_exact_mut(labels.max(1)));
        let rows = rows.zip(yielding.chunks_exact_mut(classes)).zip(&self.is_of_rest);
        for (((evidence, background), yielding), _) in rows.filter(|(_, is_of_rest)| **is_of_rest) {
            for &label in &self.labels {
                if let (Some(outright), Some(under)) = (evidence.get_mut(label), background.get_mut(label)) {
                    *under = std::mem::take(outright);
                }
            }
            for (to, is_of_rest) in yielding.iter_mut().zip(&self.is_of_rest) {
                *to = if *is_of_rest { 0.0 } else { self.yields as f32 };
            }
        }
        weights.insert(EVIDENCE, &of_labels, evidence)?;
        weights.insert(BACKGROUND, &of_labels, background)?;
        weights.insert(YIELDING, &of_classes, yielding)
    }
}
