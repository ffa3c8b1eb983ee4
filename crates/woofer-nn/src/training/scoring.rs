use std::collections::HashMap;
use std::ops::Range;

use burn::tensor::Device;
use woofer::dataset::Manifest;
use woofer::metrics::{Figures, ScoredClips};
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer::{Activation, AverageScores, Mean, WindowWeights};

use super::batch::at_once;
use super::clips::{Clip, Role};
use super::kept::Input;
use super::material::Material;
use super::recipe::Recipe;
use crate::backbone::layer::{tensor, values};
use crate::head::WindowMask;
use crate::network::{Cut, Network};

/// The logits of each segment of a clip, and of each of its copies that are scored, one a fine label.
pub type ClipLogits = Vec<Vec<Vec<f32>>>;

/// What is said of each row of a list; none of a row that is not scored.
pub type ListLogits = Vec<Option<ClipLogits>>;

/// How logits of copies and segments become the scores of a clip.
#[derive(Debug, Clone, Default)]
pub struct ClipMean {
    /// How scores are taken together.
    pub mean: Mean,
    /// How much each segment counts.
    pub weights: WindowWeights,
}

impl ClipMean {
    /// As a recipe has it, for the fine labels of a taxonomy.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a share of 1")]
    pub fn new(recipe: &Recipe, taxonomy: &Taxonomy) -> Self {
        Self {
            mean: recipe.model.mean,
            weights: WindowWeights::new(taxonomy, recipe.model.rest_weight as f32),
        }
    }

    /// Scores of a clip, one a fine label: the average over its segments of that over copies of the softmax at a temperature.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a temperature is a plain number")]
    pub fn scores(&self, logits: &ClipLogits, temperature: f64) -> Vec<f32> {
        let activation = Activation::Softmax {
            temperature: temperature as f32,
        };
        let mut of_clip = AverageScores::new(self.mean);
        for segment in logits {
            let mut of_segment = AverageScores::new(self.mean);
            for copy in segment {
                of_segment.add(&activation.apply(copy));
            }
            let scores = of_segment.average();
            of_clip.add_weighted(&scores, self.weights.of(&scores));
        }
        of_clip.average()
    }
}

/// What a network says of a copy of a segment.
pub(super) struct Row {
    /// The clip's place among those that were asked for.
    pub(super) place: usize,
    /// The segment's place in the clip.
    pub(super) segment: usize,
    /// The number of the copy.
    pub(super) copy: usize,
    pub(super) values: Vec<f32>,
    /// What a teacher says of it, one score a label; empty without one.
    pub(super) teacher: Vec<f32>,
}

/// A network that scores clips as training has them.
pub(super) struct Scorer<'a> {
    material: &'a Material<'a>,
    network: &'a Network,
    cut: Cut,
    device: &'a Device,
}

impl<'a> Scorer<'a> {
    pub(super) const fn new(
        material: &'a Material<'a>,
        network: &'a Network,
        cut: Cut,
        device: &'a Device,
    ) -> Self {
        Self {
            material,
            network,
            cut,
            device,
        }
    }

    /// Logits of some copies of each clip; none of one that cannot be used.
    pub(super) fn logits(&self, clips: &[usize], copies: Range<usize>) -> Vec<ClipLogits> {
        let mut all: Vec<ClipLogits> = vec![Vec::new(); clips.len()];
        let labels = |maps, count| self.network.above(maps, count, self.cut, WindowMask::default());
        let mut before = None;
        for row in self.rows(clips, copies, labels) {
            let Some(clip) = all.get_mut(row.place) else {
                continue;
            };
            let segment = Some((row.place, row.segment));
            if segment != before {
                clip.push(Vec::new());
                before = segment;
            }
            if let Some(copies) = clip.last_mut() {
                copies.push(row.values);
            }
        }
        all
    }

    /// What a linear head reads of the first copy of each segment.
    pub(super) fn summaries(&self, clips: &[usize]) -> Vec<Vec<f32>> {
        let rows = self.rows(clips, 0..1, |maps, count| {
            Some(self.network.summaries(maps, count, self.cut))
        });
        rows.into_iter().map(|row| row.values).collect()
    }

    /// The logits of some copies of each segment and, after them, what a linear head reads of it.
    pub(super) fn logits_and_summaries(&self, clips: &[usize], copies: Range<usize>) -> Vec<Row> {
        self.rows(clips, copies, |maps, count| {
            let (logits, summaries) = self.network.above_with_summaries(maps, count, self.cut, false);
            Some(burn::tensor::Tensor::cat(vec![logits?, summaries], 1))
        })
    }

