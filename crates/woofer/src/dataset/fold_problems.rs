//! What is wrong or worth knowing about folds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::folds::Folds;
use super::grouping::GroupBy;
use super::manifest::Manifest;
use crate::taxonomy::Taxonomy;

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Training cannot be done.
    Error,
    /// Training can be done, but what comes out may be worse, or look better, than it could.
    Warning,
    /// Good to know.
    Note,
}

/// Something wrong or worth knowing about folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FoldProblem {
    /// A class has no rows at all.
    #[error("class {class} has no clips")]
    ClassWithoutRows {
        /// The class.
        class: String,
    },
    /// A class lies in one fold as a whole.
    #[error("class {class} is only in fold {fold}, so that training without that fold misses it")]
    ClassNotInTraining {
        /// The class.
        class: String,
        /// The fold that holds all of it.
        fold: String,
    },
    /// A class has no scored rows in a fold.
    #[error("class {class} is not tested in {}", folds_named(.folds))]
    ClassNotInTest {
        /// The class.
        class: String,
        /// The folds without it.
        folds: Vec<String>,
    },
    /// No row of a fold is scored.
    #[error("fold {fold} has no scored rows")]
    NothingToTest {
        /// The fold.
        fold: String,
    },
    /// The clips of one recording lie in several folds.
    #[error("recording {recording:?} is in {}", folds_named(.folds))]
    RecordingSplit {
        /// The recording.
        recording: String,
        /// The folds that hold clips of it.
        folds: Vec<String>,
    },
    /// The recordings of one source lie in several folds.
    #[error("source {source_name:?} is in {}", folds_named(.folds))]
    SourceSplit {
        /// The source.
        source_name: String,
        /// The folds that hold recordings of it.
        folds: Vec<String>,
    },
}

impl FoldProblem {
    /// How much it matters.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::ClassWithoutRows { .. } | Self::ClassNotInTraining { .. } => Severity::Error,
            Self::NothingToTest { .. } | Self::RecordingSplit { .. } => Severity::Warning,
            Self::ClassNotInTest { .. } | Self::SourceSplit { .. } => Severity::Note,
        }
    }
}

impl Folds {
    /// What is wrong or worth knowing about the folds, what matters most first.
    ///
    /// Training uses weak rows; testing does not.
    #[must_use]
    pub fn check(&self, manifest: &Manifest, taxonomy: &Taxonomy) -> Vec<FoldProblem> {
        let classes = taxonomy.classes.len();
        let mut rows = vec![vec![0usize; self.count]; classes];
        let mut scored = rows.clone();
        for (row, fold) in manifest.rows.iter().zip(&self.of_row) {
            if row.class < classes && *fold < self.count {
                rows[row.class][*fold] += 1;
                scored[row.class][*fold] += usize::from(!row.weak);
            }
        }
        let mut problems = Vec::new();
        for (id, class) in taxonomy.classes.iter().enumerate() {
            let class = class.name.clone();
            let mut holding = (0..self.count).filter(|fold| rows[id][*fold] > 0);
            match (holding.next(), holding.next()) {
                (None, _) => problems.push(FoldProblem::ClassWithoutRows { class }),
                (Some(fold), None) => {
                    let fold = self.name(fold).to_owned();
                    problems.push(FoldProblem::ClassNotInTraining { class, fold });
                }
                _ => {}
            }
        }
        for fold in 0..self.count {
            if scored.iter().all(|of_class| of_class[fold] == 0) {
                let fold = self.name(fold).to_owned();
                problems.push(FoldProblem::NothingToTest { fold });
            }
        }
        for (recording, folds) in self.split_groups(manifest, GroupBy::Recording) {
            problems.push(FoldProblem::RecordingSplit { recording, folds });
        }
        for (id, class) in taxonomy.classes.iter().enumerate() {
            let without: Vec<usize> = (0..self.count).filter(|fold| scored[id][*fold] == 0).collect();
            if !without.is_empty() && rows[id].iter().any(|n| *n > 0) {
                problems.push(FoldProblem::ClassNotInTest {
                    class: class.name.clone(),
                    folds: without.iter().map(|fold| self.name(*fold).to_owned()).collect(),
                });
            }
        }
        for (source_name, folds) in self.split_groups(manifest, GroupBy::Source) {
            problems.push(FoldProblem::SourceSplit { source_name, folds });
        }
        problems
    }

    /// The recordings or sources that lie in several folds.
    fn split_groups(&self, manifest: &Manifest, by: GroupBy) -> Vec<(String, Vec<String>)> {
        let mut folds_of_group: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (row, fold) in manifest.rows.iter().zip(&self.of_row) {
            if by == GroupBy::Recording || !row.source.is_empty() {
                folds_of_group.entry(row.group(by)).or_default().insert(*fold);
            }
        }
        let split = folds_of_group.into_iter().filter(|(_, folds)| folds.len() > 1);
        split
            .map(|(group, folds)| {
                let names = folds.iter().map(|fold| self.name(*fold).to_owned());
                (group.to_owned(), names.collect())
            })
            .collect()
    }
}

fn folds_named(folds: &[String]) -> String {
    match folds {
        [only] => format!("fold {only}"),
        [.., last] => format!("folds {} and {last}", folds[..folds.len() - 1].join(", ")),
        [] => "no fold".to_owned(),
    }
}
