use std::collections::HashMap;

use super::clips::{Clip, Role};
use super::error::TrainingError;
use super::head_fit::HeadProblem;
use super::progress::Progress;
use super::pull_choice::Parts;
use super::recipe::{HeadBias, HeadReads, Refit, RefitCopies};
use super::run::{Run, Setting};
use super::scoring::Scorer;
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
        let network = Network::load(self.architecture, weights.clone(), &self.device)?;
        let copies = match refit.copies {
            RefitCopies::First => self.material.maker().first(),
            RefitCopies::All => self.material.maker().trained(),
        };
        let scorer = Scorer::new(self.material, &network, self.cut, &self.device);
        let rows = scorer.logits_and_summaries(&run.train, copies);
        let width = rows
            .first()
            .map_or(0, |row| row.values.len().saturating_sub(self.labels));
        let columns = match refit.reads {
            HeadReads::Embedding => self.architecture.backbone.embedding().min(width),
            HeadReads::All => width,
        };
        let mut problem = HeadProblem {
            columns,
            labels: self.labels,
            inputs: Vec::with_capacity(rows.len() * columns),
            offsets: Vec::with_capacity(rows.len() * self.labels),
            targets: Vec::with_capacity(rows.len() * self.labels),
            weights: Vec::with_capacity(rows.len()),
            origins: Vec::with_capacity(rows.len()),
            pull: 0.0,
            source_share: refit.source_share,
            has_bias: self.recipe.network.bias != HeadBias::None,
        };
        let mut parts = Parts::with_capacity(rows.len());
        let mut sources: HashMap<&str, usize> = HashMap::new();
        for row in &rows {
            let clip = run.train.get(row.place);
            let Some((clip, weight)) = clip.and_then(|at| Some((self.clips.get(*at)?, of_clip.get(at)?)))
            else {
                continue;
            };
            let (logits, summary) = row.values.split_at(self.labels.min(row.values.len()));
            problem.inputs.extend(summary.iter().take(columns));
            problem.offsets.extend(logits);
            problem.targets.extend(self.target(clip, &row.teacher));
            problem.weights.push(*weight);
            let next = sources.len();
            problem.origins.push(Origin {
                label: clip.fine,
                source: *sources.entry(clip.source.as_str()).or_insert(next),
            });
            parts.push(self.part(clip));
        }
        let keeps_bias = self.recipe.network.bias == HeadBias::Kept;
        let among = refit.pull.candidates();
        if let Some(pull) = problem.chosen_pull(among, &parts, keeps_bias) {
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
