//! One training from its options to a model on disk.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use woofer::dataset::{FoldChoice, Folds, Manifest, Row, durations_s};
use woofer::evaluation::{ClassRoles, ModeFigures, ScoreTable, mode_figures, mode_thresholds};
use woofer::metrics::Evaluation;
use woofer::taxonomy::Taxonomy;
use woofer_nn::training::{
    ClipLogits, ClipMean, EpochChoice, ExtraClips, Freeze, Interrupted, Job, ModelFrom, Recipe, Retest,
    SoftmaxTemperature, Trained, TrainingRecord, clear_run, copies_in_run, train,
};
use woofer_nn::{Bundle, Contents, Measured, Model, SourceRecord, Weights};

use super::args::HowArgs;
use super::calibration::temperature;
use super::degraded::{Degraded, write_degraded};
use super::meter::Meter;
use super::{clips, out_of_fold, retests};
use crate::args::LabelledClipArgs;
use crate::folders::last_part;
use crate::logging;
use crate::output::markdown_table;
use crate::result_files::{BOOTSTRAP, read_scores};

/// What is trained: options that have been read and found to fit.
pub struct Training<'a> {
    pub labelled: &'a LabelledClipArgs,
    pub how: &'a HowArgs,
    pub recipe: Recipe,
    pub taxonomy: Taxonomy,
    pub manifest: Manifest,
    pub folds: Folds,
    pub backbone: Backbone,
    pub teacher: Option<Model>,
    retests: Vec<Retest>,
}

/// The network to build on, and what the new model takes over from it.
pub struct Backbone {
    network: woofer_nn::Backbone,
    weights: Weights,
    source: SourceRecord,
}

/// What came of a training.
pub struct Outcome {
    pub scores: ScoreTable,
    pub evaluation: Evaluation,
    /// AUC at each temperature that the recipe asks for.
    pub temperatures: Vec<(f64, Option<f64>)>,
    /// What each way of making the tested clips worse costs.
    pub degraded: Vec<Degraded>,
    /// What the modes of a model of calibrated scores do on clips on which their thresholds were not chosen.
    pub modes: Option<Vec<ModeFigures>>,
    pub failures: usize,
}

impl<'a> Training<'a> {
    /// Reads the lists, the recipe and the networks.
    pub fn open(
        labelled: &'a LabelledClipArgs,
        how: &'a HowArgs,
        (recipe, changes): (&str, &[String]),
        backbone: &Path,
        teacher: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let recipe = Recipe::open(recipe, changes)?;
        let taxonomy = Taxonomy::open(&labelled.taxonomy)?;
        let manifest = clips::open(&labelled.list, labelled.clips.as_deref(), &taxonomy)?;
        let choice = FoldChoice::from(labelled.folds.as_str());
        let folds = Folds::choose(&manifest, &choice, labelled.fold_count, recipe.seed)?;
        clips::check_folds(&folds, &manifest, &taxonomy)?;
        let teacher = teacher.map(Model::open).transpose()?;
        if let Some(teacher) = &teacher
            && teacher.taxonomy() != Some(&taxonomy)
        {
            bail!(
                "{}: a teacher has to be trained on the same taxonomy \"{}\"",
                teacher.name(),
                taxonomy.name
            );
        }
        Ok(Self {
            labelled,
            how,
            recipe,
            taxonomy,
            manifest,
            folds,
            backbone: Backbone::open(backbone)?,
            teacher,
            retests: Vec::new(),
        })
    }

    /// Has further lists of the same recordings tested too.
    pub fn retest(&mut self, lists: &[PathBuf]) -> anyhow::Result<()> {
        let of = (&self.manifest, &self.folds);
        let retests = lists.iter().map(|list| retests::open(list, &self.taxonomy, of));
        self.retests = retests.collect::<anyhow::Result<_>>()?;
        Ok(())
    }

