use std::collections::HashMap;
use std::time::Instant;

use burn::tensor::Device;
use woofer::augment::StreamKey;
use woofer::dataset::Folds;
use woofer::render::LearningCurve;

use super::background_labels::BackgroundLabels;
use super::batch::{self, Attended, Dropout, Member, Piece};
use super::clips::Clip;
use super::error::TrainingError;
use super::loss::{cross_entropy, distance_from_published, smoothed_target};
use super::material::Material;
use super::optimizer::{Optimizer, SummedGradients};
use super::order::{self, Taken, order};
use super::parameters::{trained, with_gradients_of};
use super::progress::{Progress, Watch};
use super::recipe::{EpochChoice, HeadBias, LabelsReach, Recipe};
use super::run_folder::{Course, RunFolder};
use super::schedule::rate_factor;
use super::scoring::{Judge, Scorer};
use super::standardise::Standardise;
use crate::architecture::{Architecture, Head};
use crate::backbone::layer::{tensor, values};
use crate::head::{ATTENTION_HEADS, LINEAR_HEAD};
use crate::network::{Cut, Network};
use crate::weights::Weights;

/// What all runs of a training share: one for each fold, and perhaps one on all clips.
pub(super) struct Setting<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) architecture: Architecture,
    pub(super) cut: Cut,
    /// Weights that every run starts from.
    pub(super) start: Weights,
    /// Without autodiff.
    pub(super) device: Device,
    pub(super) clips: &'a [Clip],
    pub(super) material: &'a Material<'a>,
    /// Number of fine labels.
    pub(super) labels: usize,
    /// What is added to each fine label's logit in the end, if anything is.
    pub(super) class_prior: Option<Vec<f32>>,
    /// The labels of what goes on under other sounds, if a head tells them apart.
    pub(super) background: Option<BackgroundLabels>,
    pub(super) judge: &'a Judge,
    /// In which fold each row of the list is tested.
    pub(super) folds: &'a Folds,
    pub(super) folder: Option<&'a RunFolder>,
    pub(super) watch: &'a dyn Watch,
}

/// One network's training.
pub(super) struct Run {
    /// For people: `fold 1`, `all clips`.
    pub(super) name: String,
    /// Clips that it is trained on.
    pub(super) train: Vec<usize>,
    /// Clips that it is measured on after each epoch, and perhaps chosen by.
    pub(super) measured: Vec<usize>,
    /// Whether the epoch is the best on them, or the last.
    pub(super) choose: bool,
    /// Epochs.
    pub(super) epochs: usize,
}

/// What a run came to.
pub(super) struct Finished {
    pub(super) weights: Weights,
    pub(super) curve: LearningCurve,
    /// The epoch that was kept, counted from 1.
    pub(super) kept: usize,
}

/// Files of a run.
const STATE: &str = "state.safetensors";
const BEST: &str = "best.safetensors";
const DONE: &str = "done.safetensors";

