use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use woofer::dataset::feature_cache::FeatureCache;
use woofer::dataset::{Folds, GroupBy, InnerSplit, Manifest};
use woofer::hexadecimal;
use woofer::render::LearningCurve;
use woofer::taxonomy::Taxonomy;

use super::background_labels::BackgroundLabels;
use super::clips::{Role, clips};
use super::copies::CopyMaker;
use super::device::DeviceChoice;
use super::error::TrainingError;
use super::kept_apart::ExtraClips;
use super::material::{Lower, Material};
use super::progress::Watch;
use super::recipe::{EpochChoice, Freeze, ModelFrom, Precision, Recipe};
use super::retest::Retest;
use super::run::{Finished, Run, Setting, chooses};
use super::run_folder::{Interrupted, RunFolder};
use super::scoring::{Judge, ListLogits, Scorer};
use super::{class_prior, start};
use crate::architecture::{Architecture, Backbone};
use crate::model::Model;
use crate::network::Network;
use crate::weights::Weights;

/// What is to be trained, on what.
pub struct Job<'a> {
    /// How.
    pub recipe: &'a Recipe,
    /// The backbone.
    pub backbone: Backbone,
    /// Its weights; a head among them is left out.
    pub weights: Weights,
    /// The classes.
    pub taxonomy: &'a Taxonomy,
    /// The clips.
    pub manifest: &'a Manifest,
    /// In which fold each is tested.
    pub folds: &'a Folds,
    /// Clips of another list, which join the training of every fold, but for those that test their file or recording.
    pub extra: &'a ExtraClips<'a>,
    /// Further lists of its recordings, which are only tested.
    pub retests: &'a [Retest],
    /// A model whose scores are learned as well, as the recipe's `loss.teacher` says.
    pub teacher: Option<&'a Model>,
    /// Where it is trained.
    pub device: DeviceChoice,
    /// Folder for what is made of each clip once.
    pub cache: &'a Path,
    /// Folder for the state of the training, so that it can be interrupted; none keeps no state.
    pub run: Option<&'a Path>,
    /// What to do with the state of a training that was interrupted.
    pub interrupted: Interrupted,
}

/// What a training came to.
pub struct Trained {
    /// The network.
    pub architecture: Architecture,
    /// The weights of the model: one network's or each fold's.
    pub members: Vec<Weights>,
    /// What the network of its fold said of each row of the list; none of a row that could not be read.
    pub logits: ListLogits,
    /// The same of clips made worse, for each draw of each way that the recipe lists.
    pub degraded: Vec<Vec<ListLogits>>,
    /// What the network of its fold said of each row of each further list.
    pub retested: Vec<ListLogits>,
    /// The course of each run.
    pub curves: Vec<LearningCurve>,
    /// Why each clip that could not be read could not be, with its name.
    pub failures: Vec<String>,
    /// Clips of the list that could be read.
    pub clips: usize,
    /// Clips of the other list that could be.
    pub extra_clips: usize,
}