    /// Runs some copies of each segment of each clip; gives the row of each, in order.
    fn rows(
        &self,
        clips: &[usize],
        copies: Range<usize>,
        run: impl Fn(burn::tensor::Tensor<4>, usize) -> Option<burn::tensor::Tensor<2>>,
    ) -> Vec<Row> {
        const PLACES_AT_ONCE: usize = 256;
        let places: Vec<(usize, (usize, usize, usize))> = clips
            .iter()
            .enumerate()
            .flat_map(|(place, &clip)| {
                let copies = copies.clone();
                (0..self.material.segments(clip))
                    .flat_map(move |segment| copies.clone().map(move |copy| (place, (clip, segment, copy))))
            })
            .collect();
        let mut rows: Vec<Row> = Vec::with_capacity(places.len());
        for group in places.chunks(PLACES_AT_ONCE) {
            let wanted: Vec<_> = group.iter().map(|(_, of)| *of).collect();
            let inputs = self.material.inputs(&wanted, 0);
            let mut of_place: HashMap<usize, (Vec<f32>, Vec<f32>)> = HashMap::new();
            let mut by_shape: HashMap<[usize; 4], Vec<(usize, Input<'_>)>> = HashMap::new();
            for (i, input) in inputs.into_iter().enumerate() {
                if let Some(input) = input {
                    by_shape.entry(input.shape).or_default().push((i, input));
                }
            }
            for (shape, same) in by_shape {
                for piece in same.chunks(at_once(shape, self.device)) {
                    let [count, channels, height, width] = shape;
                    let maps = piece.iter().flat_map(|(_, input)| input.values.iter().copied());
                    let maps = tensor(
                        maps.collect(),
                        [piece.len() * count, channels, height, width],
                        self.device,
                    );
                    let Some(found) = run(maps, piece.len()) else {
                        continue;
                    };
                    let [_, labels] = found.dims();
                    let found = values(found);
                    for ((i, input), row) in piece.iter().zip(found.chunks_exact(labels.max(1))) {
                        of_place.insert(*i, (row.to_vec(), input.teacher.to_vec()));
                    }
                }
            }
            for (i, &(place, (_, segment, copy))) in group.iter().enumerate() {
                if let Some((values, teacher)) = of_place.remove(&i) {
                    rows.push(Row {
                        place,
                        segment,
                        copy,
                        values,
                        teacher,
                    });
                }
            }
        }
        rows
    }
}

/// Measures networks on clips of a list.
pub(super) struct Judge {
    /// Class and recording of each clip; none of one that is not to be scored.
    of_clip: Vec<Option<(usize, String)>>,
    names: Vec<String>,
    classes: ClassScores,
    clip_mean: ClipMean,
}

impl Judge {
    pub(super) fn new(clips: &[Clip], manifest: &Manifest, taxonomy: &Taxonomy, recipe: &Recipe) -> Self {
        let of_clip = |clip: &Clip| {
            let Role::Listed(row) = clip.role else { return None };
            let row = manifest.rows.get(row)?;
            (!row.weak).then(|| (row.class, row.recording.clone()))
        };
        Self {
            of_clip: clips.iter().map(of_clip).collect(),
            names: taxonomy.classes.iter().map(|class| class.name.clone()).collect(),
            classes: ClassScores::sum_of_fine(taxonomy),
            clip_mean: ClipMean::new(recipe, taxonomy),
        }
    }

    /// The recording of a row of the list; none of one that is not measured, since its label is only suggested.
    pub(super) fn recording(&self, row: usize) -> Option<&str> {
        let (_, recording) = self.of_clip.get(row)?.as_ref()?;
        Some(recording)
    }

    /// How well the clips' classes are told; none where that is not defined.
    pub(super) fn figures(
        &self,
        clips: &[usize],
        logits: &[ClipLogits],
        temperature: f64,
    ) -> Option<Figures> {
        let (mut labels, mut all, mut recordings) = (Vec::new(), Vec::new(), Vec::new());
        for (clip, logits) in clips.iter().zip(logits) {
            if let Some((class, recording)) = self.of_clip.get(*clip)?
                && !logits.is_empty()
            {
                let scores = self.classes.apply(&self.clip_mean.scores(logits, temperature));
                labels.push(*class);
                all.push(scores.into_iter().map(f64::from).collect::<Vec<f64>>());
                recordings.push(recording);
            }
        }
        let scored = ScoredClips::new(&labels, &all, &recordings, &self.names).ok()?;
        Some(scored.figures())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_the_weighted_mean_of_its_segments_and_a_segment_that_of_its_copies() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let fine = taxonomy.fine_labels();
        let rest = fine
            .iter()
            .position(|(class, _)| Some(*class) == taxonomy.rest())
            .unwrap();
        let barking = fine
            .iter()
            .position(|(class, _)| Some(*class) != taxonomy.rest())
            .unwrap();
        let row = |logit: f32| {
            let mut row = vec![-60.0; fine.len()];
            row[barking] = logit;
            row[rest] = 0.0;
            row
        };
        // A segment of two copies, in which barking is likely, and one of a single copy, in which it is not.
        let clip: ClipLogits = vec![vec![row(3.0), row(1.0)], vec![row(-3.0)]];
        let sigmoid = |logit: f64| 1.0 / (1.0 + (-logit).exp());
        let barked = |mean: Mean, weight: f32| {
            let weights = WindowWeights::new(&taxonomy, weight);
            f64::from(ClipMean { mean, weights }.scores(&clip, 1.0)[barking])
        };
        let arithmetic = [f64::midpoint(sigmoid(3.0), sigmoid(1.0)), sigmoid(-3.0)];
        let geometric = [sigmoid(2.0), sigmoid(-3.0)];
        for weight in [1.0, 0.2] {
            let weights =
                |scores: [f64; 2]| scores.map(|barking| 1.0 - (1.0 - f64::from(weight)) * (1.0 - barking));
            let [a, b] = weights(arithmetic);
            let expected = (a * arithmetic[0] + b * arithmetic[1]) / (a + b);
            assert!((barked(Mean::Arithmetic, weight) - expected).abs() < 1e-6);
            let [a, b] = weights(geometric);
            let expected = sigmoid((2.0 * a - 3.0 * b) / (a + b));
            assert!((barked(Mean::Geometric, weight) - expected).abs() < 1e-6);
        }
    }
}