impl Setting<'_> {
    /// Trains a network, from the start or from where it was interrupted.
    pub(super) fn run(&self, run: &Run) -> Result<Finished, TrainingError> {
        if let Some((weights, course)) = self.read(run, DONE)? {
            self.watch.on(&Progress::Resumed {
                run: &run.name,
                epochs: course.epochs,
            });
            return Ok(finished(run, weights, &course));
        }
        let segments: Vec<(usize, usize)> = run
            .train
            .iter()
            .flat_map(|&clip| (0..self.material.segments(clip)).map(move |segment| (clip, segment)))
            .collect();
        if segments.is_empty() {
            return Err(self.nothing_to_train_on(run));
        }
        let standardise = self.standardise(&run.train)?;
        let mut trainer = self.trainer(&run.train, standardise.as_ref())?;
        trainer.weights = order::weights(self.recipe, self.clips, &segments);
        let mut course = Course::default();
        if let Some((state, found)) = self.read(run, STATE)? {
            self.watch.on(&Progress::Resumed {
                run: &run.name,
                epochs: found.epochs,
            });
            trainer.network = trainer.optimizer.resume(trainer.network, state, found.steps)?;
            course = found;
        }
        while course.epochs < run.epochs {
            self.epoch(run, &segments, &mut trainer, &mut course)?;
            let weights = self.measure(run, &trainer, standardise.as_ref(), &mut course)?;
            if let Some(folder) = self.folder {
                if course.best.is_some_and(|(epoch, _)| epoch == course.epochs) {
                    folder.write(&run.name, BEST, &weights, &course)?;
                }
                let every = self.recipe.validation.keep_every;
                if every > 0 && course.epochs.is_multiple_of(every) {
                    let file = format!("epoch-{}.safetensors", course.epochs);
                    folder.write(&run.name, &file, &weights, &course)?;
                }
                let state = trainer.optimizer.state(&trainer.network, "state")?;
                folder.write(&run.name, STATE, &state, &course)?;
            }
            if course.best.is_some_and(|(epoch, _)| epoch == course.epochs) {
                trainer.best = Some(weights);
            }
        }
        // Of the epochs before an interruption only the folder has the best.
        let best = match (run.choose, course.best, trainer.best.take()) {
            (true, Some(_), None) => self.read(run, BEST)?.map(|(best, _)| best),
            (true, Some(_), best) => best,
            _ => None,
        };
        let mut weights = match best {
            Some(best) => best,
            None => self.scored(&trainer, standardise.as_ref())?,
        };
        if let Some(refit) = &self.recipe.refit {
            weights = self.refitted(refit, run, &trainer.weights, weights)?;
        }
        if let Some(folder) = self.folder {
            folder.write(&run.name, DONE, &weights, &course)?;
        }
        Ok(finished(run, weights, &course))
    }

    fn nothing_to_train_on(&self, run: &Run) -> TrainingError {
        if let Some(folder) = self.folder {
            folder.forget_unless_begun();
        }
        let mut failures = self.material.failures();
        let first = failures.find(|(place, _)| run.train.contains(place));
        TrainingError::NoClips {
            run: run.name.clone(),
            clips: run.train.len(),
            first: first.map_or_else(|| "it has no segment".to_owned(), |(_, why)| why.to_owned()),
        }
    }

    fn read(&self, run: &Run, file: &str) -> Result<Option<(Weights, Course)>, TrainingError> {
        match self.folder {
            Some(folder) => folder.read(&run.name, file),
            None => Ok(None),
        }
    }

    fn trainer(&self, train: &[usize], standardise: Option<&Standardise>) -> Result<Trainer, TrainingError> {
        let device = self.device.clone().autodiff();
        let mut network = Network::load(self.architecture, self.start.clone(), &device)?;
        if let Some(columns) = standardise {
            let (mean, scale) = columns.columns();
            network = network.standardised(mean, scale, &device);
        }
        let parameters = trained(self.architecture, self.recipe);
        let network = with_gradients_of(network, &parameters);
        Ok(Trainer {
            optimizer: Optimizer::new(
                &network,
                parameters,
                self.recipe.optimizer.adam_epsilon,
                self.recipe.averaging.decay,
            ),
            network,
            spread: self.spread(train, &device),
            device,
            best: None,
            segments_per_s: 0.0,
            weights: HashMap::new(),
        })
    }

    /// How far each column of the published embedding spreads over the training segments.
    fn spread(&self, train: &[usize], device: &Device) -> Option<burn::tensor::Tensor<2>> {
        let embedding = self.architecture.backbone.embedding();
        let rows = train.iter().flat_map(|&clip| self.material.published(clip));
        let mut rows = rows.filter_map(|row| row.get(..embedding)).peekable();
        rows.peek()?;
        let (_, scale) = Standardise::fit(rows, embedding).columns();
        Some(tensor(scale, [1, embedding], device))
    }

    /// How the columns that a linear head reads are shifted and scaled: measured on the first copy of each segment.
    fn standardise(&self, train: &[usize]) -> Result<Option<Standardise>, TrainingError> {
        if !self.recipe.network.standardise {
            return Ok(None);
        }
        let network = Network::load(self.architecture, self.start.clone(), &self.device)?;
        let rows = Scorer::new(self.material, &network, self.cut, &self.device).summaries(train);
        let width = rows.first().map_or(0, Vec::len);
        Ok(Some(Standardise::fit(rows.iter().map(Vec::as_slice), width)))
    }

    /// One pass over the training clips.
    fn epoch(
        &self,
        run: &Run,
        segments: &[(usize, usize)],
        trainer: &mut Trainer,
        course: &mut Course,
    ) -> Result<(), TrainingError> {
        let epoch = course.epochs + 1;
        let taken = order(self.recipe, self.clips, segments, self.material.maker(), epoch);
        let schedule = &self.recipe.schedule;
        let whole = taken.len() / schedule.batch_size * schedule.batch_size;
        let length = if schedule.drop_last && whole > 0 {
            whole
        } else {
            taken.len()
        };
        let batches: Vec<&[Taken]> = taken
            .get(..length)
            .unwrap_or(&taken)
            .chunks(schedule.batch_size)
            .collect();
        let began = Instant::now();
        let (mut sum, mut done) = (0.0_f64, 0);
        for (step, batch) in batches.iter().enumerate() {
            let rate = schedule_rate(self.recipe, epoch, step, batches.len());
            let loss = self.step(trainer, batch, epoch, step, rate);
            if !loss.is_finite() {
                let (largest_weight, tensor) = trainer.optimizer.largest_weight(&trainer.network);
                return Err(TrainingError::Diverged {
                    run: run.name.clone(),
                    loss,
                    epoch,
                    step: step + 1,
                    learning_rate: rate,
                    tenth: self.recipe.optimizer.learning_rate / 10.0,
                    largest_weight,
                    tensor,
                });
            }
            course.steps += 1;
            done += batch.len();
            sum += f64::from(loss) * batch.len() as f64;
            self.watch.on(&Progress::Step {
                run: &run.name,
                epoch,
                epochs: run.epochs,
                step: step + 1,
                steps: batches.len(),
                loss,
                segments_per_s: done as f64 / began.elapsed().as_secs_f64().max(1e-9),
            });
        }
        course.epochs = epoch;
        course.records.push((Some(sum / done.max(1) as f64), None));
        trainer.segments_per_s = done as f64 / began.elapsed().as_secs_f64().max(1e-9);
        Ok(())
    }

    /// One step; gives the loss before it.
    fn step(&self, trainer: &mut Trainer, batch: &[Taken], epoch: usize, step: usize, rate: f64) -> f32 {
        let members = self.members(&trainer.weights, batch, epoch, step);
        // Weights are 1 in the mean over an epoch, not over a batch.
        let total = members.len().max(1) as f32;
        let attended = self.attended(epoch, step);
        let mut gradients = SummedGradients::default();
        let mut sum = 0.0;
        for piece in batch::pieces(&members, attended, &trainer.device) {
            let Some(loss) = self.loss(trainer, piece) else {
                continue;
            };
            let loss = loss.div_scalar(total);
            let value = values(loss.clone().inner()).first().copied().unwrap_or(f32::NAN);
            sum += value;
            if !value.is_finite() {
                return value;
            }
            gradients.add(&trainer.network, loss.backward());
        }
        trainer.take_step(gradients, rate);
        sum
    }

    fn members(
        &self,
        weights: &HashMap<usize, f32>,
        batch: &[Taken],
        epoch: usize,
        step: usize,
    ) -> Vec<Member<'_>> {
        let places: Vec<(usize, usize, usize)> = batch.iter().map(|t| (t.clip, t.segment, t.copy)).collect();
        let inputs = self.material.inputs(&places, epoch);
        let mut members: Vec<Member<'_>> = batch
            .iter()
            .zip(inputs)
            .filter_map(|(taken, input)| {
                let input = input?;
                let target = self.target(self.clips.get(taken.clip)?, &input.teacher);
                Some(Member {
                    input,
                    target,
                    weight: weights.get(&taken.clip).copied().unwrap_or(1.0),
                })
            })
            .collect();
        let count = members.len();
        let chain = self.material.maker().chain();
        batch::mix_members(&mut members, |place| {
            // Which segments are mixed depends on the step, not on the clip: a batch is drawn anew each time.
            let key = StreamKey::new(self.recipe.seed, epoch as u64, (step as u64) << 32 | place as u64);
            let draw = chain.mixup(key, count)?;
            Some((draw.partner, draw.lambda))
        });
        members
    }

    /// What a segment of a clip is to be scored: its label, and by the share of the recipe what a teacher says of it.
    pub(super) fn target(&self, clip: &Clip, teacher: &[f32]) -> Vec<f32> {
        let loss = &self.recipe.loss;
        let mut target = smoothed_target(clip.fine, self.labels, loss.label_smoothing);
        if teacher.len() == target.len() {
            #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
            let own = 1.0 - loss.teacher as f32;
            woofer::augment::mix(&mut target, teacher, own);
        }
        target
    }

    fn attended(&self, epoch: usize, step: usize) -> Option<Attended> {
        let share = self.recipe.network.attention_dropout;
        let Head::Attention { .. } = self.architecture.head else {
            return None;
        };
        Some(Attended {
            heads: ATTENTION_HEADS,
            dropout: (share > 0.0).then(|| Dropout {
                share,
                key: StreamKey::new(self.recipe.seed, epoch as u64, step as u64),
            }),
        })
    }

    fn loss(&self, trainer: &Trainer, piece: Piece) -> Option<burn::tensor::Tensor<1>> {
        let loss = &self.recipe.loss;
        let Piece {
            maps,
            clips,
            targets,
            weights,
            mask,
            published,
        } = piece;
        let (Some(published), Some(scale)) = (published, &trainer.spread) else {
            let logits = trainer.network.above(maps, clips, self.cut, mask)?;
            return Some(cross_entropy(logits, targets, weights, loss.softmax_twice));
        };
        let (logits, said) = trainer.network.above_with_summaries(
            maps,
            clips,
            self.cut,
            loss.labels_reach == LabelsReach::Head,
        );
        let entropy = cross_entropy(logits?, targets, weights, loss.softmax_twice);
        let distance = distance_from_published(said, published.rows, published.weights, scale.clone());
        Some(entropy + distance.mul_scalar(loss.keep_published))
    }

    /// The weights as they are scored and kept, whatever helps training folded in.
    fn scored(&self, trainer: &Trainer, standardise: Option<&Standardise>) -> Result<Weights, TrainingError> {
        let network = trainer
            .optimizer
            .scored(&trainer.network, self.recipe.averaging.start_share);
        let mut weights = network.weights("trained")?;
        let dropped = self.recipe.network.bias == HeadBias::Dropped;
        if standardise.is_some() || dropped || self.class_prior.is_some() {
            let [weight, bias] = ["weight", "bias"].map(|part| format!("{LINEAR_HEAD}.{part}"));
            let shapes: Vec<Vec<usize>> = [&weight, &bias]
                .into_iter()
                .filter_map(|name| Some(weights.shape(name)?.to_vec()))
                .collect();
            if let [of_weight, of_bias] = shapes.as_slice() {
                let mut weight_values = weights.take(&weight, of_weight)?;
                let mut bias_values = weights.take(&bias, of_bias)?;
                if dropped {
                    bias_values = self.start.clone().take(&bias, of_bias)?;
                }
                self.add_class_prior(&mut bias_values);
                if let Some(columns) = standardise {
                    columns.fold_into(&mut weight_values, &mut bias_values);
                }
                weights.insert(&weight, of_weight, weight_values)?;
                weights.insert(&bias, of_bias, bias_values)?;
            }
        }
        Ok(weights)
    }

    /// Measures the network after an epoch; gives its weights.
    fn measure(
        &self,
        run: &Run,
        trainer: &Trainer,
        standardise: Option<&Standardise>,
        course: &mut Course,
    ) -> Result<Weights, TrainingError> {
        let weights = self.scored(trainer, standardise)?;
        let auc = if run.measured.is_empty() {
            None
        } else {
            let network = Network::load(self.architecture, weights.clone(), &self.device)?;
            let scorer = Scorer::new(self.material, &network, self.cut, &self.device);
            let temperature = self.recipe.model.temperature.before_fit();
            let logits = scorer.logits(&run.measured, self.material.maker().scored());
            let figures = self.judge.figures(&run.measured, &logits, temperature);
            figures.and_then(|figures| figures.auc_weighted())
        };
        if let (Some(auc), true) = (auc, run.choose)
            && course.best.is_none_or(|(_, best)| auc > best)
        {
            course.best = Some((course.epochs, auc));
        }
        if let Some(record) = course.records.last_mut() {
            record.1 = auc;
        }
        #[expect(clippy::cast_possible_truncation, reason = "for people")]
        let loss = course
            .records
            .last()
            .and_then(|(loss, _)| *loss)
            .unwrap_or(f64::NAN) as f32;
        self.watch.on(&Progress::Epoch {
            run: &run.name,
            epoch: course.epochs,
            epochs: run.epochs,
            loss,
            auc,
            segments_per_s: trainer.segments_per_s,
        });
        Ok(weights)
    }
}

