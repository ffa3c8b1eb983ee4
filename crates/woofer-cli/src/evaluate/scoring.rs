use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use rayon::prelude::*;
use woofer::audio::AudioReader;
use woofer::dataset::{Manifest, Row};
use woofer::evaluation::{ScoreColumns, ScoreRow};
use woofer::pipeline::{PipelineError, Scorer, Stretch};
use woofer::taxonomy::{ClassScores, Taxonomy};
use woofer::with_causes;
use woofer_nn::Model;

use crate::logging::warning;
use crate::progress::Progress;

/// What a model scores, as far as a taxonomy is measured by it.
pub struct ScoredLabels {
    pub taxonomy: Taxonomy,
    pub columns: ScoreColumns,
    /// From the network's labels to the columns.
    class_scores: ClassScores,
}

impl ScoredLabels {
    /// The fine labels of a trained classifier, or the classes that AudioSet's labels are mapped to.
    pub fn choose(model: &Model, taxonomy: Option<&str>) -> anyhow::Result<Self> {
        let given = taxonomy.map(Taxonomy::open).transpose()?;
        let class_scores = model.class_scores(given.as_ref())?;
        let taxonomy = given.or_else(|| model.taxonomy().cloned()).with_context(|| {
            format!(
                "{}: scores AudioSet's labels; say by --taxonomy which classes are measured",
                model.name()
            )
        })?;
        Ok(match class_scores {
            ClassScores::BestOfLabels { .. } | ClassScores::Shares { .. } => Self {
                columns: ScoreColumns::of_classes(&taxonomy),
                taxonomy,
                class_scores,
            },
            ClassScores::Labels | ClassScores::SumOfFine { .. } => Self {
                columns: ScoreColumns::of_fine_labels(&taxonomy),
                taxonomy,
                class_scores: ClassScores::Labels,
            },
        })
    }

    pub fn scorer(&self, model: Model) -> Scorer {
        Scorer::new(Arc::new(model), self.class_scores.clone())
    }
}

/// The scores of each row of a list, or why it cannot be read, in the order of the list.
pub fn score(
    scorer: &Scorer,
    manifest: &Manifest,
    clips: Option<&Path>,
    labels: &ScoredLabels,
    progress: &Progress,
) -> Vec<Result<ScoreRow, String>> {
    let folders = folders(&manifest.path, clips);
    let fine = labels.taxonomy.fine_labels();
    let of_row = |row: &Row| {
        let named = |e: PipelineError| match e {
            PipelineError::Audio(error) => with_causes(&error),
            error @ PipelineError::Classifier(_) => format!("{}: {error}", row.path.display()),
        };
        let mut reader = AudioReader::open(&row.path).map_err(|e| with_causes(&e))?;
        let stretch = Stretch {
            onset_s: row.onset_s,
            offset_s: row.offset_s,
        };
        let clip = scorer
            .score_stretch(&mut reader, stretch, |_| ())
            .map_err(named)?;
        if clip.windows == 0 {
            return Err(format!("{}: {stretch} holds no sound", row.path.display()));
        }
        let repairs = reader.repairs();
        if !repairs.is_clean() {
            progress.hide(|| warning(&format!("{}: {repairs}", row.path.display())));
        }
        let fine = fine.get(row.fine).map_or("", |(_, fine)| fine.name.as_str());
        Ok(ScoreRow {
            duration_s: Some(clip.duration_s),
            ..ScoreRow::new(row, &folders, fine, clip.scores)
        })
    };
    let rows = manifest.rows.par_iter().map(|row| {
        let outcome = of_row(row);
        progress.file_done();
        outcome
    });
    rows.collect()
}

/// The folders that the paths of a list are told from.
pub fn folders<'a>(list: &'a Path, clips: Option<&'a Path>) -> Vec<&'a Path> {
    let own = if list.is_dir() { Some(list) } else { list.parent() };
    clips.into_iter().chain(own).collect()
}