/// Trains a network for each fold on the other folds, and what the recipe wants the model to be.
///
/// The same job gives the same bits for a number of threads, whether it was interrupted or not.
///
/// # Errors
///
/// The recipe does not fit, there is nothing to train on, the loss is no number any more, or files cannot be used.
pub fn train(job: &Job<'_>, watch: &dyn Watch) -> Result<Trained, TrainingError> {
    check(job)?;
    let recipe = job.recipe;
    let background = BackgroundLabels::new(recipe, job.backbone, job.taxonomy);
    let architecture = start::architecture(recipe, job.backbone, job.taxonomy, background.is_some())?;
    let cut = start::cut(recipe, job.backbone)?;
    let class_prior = class_prior::of_fine_labels(recipe, job.taxonomy)?;
    let weights = start::weights(recipe, architecture, job.weights.clone(), job.taxonomy)?;
    let device = job.device.open()?;

    let all = clips(
        job.manifest,
        job.extra.rows(),
        job.retests,
        recipe.copies.noise_clips,
        job.taxonomy,
    );
    // Clip by clip: the processor's own kernels are faster at that than a card, and what is kept is the same wherever training goes on.
    let processor = DeviceChoice::Cpu.open()?;
    let network = Network::load(architecture, weights.clone(), &processor)?;
    let lower = Lower {
        network: &network,
        cut,
        device: &processor,
        identity: job.weights.identity(),
    };
    let maker = CopyMaker::new(recipe, network.front_end())?;
    let folder = match job.run {
        Some(dir) => Some(RunFolder::open(dir, &identity(job, &maker), job.interrupted)?),
        None => None,
    };
    let cache = FeatureCache::open(job.cache)?;
    let keeps = recipe.loss.keep_published > 0.0;
    let teacher = job.teacher.filter(|_| recipe.loss.teacher > 0.0);
    let material = Material::new(&all, maker, &lower, teacher, keeps, &cache, watch)?;
    let judge = Judge::new(&all, job.manifest, job.taxonomy, recipe);
    let setting = Setting {
        recipe,
        architecture,
        cut,
        start: weights,
        class_prior,
        background,
        device,
        clips: &all,
        material: &material,
        labels: job.taxonomy.fine_labels().len(),
        judge: &judge,
        folds: job.folds,
        folder: folder.as_ref(),
        watch,
    };
    let trainer = Trainer {
        job,
        setting: &setting,
    };
    let heard = trainer.usable(|role| matches!(role, Role::Listed(_)));
    trainer.check_tested(&heard)?;
    let finished = trainer.folds()?;
    let logits = trainer.out_of_fold(&finished, &material.maker().scored())?;
    let degraded = trainer.degraded(&finished)?;
    let retested = trainer.retested(&finished)?;
    let mut curves: Vec<LearningCurve> = finished.iter().map(|f| f.curve.clone()).collect();
    let members: Vec<Weights> = match recipe.model.from {
        ModelFrom::Folds => finished.into_iter().map(|f| f.weights).collect(),
        ModelFrom::AllClips => {
            let last = trainer.on_all(&finished)?;
            curves.push(last.curve);
            vec![last.weights]
        }
    };
    let members = match recipe.model.precision {
        Precision::Single => members,
        Precision::Half => members
            .iter()
            .map(Weights::in_half_precision)
            .collect::<Result<_, _>>()?,
    };
    Ok(Trained {
        architecture,
        members,
        logits,
        degraded,
        retested,
        curves,
        failures: material.failures().map(|(_, why)| why.to_owned()).collect(),
        clips: heard.len(),
        extra_clips: trainer.usable(|role| matches!(role, Role::Extra(_))).len(),
    })
}

/// Refuses what can be told before anything is heard.
fn check(job: &Job<'_>) -> Result<(), TrainingError> {
    let recipe = job.recipe;
    if recipe.loss.teacher > 0.0 && job.teacher.is_none() {
        return Err(TrainingError::Recipe(format!(
            "recipe {}: loss.teacher = {} needs a teacher; give --teacher MODEL",
            recipe.name, recipe.loss.teacher
        )));
    }
    if job.manifest.rows.iter().all(|row| row.weak) {
        return Err(nothing_tested(job, "each has weak = 1"));
    }
    Ok(())
}

fn nothing_tested(job: &Job<'_>, reason: &str) -> TrainingError {
    TrainingError::NothingTested {
        list: job.manifest.path.display().to_string(),
        rows: job.manifest.rows.len(),
        reason: reason.to_owned(),
    }
}

struct Trainer<'a> {
    job: &'a Job<'a>,
    setting: &'a Setting<'a>,
}