fn schedule_rate(recipe: &Recipe, epoch: usize, step: usize, steps: usize) -> f64 {
    recipe.optimizer.learning_rate * rate_factor(recipe, epoch - 1, step, steps)
}

/// A network on its way.
struct Trainer {
    network: Network,
    optimizer: Optimizer,
    /// One over the spread of each column of the embedding, `[1, embedding]`, where training keeps to the published
    /// backbone.
    spread: Option<burn::tensor::Tensor<2>>,
    /// With autodiff.
    device: Device,
    /// The weights after the best epoch.
    best: Option<Weights>,
    segments_per_s: f64,
    /// How much a segment of each clip weighs.
    weights: HashMap<usize, f32>,
}

impl Trainer {
    fn take_step(&mut self, gradients: SummedGradients, rate: f64) {
        self.network = self.optimizer.step(self.network.clone(), gradients, rate);
    }
}

fn finished(run: &Run, weights: Weights, course: &Course) -> Finished {
    let kept = match (run.choose, course.best) {
        (true, Some((epoch, _))) => epoch,
        _ => course.epochs,
    };
    Finished {
        weights,
        curve: course.curve(&run.name, kept),
        kept,
    }
}

/// Whether a run is chosen by the clips that it is measured on.
pub(super) fn chooses(recipe: &Recipe) -> bool {
    recipe.validation.epoch != EpochChoice::Last
}