    /// Trains, measures, and writes the model to `output`; `extra` are clips of another list.
    pub fn run(&self, output: &Path, extra: &[Row]) -> anyhow::Result<Outcome> {
        Bundle::check_place(output, self.how.force)?;
        let run = with_ending(output, ".run");
        let cache = self.how.cache.clone().unwrap_or_else(|| copies_in_run(&run));
        let extra = ExtraClips::new(extra, &self.manifest, &self.folds, &self.retests);
        self.warn_of_extra_clips_that_are_tested(&extra);
        let from_all = self.recipe.model.from == ModelFrom::AllClips;
        let meter = Meter::new(
            self.folds.count + usize::from(from_all),
            self.recipe.schedule.epochs,
        );
        let trained = train(
            &Job {
                recipe: &self.recipe,
                backbone: self.backbone.network,
                weights: self.backbone.weights.clone(),
                taxonomy: &self.taxonomy,
                manifest: &self.manifest,
                folds: &self.folds,
                extra: &extra,
                retests: &self.retests,
                teacher: self.teacher.as_ref(),
                device: self.how.device,
                cache: &cache,
                run: Some(&run),
                interrupted: match (self.how.resume, self.how.force) {
                    (true, _) => Interrupted::Resumed,
                    (false, true) => Interrupted::Discarded,
                    (false, false) => Interrupted::Kept,
                },
            },
            &meter,
        );
        meter.finish();
        let trained = trained?;
        trained.failures.iter().for_each(|reason| logging::error(reason));
        let outcome = self.write(output, &trained)?;
        if let Err(error) = clear_run(&run, self.recipe.validation.keep_every > 0) {
            // The model is whole.
            logging::warning(&format!(
                "{}: the state of the training, which is done, cannot be removed: {error}",
                run.display()
            ));
        }
        Ok(outcome)
    }

    fn warn_of_extra_clips_that_are_tested(&self, extra: &ExtraClips<'_>) {
        let mut tested = extra.tested();
        if let Some(first) = tested.next() {
            logging::warning(&format!(
                "--extra: {} of {} clips are of a file or recording that {} has too, the first {}; each is left out of the training of the \
                 folds that test it",
                tested.count() + 1,
                extra.rows().len(),
                self.manifest.path.display(),
                first.path.display()
            ));
        }
    }

    /// What came of this training where it is done already and its model lies at `output`; none where nothing lies there.
    ///
    /// # Errors
    ///
    /// The model is another training's, or cannot be read.
    pub fn finished(&self, output: &Path, extra: &[Row]) -> anyhow::Result<Option<Outcome>> {
        if !Bundle::is_at(output) {
            return Ok(None);
        }
        let bundle = Bundle::open(output)?;
        let found = bundle.description();
        let is_same = |record: &&TrainingRecord| {
            record.data == self.data()
                && record.folds == self.folds.description
                && record.recipe == self.recipe
                && record.extra_clips <= extra.len()
                && (record.extra_clips == 0) == extra.is_empty()
        };
        let record = found.training.as_ref().filter(is_same);
        let record = record.filter(|_| {
            found.source == self.backbone.source && found.taxonomy.as_ref() == Some(&self.taxonomy)
        });
        let Some(record) = record else {
            bail!(
                "{}: is the model of another training (other clips, folds, recipe, backbone or taxonomy); give the same ones to \
                 take it up, or another --output",
                output.display()
            );
        };
        let scores = read_scores(output)?;
        let unread = self.manifest.rows.len().saturating_sub(scores.rows().len());
        Ok(Some(Outcome {
            evaluation: scores.evaluate(BOOTSTRAP)?,
            scores,
            temperatures: Vec::new(),
            degraded: Vec::new(),
            modes: None,
            failures: unread + extra.len().saturating_sub(record.extra_clips),
        }))
    }

    /// Name of the list or folder of clips, as the model keeps it.
    fn data(&self) -> String {
        last_part(&self.labelled.list)
    }

