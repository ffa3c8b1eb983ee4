use std::collections::HashMap;
use std::ops::Range;

use super::clips::{Clip, Role};
use super::error::TrainingError;
use super::head_fit::HeadProblem;
use super::progress::Progress;
use super::pull_choice::OfClip;
use super::recipe::{HeadBias, HeadReads, Refit, RefitCopies};
use super::run::{Run, Setting};
use super::scoring::{ClipLogits, Row, Scorer};
use super::source_spread::Origin;
use crate::architecture::{Architecture, Head};
use crate::head::LINEAR_HEAD;
use crate::network::Network;
use crate::weights::Weights;

/// Parts that recordings are dealt out to where there are too few folds.
const PARTS: usize = 3;

impl Setting<'_> {
    /// Trained weights with a head in place of theirs that is fitted to what the finished backbone says of each
    /// segment; `of_clip` is how much a segment of each clip weighs.
    pub(super) fn refitted(
        &self,
        refit: &Refit,
        run: &Run,
        of_clip: &HashMap<usize, f32>,
        mut weights: Weights,
    ) -> Result<Weights, TrainingError> {
        let backbone = Architecture {
            head: Head::None,
            ..self.architecture
        };
        let of_backbone = backbone.tensors();
        let is_of_head = |name: &str| !of_backbone.iter().any(|(kept, _)| kept == name);
        weights.discard(is_of_head);
        let mut start = self.start.clone();
        for (name, shape) in self.architecture.tensors() {
            if is_of_head(&name) {
                let values = start.take(&name, &shape)?;
                weights.insert(&name, &shape, values)?;
            }
        }
        if let Some(background) = &self.background {
            background.set_apart(self.architecture, &mut weights)?;
        }
        let network = Network::load(self.architecture, weights.clone(), &self.device)?;
        let maker = self.material.maker();
        let copies = match refit.copies {
            RefitCopies::First => maker.first(),
            RefitCopies::All => maker.trained(),
        };
        // Sources are compared by all that was heard of them, whatever the head is fitted to.
        let heard = if refit.source_share > 0.0 {
            maker.trained()
        } else {
            copies.clone()
        };
        let scorer = Scorer::new(self.material, &network, self.cut, &self.device);
        let rows = scorer.logits_and_summaries(&run.train, heard);
        let width = rows
            .first()
            .map_or(0, |row| row.values.len().saturating_sub(self.labels));
        let columns = match refit.reads {
            HeadReads::Embedding => self.architecture.backbone.embedding().min(width),
            HeadReads::All => width,
        };
        let (mut problem, of_clips) = self.head_problem(refit, run, of_clip, &rows, &copies, columns);
        let keeps_bias = self.recipe.network.bias == HeadBias::Kept;
        let among = refit.pull.candidates();
        let told = |clips: &[usize], logits: Vec<ClipLogits>| self.macro_auc(clips, logits);
        if let Some(pull) = problem.chosen_pull(among, &of_clips, keeps_bias, told) {
            problem.pull = pull;
            if among.len() > 1 {
                let run = &run.name;
                self.watch.on(&Progress::PullChosen { run, pull });
            }
        }
        let fitted = problem.solve();

        let [weight, bias] = ["weight", "bias"].map(|part| format!("{LINEAR_HEAD}.{part}"));
        let mut weight_values = vec![0.0; self.labels * width];
        let by_label = weight_values.chunks_exact_mut(width.max(1));
        for (all, read) in by_label.zip(fitted.weight.chunks_exact(columns.max(1))) {
            all.iter_mut().zip(read).for_each(|(place, w)| *place = *w);
        }
        weights.take(&weight, &[self.labels, width])?;
        let mut bias_values = weights.take(&bias, &[self.labels])?;
        for (bias, centring) in bias_values.iter_mut().zip(&fitted.centring) {
            *bias += centring;
        }
        if keeps_bias {
            bias_values
                .iter_mut()
                .zip(&fitted.bias)
                .for_each(|(bias, b)| *bias += b);
        }
        self.add_class_prior(&mut bias_values);
        weights.insert(&weight, &[self.labels, width], weight_values)?;
        weights.insert(&bias, &[self.labels], bias_values)?;
        Ok(weights)
    }

    /// What the head is to be fitted to, and where each row comes from: the rows of `copies` among `rows`, whose first `columns` it reads.
    fn head_problem(
        &self,
        refit: &Refit,
        run: &Run,
        of_clip: &HashMap<usize, f32>,
        rows: &[Row],
        copies: &Range<usize>,
        columns: usize,
    ) -> (HeadProblem, Vec<OfClip>) {
        let mut problem = HeadProblem {
            columns,
            labels: self.labels,
            inputs: Vec::new(),
            offsets: Vec::new(),
            targets: Vec::new(),
            weights: Vec::new(),
            origins: Vec::new(),
            compared: Vec::new(),
            pull: 0.0,
            source_share: refit.source_share,
            has_bias: self.recipe.network.bias != HeadBias::None,
        };
        let mut of_clips = Vec::new();
        let mut sources: HashMap<&str, usize> = HashMap::new();
        for segment in rows.chunk_by(|a, b| (a.place, a.segment) == (b.place, b.segment)) {
            let clip = segment.first().and_then(|row| run.train.get(row.place));
            let Some((&place, clip, weight)) =
                clip.and_then(|at| Some((at, self.clips.get(*at)?, of_clip.get(at)?)))
            else {
                continue;
            };
            let next = sources.len();
            let origin = Origin {
                label: clip.fine,
                source: *sources.entry(clip.source.as_str()).or_insert(next),
            };
            let mean = if refit.source_share > 0.0 {
                mean_of(segment.iter().map(|row| self.inputs(row, columns)), columns)
            } else {
                Vec::new()
            };
            for row in segment.iter().filter(|row| copies.contains(&row.copy)) {
                problem.inputs.extend(self.inputs(row, columns));
                problem.compared.extend(&mean);
                problem.offsets.extend(row.values.iter().take(self.labels));
                problem.targets.extend(self.target(clip, &row.teacher));
                problem.weights.push(*weight);
                problem.origins.push(origin);
                of_clips.push(OfClip {
                    clip: place,
                    segment: row.segment,
                    part: self.part(clip),
                });
            }
        }
        (problem, of_clips)
    }

    /// How well clips are told by the logits of their rows, with the prior and as they will be measured: the layers below have met what is
    /// held back, and log loss would take that for a reason to learn more of it (docs/benchmarks.md).
    fn macro_auc(&self, clips: &[usize], mut logits: Vec<ClipLogits>) -> Option<f64> {
        for row in logits.iter_mut().flatten().flatten() {
            self.add_class_prior(row);
        }
        let temperature = self.recipe.model.temperature.before_fit();
        let figures = self.judge.figures(clips, &logits, temperature)?;
        figures.auc_macro()
    }

    /// What the head reads of a row: the first columns after the logits.
    fn inputs<'a>(&self, row: &'a Row, columns: usize) -> &'a [f32] {
        row.values
            .get(self.labels..self.labels + columns)
            .unwrap_or_default()
    }

    /// The fold of a clip whose label is sure; others are learned from, and nothing is chosen by them.
    ///
    /// Of two folds, one of which is not in training, whole recordings are dealt out instead.
    fn part(&self, clip: &Clip) -> Option<usize> {
        let Role::Listed(row) = clip.role else { return None };
        let recording = self.judge.recording(row)?;
        if self.folds.count > 2 {
            return self.folds.of_row.get(row).copied();
        }
        Some(recording.bytes().map(usize::from).sum::<usize>() % PARTS)
    }
}

/// The mean of rows of `columns` values.
fn mean_of<'a>(rows: impl ExactSizeIterator<Item = &'a [f32]>, columns: usize) -> Vec<f32> {
    let count = rows.len() as f32;
    let mut mean = vec![0.0; columns];
    for row in rows {
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count);
    }
    mean
}