impl Trainer<'_> {
    /// Places of the clips of some role that could be read.
    fn usable(&self, role: impl Fn(&Role) -> bool) -> Vec<usize> {
        let clips = self.setting.clips.iter().enumerate();
        clips
            .filter(|(place, clip)| role(&clip.role) && self.setting.material.segments(*place) > 0)
            .map(|(place, _)| place)
            .collect()
    }

    /// Refuses a list of which some clips were `heard` but none that is to be tested.
    fn check_tested(&self, heard: &[usize]) -> Result<(), TrainingError> {
        // Rows of the list come first among the clips.
        let is_tested = |place: &usize| self.job.manifest.rows.get(*place).is_some_and(|row| !row.weak);
        if heard.is_empty() || heard.iter().any(is_tested) {
            return Ok(());
        }
        if let Some(folder) = self.setting.folder {
            folder.forget_unless_begun();
        }
        let mut failures = self.setting.material.failures();
        let first = failures.find(|(place, _)| is_tested(place));
        let first = first.map_or("it has no segment", |(_, why)| why);
        Err(nothing_tested(
            self.job,
            &format!("those without weak = 1 cannot be read; the first: {first}"),
        ))
    }

    /// Trains each fold's network.
    fn folds(&self) -> Result<Vec<Finished>, TrainingError> {
        let count = self.job.folds.count;
        // Heads are so small that a core each is faster than all cores on one.
        let side_by_side =
            self.job.recipe.network.freeze == Freeze::Backbone && self.job.device == DeviceChoice::Cpu;
        if side_by_side {
            (0..count).into_par_iter().map(|fold| self.fold(fold)).collect()
        } else {
            (0..count).map(|fold| self.fold(fold)).collect()
        }
    }

    /// What each fold's network says of some copies of its own fold's rows.
    fn out_of_fold(&self, finished: &[Finished], copies: &Range<usize>) -> Result<ListLogits, TrainingError> {
        // Rows of the list come first among the clips.
        let mut logits = self.by_fold(finished, copies, |fold| self.job.folds.test_rows(fold))?;
        logits.truncate(self.job.manifest.rows.len());
        Ok(logits)
    }

    /// What each fold's network says of its own fold's rows made worse, for each draw of each way.
    fn degraded(&self, finished: &[Finished]) -> Result<Vec<Vec<ListLogits>>, TrainingError> {
        let ways = 0..self.job.recipe.validation.degraded.len();
        let maker = self.setting.material.maker();
        ways.map(|way| {
            let draws = maker.degraded(way);
            draws
                .iter()
                .map(|copies| self.out_of_fold(finished, copies))
                .collect()
        })
        .collect()
    }

    /// What each fold's network says of the further lists' rows of its fold.
    fn retested(&self, finished: &[Finished]) -> Result<Vec<ListLogits>, TrainingError> {
        let clips = self.setting.clips;
        let of_fold = |fold: usize| {
            let places = 0..clips.len();
            let is_of_fold =
                |place: &usize| clips.get(*place).map(|clip| clip.role) == Some(Role::Retested(fold));
            places.filter(is_of_fold).collect()
        };
        let mut logits = self.by_fold(finished, &self.setting.material.maker().scored(), of_fold)?;
        let lengths = self.job.retests.iter().map(|retest| retest.manifest.rows.len());
        // They come last among the clips.
        let mut logits = logits.drain(clips.len() - lengths.clone().sum::<usize>()..);
        Ok(lengths.map(|rows| logits.by_ref().take(rows).collect()).collect())
    }

    /// What each fold's network says of some copies of the clips of its fold, by the clips' places; nothing of the others.
    fn by_fold(
        &self,
        finished: &[Finished],
        copies: &Range<usize>,
        of_fold: impl Fn(usize) -> Vec<usize>,
    ) -> Result<ListLogits, TrainingError> {
        let setting = self.setting;
        let mut logits = vec![None; setting.clips.len()];
        for (fold, finished) in finished.iter().enumerate() {
            let places = of_fold(fold);
            if places.is_empty() {
                continue;
            }
            let network = Network::load(setting.architecture, finished.weights.clone(), &setting.device)?;
            let scorer = Scorer::new(setting.material, &network, setting.cut, &setting.device);
            for (place, found) in places.iter().zip(scorer.logits(&places, copies.clone())) {
                if let Some(logits) = logits.get_mut(*place) {
                    *logits = (!found.is_empty()).then_some(found);
                }
            }
        }
        Ok(logits)
    }

    fn fold(&self, fold: usize) -> Result<Finished, TrainingError> {
        let folds = self.job.folds;
        let joins = |place: &usize| {
            let clip = self.setting.clips.get(*place);
            clip.is_some_and(|clip| clip.role.joins(fold, folds, self.job.extra))
        };
        let train: Vec<usize> = (0..self.setting.clips.len()).filter(joins).collect();
        let run = self.run(
            format!("fold {}", folds.name(fold)),
            train,
            folds.test_rows(fold),
            self.job.recipe.schedule.epochs,
        )?;
        self.setting.run(&run)
    }

    /// Trains a network on all clips. Where folds were chosen by what they are tested on, so long as they were trained
    /// in the mean.
    fn on_all(&self, folds: &[Finished]) -> Result<Finished, TrainingError> {
        let clips = self.setting.clips.iter().enumerate();
        let trained_on = clips.filter(|(_, clip)| !matches!(clip.role, Role::Retested(_)));
        let all: Vec<usize> = trained_on.map(|(place, _)| place).collect();
        let epochs = match self.job.recipe.validation.epoch {
            EpochChoice::Tested => {
                let kept: usize = folds.iter().map(|f| f.kept).sum();
                (kept + folds.len() / 2) / folds.len().max(1)
            }
            EpochChoice::Last | EpochChoice::HeldOut => self.job.recipe.schedule.epochs,
        };
        let mut run = self.run("all clips".to_owned(), all, Vec::new(), epochs)?;
        run.choose &= !run.measured.is_empty();
        self.setting.run(&run)
    }

    /// A run whose epoch is chosen as the recipe says: `tested` are the clips of its fold.
    fn run(
        &self,
        name: String,
        train: Vec<usize>,
        tested: Vec<usize>,
        epochs: usize,
    ) -> Result<Run, TrainingError> {
        let recipe = self.job.recipe;
        let mut run = Run {
            name,
            train,
            measured: tested,
            choose: chooses(recipe),
            epochs,
        };
        if recipe.validation.epoch == EpochChoice::HeldOut {
            // Places of the list are places among the clips: the list comes first.
            let listed = self.job.manifest.rows.len();
            let (of_list, others): (Vec<usize>, Vec<usize>) =
                run.train.iter().partition(|place| **place < listed);
            let split = InnerSplit::new(
                self.job.manifest,
                &of_list,
                GroupBy::Recording,
                recipe.validation.held_out_share,
                recipe.seed,
            )?;
            run.measured = split.held;
            run.train = split.fit;
            run.train.extend(others);
        }
        Ok(run)
    }
}

/// Tells a training apart from others, those of a program that hears the same files otherwise too.
fn identity(job: &Job<'_>, maker: &CopyMaker) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: String| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    };
    add(format!("{:?}", job.recipe));
    add(format!("{:?}", job.taxonomy));
    add(format!("{:?}", job.folds));
    for row in job.manifest.rows.iter().chain(job.extra.rows()) {
        add(format!("{row:?}"));
    }
    add(job.extra.rows().len().to_string());
    for retest in job.retests {
        add(format!("{} {:?}", retest.name, retest.fold_of_row));
        for row in &retest.manifest.rows {
            add(format!("{row:?}"));
        }
    }
    add(maker.description());
    add(job.weights.identity());
    add(job.teacher.map(Model::identity).unwrap_or_default());
    format!(
        "woofer {}, device {}, training {}\n",
        env!("CARGO_PKG_VERSION"),
        job.device,
        hexadecimal(&hasher.finalize())
    )
}