    fn write(&self, output: &Path, trained: &Trained) -> anyhow::Result<Outcome> {
        let wanted = self.recipe.model.temperature;
        let temperature = temperature(
            wanted,
            &trained.logits,
            &self.manifest,
            &self.taxonomy,
            &self.clip_mean(),
        );
        let table = self.score_table(&trained.logits, temperature, &durations_s(&self.manifest))?;
        let roles = ClassRoles::new(&self.taxonomy);
        let (thresholds, modes) = match wanted {
            SoftmaxTemperature::Given(_) => (None, None),
            SoftmaxTemperature::Fitted => (
                Some(mode_thresholds(&table.scored_clips()?, &roles)),
                Some(mode_figures(&table, &roles)?),
            ),
        };
        let evaluation = table.evaluate(BOOTSTRAP)?;
        let temperatures = self.recipe.validation.temperatures.iter();
        let temperatures = temperatures
            .map(|&t| {
                Ok((
                    t,
                    self.score_table(&trained.logits, t, &[])?
                        .scored_clips()?
                        .figures()
                        .auc_weighted(),
                ))
            })
            .collect::<anyhow::Result<_>>()?;
        let ways = self.recipe.validation.degraded.iter().zip(&trained.degraded);
        let ways = ways.map(|(way, draws)| (&way.name, &self.manifest, draws.as_slice()));
        let retests = self.retests.iter().zip(&trained.retested);
        let retests =
            retests.map(|(retest, logits)| (&retest.name, &retest.manifest, std::slice::from_ref(logits)));
        let degraded = ways
            .chain(retests)
            .map(|(name, manifest, draws)| {
                let tables = draws
                    .iter()
                    .map(|logits| self.score_table_of(manifest, logits, temperature, &[]));
                Ok(Degraded {
                    name: name.clone(),
                    draws: tables.collect::<anyhow::Result<_>>()?,
                })
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let heard = |row: &usize| trained.logits.get(*row).is_some_and(Option::is_some);
        let rows: Vec<usize> = (0..self.manifest.rows.len()).filter(heard).collect();
        let recordings: HashSet<&str> = rows
            .iter()
            .filter_map(|&row| Some(self.manifest.rows.get(row)?.recording.as_str()))
            .collect();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a temperature and a share of 1 are plain numbers"
        )]
        let contents = Contents {
            architecture: trained.architecture,
            members: trained.members.clone(),
            temperature: temperature as f32,
            shifts_s: self.recipe.copies.shifts_s.clone(),
            level_segments: self.recipe.network.level_segments,
            hearings: self.recipe.network.hearings.clone(),
            mean: self.recipe.model.mean,
            rest_weight: self.recipe.model.rest_weight as f32,
            source: self.backbone.source.clone(),
            taxonomy: Some(self.taxonomy.clone()),
            thresholds,
            training: Some(TrainingRecord {
                data: self.data(),
                clips: trained.clips,
                recordings: recordings.len(),
                extra_clips: trained.extra_clips,
                folds: self.folds.description.clone(),
                optimistic: self.optimistic(),
                recipe: self.recipe.clone(),
            }),
            measured: Some(Measured {
                metrics_json: evaluation.to_json()?,
                summary: markdown_table(&evaluation),
            }),
        };
        Bundle::create_with(output, &contents, self.how.force, |folder| {
            out_of_fold::write_beside(folder, &table, &self.recipe, &trained.curves)?;
            write_degraded(folder, &degraded)
        })?;
        Ok(Outcome {
            scores: table,
            evaluation,
            temperatures,
            degraded,
            modes,
            failures: trained.failures.len(),
        })
    }

    /// How logits become the scores of a clip.
    fn clip_mean(&self) -> ClipMean {
        ClipMean::new(&self.recipe, &self.taxonomy)
    }

    fn score_table(
        &self,
        logits: &[Option<ClipLogits>],
        temperature: f64,
        durations_s: &[Option<f64>],
    ) -> anyhow::Result<ScoreTable> {
        self.score_table_of(&self.manifest, logits, temperature, durations_s)
    }

    fn score_table_of(
        &self,
        manifest: &Manifest,
        logits: &[Option<ClipLogits>],
        temperature: f64,
        durations_s: &[Option<f64>],
    ) -> anyhow::Result<ScoreTable> {
        let clip_mean = self.clip_mean();
        let (rows, found): (Vec<usize>, Vec<Vec<f32>>) = logits
            .iter()
            .enumerate()
            .filter_map(|(row, logits)| Some((row, clip_mean.scores(logits.as_ref()?, temperature))))
            .unzip();
        out_of_fold::score_table(
            (manifest, &self.folds, &self.taxonomy),
            self.labelled,
            (&rows, durations_s),
            found,
        )
    }

    /// Why the figures are better than those of new clips will be, if they are.
    pub fn optimistic(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.folds.optimistic {
            reasons.push("clips of one recording may lie in several folds".to_owned());
        }
        if self.recipe.validation.epoch == EpochChoice::Tested {
            reasons.push("each fold's epoch was chosen by the clips that it is tested on".to_owned());
        }
        if self.teacher.is_some() && self.recipe.loss.teacher > 0.0 {
            reasons.push("the teacher may have been trained on the clips that are tested".to_owned());
        }
        reasons
    }
}

impl Backbone {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let contents = Contents::open(path)?;
        let [weights] = <[Weights; 1]>::try_from(contents.members).map_err(|members| {
            anyhow!(
                "{}: is an ensemble of {} networks; a backbone is one network",
                path.display(),
                members.len()
            )
        })?;
        let has_learned = contents
            .training
            .is_some_and(|training| training.recipe.network.freeze != Freeze::Backbone);
        let mut source = contents.source;
        if has_learned {
            let sha256 = weights.sha256().unwrap_or("not known");
            source.model = Some(format!("{}, SHA-256 {sha256}", last_part(path)));
        }
        Ok(Self {
            network: contents.architecture.backbone,
            weights,
            source,
        })
    }
}

/// A path with something after its last name: `house` and `.run` are `house.run`.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or(path.as_os_str()).to_owned();
    name.push(ending);
    path.with_file_name(name)
}
