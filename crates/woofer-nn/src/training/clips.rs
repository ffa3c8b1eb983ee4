use std::path::PathBuf;

use woofer::dataset::{Folds, Manifest, Row};
use woofer::pipeline::Stretch;
use woofer::taxonomy::Taxonomy;

use super::kept_apart::ExtraClips;
use super::retest::Retest;

/// A labelled clip as training sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clip {
    /// Index of its fine label.
    pub(super) fine: usize,
    /// Id of its class.
    pub(super) class: usize,
    /// Where it comes from, for balanced sampling.
    pub(super) source: String,
    /// Where its sound is.
    pub(super) sound: Sound,
    /// What it is there for.
    pub(super) role: Role,
}

/// Where a clip's sound is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sound {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The part of it.
        stretch: Stretch,
    },
    /// Nowhere yet: the noise clip of this number.
    Noise(usize),
}

/// What a clip is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It lies in a fold of the list, at this place of it.
    Listed(usize),
    /// It joins the training of every fold but one, as its place among the noise clips tells, and is never tested.
    Noise(usize),
    /// It lies at this place of another list, joins the training of every fold but those that test its file or recording, and is never tested.
    Extra(usize),
    /// It is tested by the network of this fold, as the recording of the list is that it is another take of.
    Retested(usize),
}

impl Role {
    /// Whether a clip joins the training of a fold.
    pub(super) fn joins(self, fold: usize, folds: &Folds, extra: &ExtraClips<'_>) -> bool {
        match self {
            Self::Listed(row) => folds.of_row.get(row) != Some(&fold),
            Self::Noise(index) => index % folds.count.max(1) != fold,
            Self::Extra(row) => !extra.is_tested_in(row, fold),
            Self::Retested(_) => false,
        }
    }
}

/// The clips of a list, then its noise clips, then those of another list, then those that are tested too.
pub(super) fn clips(
    manifest: &Manifest,
    extra: &[Row],
    retests: &[Retest],
    noise_clips: usize,
    taxonomy: &Taxonomy,
) -> Vec<Clip> {
    let of_row = |row: &Row, role: Role| Clip {
        fine: row.fine,
        class: row.class,
        source: row.source.clone(),
        sound: Sound::File {
            path: row.path.clone(),
            stretch: Stretch {
                onset_s: row.onset_s,
                offset_s: row.offset_s,
            },
        },
        role,
    };
    let listed = manifest.rows.iter().enumerate();
    let listed = listed.map(|(place, row)| of_row(row, Role::Listed(place)));
    let noise_fine = noise_label(taxonomy);
    let noise_class = taxonomy
        .fine_labels()
        .get(noise_fine)
        .map_or(0, |(class, _)| *class);
    let noise = (0..noise_clips).map(|index| Clip {
        fine: noise_fine,
        class: noise_class,
        source: "noise".to_owned(),
        sound: Sound::Noise(index),
        role: Role::Noise(index),
    });
    let extra = extra.iter().enumerate();
    let extra = extra.map(|(place, row)| of_row(row, Role::Extra(place)));
    let retested = retests.iter().flat_map(|retest| {
        let rows = retest.manifest.rows.iter().zip(&retest.fold_of_row);
        rows.map(|(row, &fold)| of_row(row, Role::Retested(fold)))
    });
    listed.chain(noise).chain(extra).chain(retested).collect()
}

/// The fine label of pure noise: the rest's own name, or else its first; the first of all without a rest.
fn noise_label(taxonomy: &Taxonomy) -> usize {
    let fine = taxonomy.fine_labels();
    let rest = taxonomy.rest();
    let of_rest = || (0..fine.len()).filter(|&place| fine.get(place).map(|(class, _)| *class) == rest);
    let named = of_rest().find(|&place| {
        let class = rest.and_then(|rest| taxonomy.classes.get(rest));
        fine.get(place).map(|(_, fine)| &fine.name) == class.map(|class| &class.name)
    });
    named.or_else(|| of_rest().next()).unwrap_or(0)
}
