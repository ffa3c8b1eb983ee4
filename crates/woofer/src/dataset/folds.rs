//! In which part each row is tested.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use super::fold_error::{FoldError, MAX_FOLDS};
use super::grouping::{GroupBy, Groups};
use super::manifest::{Manifest, Row};
use super::shuffle::shuffled;
use super::stratify::{Part, deal};

/// A split of all rows into parts, each of which is tested by a network that was trained on the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    /// The fold in which each row is tested, below `count`.
    pub of_row: Vec<usize>,
    /// Number of folds, at least two.
    pub count: usize,
    /// What people call each fold: the values of a column, or 1, 2, 3 ...
    pub names: Vec<String>,
    /// How the rows were split, for reports.
    pub description: String,
    /// Whether clips of one recording are tested by a network trained on others of it, which makes figures too good.
    pub optimistic: bool,
}

/// Which folds are wanted, as it is written on a command line or in a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoldChoice {
    /// Stratified by class, and no group in two folds.
    Grouped(GroupBy),
    /// Single clips, as the original system has it.
    Original,
    /// As a column of the list says.
    Column(String),
}

impl Folds {
    /// The folds that are chosen; `count` and `seed` do not matter to a column.
    ///
    /// # Errors
    ///
    /// As [`Folds::from_column`], [`Folds::grouped`] and [`Folds::original`].
    pub fn choose(
        manifest: &Manifest,
        choice: &FoldChoice,
        count: usize,
        seed: u64,
    ) -> Result<Self, FoldError> {
        match choice {
            FoldChoice::Grouped(by) => Self::grouped(manifest, *by, count, seed),
            FoldChoice::Original => Self::original(manifest.rows.len(), count, seed),
            FoldChoice::Column(column) => Self::from_column(manifest, column),
        }
    }

    /// A fold for each value of a column, sorted; by number when all are numbers.
    ///
    /// # Errors
    ///
    /// There is no such column, a row has no value in it, or it has fewer than 2 values or more than 100.
    pub fn from_column(manifest: &Manifest, column: &str) -> Result<Self, FoldError> {
        let list = || manifest.path.display().to_string();
        let mut values = Vec::with_capacity(manifest.rows.len());
        for (i, row) in manifest.rows.iter().enumerate() {
            match row.columns.get(column).map(String::as_str) {
                None => {
                    return Err(FoldError::NoSuchColumn {
                        list: list(),
                        column: column.to_owned(),
                        columns: manifest.columns().map(str::to_owned).collect(),
                    });
                }
                Some("") => {
                    return Err(FoldError::EmptyValue {
                        list: list(),
                        place: manifest.place(i),
                        column: column.to_owned(),
                    });
                }
                Some(value) => values.push(value),
            }
        }
        let distinct: HashSet<&str> = values.iter().copied().collect();
        check_count(distinct.len(), Some(column))?;
        let mut names: Vec<&str> = distinct.into_iter().collect();
        names.sort_by(|a, b| by_number_or_name(a, b));
        let place = |value: &str| names.iter().position(|name| *name == value).unwrap_or(0);
        let of_row: Vec<usize> = values.iter().map(|value| place(value)).collect();
        let groups = Groups::new(&manifest.rows.iter().collect::<Vec<_>>(), GroupBy::Recording);
        let optimistic = is_torn(&groups, &of_row);
        Ok(Self {
            count: names.len(),
            description: format!(
                "{} folds by column {column}{}",
                names.len(),
                if optimistic {
                    ", which tears recordings apart: figures are optimistic"
                } else {
                    ""
                }
            ),
            names: names.into_iter().map(str::to_owned).collect(),
            of_row,
            optimistic,
        })
    }

    /// Folds with each class's share in each of them, and no recording (or source) in two.
    ///
    /// By source, recordings are kept whole too, should one have several sources. The same rows and seed give the same
    /// folds.
    ///
    /// # Errors
    ///
    /// `count` is not 2 to 100, there are fewer groups than that, or by source none is known.
    pub fn grouped(manifest: &Manifest, by: GroupBy, count: usize, seed: u64) -> Result<Self, FoldError> {
        check_count(count, None)?;
        let list = || manifest.path.display().to_string();
        let rows: Vec<&Row> = manifest.rows.iter().collect();
        if by == GroupBy::Source && rows.iter().all(|row| row.source.is_empty()) {
            return Err(FoldError::NoSources { list: list() });
        }
        let groups = Groups::new(&rows, by);
        if groups.count < count {
            return Err(FoldError::TooFewGroups {
                list: list(),
                by,
                groups: groups.count,
                count,
            });
        }
        let part = Part {
            share: 1.0 / count as f64,
            is_kept_from_training: true,
        };
        let fold_of_group = deal(&rows, &groups, &vec![part; count], seed);
        Ok(Self {
            of_row: groups.of_row.iter().map(|group| fold_of_group[*group]).collect(),
            count,
            names: numbered(count),
            description: format!(
                "{count} folds of {} {}s, stratified by class, seed {seed}",
                groups.count,
                by.name()
            ),
            optimistic: false,
        })
    }

    /// Folds as the original system has them: the clips in random order, cut into equal parts, the last fold first.
    ///
    /// Neither classes nor recordings are looked at, so that the figures are optimistic.
    ///
    /// # Errors
    ///
    /// `count` is not 2 to 100, or there are fewer clips than that.
    pub fn original(items: usize, count: usize, seed: u64) -> Result<Self, FoldError> {
        check_count(count, None)?;
        if items < count {
            return Err(FoldError::TooFewItems { items, count });
        }
        let mut of_row = vec![0; items];
        for (place, row) in shuffled(items, seed).into_iter().enumerate() {
            of_row[row] = count - 1 - place * count / items;
        }
        Ok(Self {
            of_row,
            count,
            names: numbered(count),
            description: format!(
                "{count} folds of single clips, seed {seed}, not grouped by recording: figures are optimistic"
            ),
            optimistic: true,
        })
    }

    /// The rows that the network of a fold is trained on: all but those of the fold.
    #[must_use]
    pub fn train_rows(&self, fold: usize) -> Vec<usize> {
        (0..self.of_row.len())
            .filter(|row| self.of_row[*row] != fold)
            .collect()
    }

    /// The rows of a fold; weak ones among them are not to be scored, and not to be trained on either.
    #[must_use]
    pub fn test_rows(&self, fold: usize) -> Vec<usize> {
        (0..self.of_row.len())
            .filter(|row| self.of_row[*row] == fold)
            .collect()
    }

    /// What people call a fold.
    #[must_use]
    pub fn name(&self, fold: usize) -> &str {
        self.names.get(fold).map_or("?", String::as_str)
    }
}

impl From<&str> for FoldChoice {
    fn from(text: &str) -> Self {
        match text {
            "recording" => Self::Grouped(GroupBy::Recording),
            "source" => Self::Grouped(GroupBy::Source),
            "original" => Self::Original,
            column => Self::Column(column.to_owned()),
        }
    }
}

impl fmt::Display for FoldChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grouped(by) => by.name(),
            Self::Original => "original",
            Self::Column(column) => column,
        })
    }
}

fn check_count(count: usize, column: Option<&str>) -> Result<(), FoldError> {
    match count {
        2..=MAX_FOLDS => Ok(()),
        _ => Err(FoldError::Count {
            count,
            column: column.map(str::to_owned),
        }),
    }
}

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|fold| fold.to_string()).collect()
}

/// Numbers before names, and by their value.
fn by_number_or_name(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Whether a group lies in two folds.
fn is_torn(groups: &Groups, of_row: &[usize]) -> bool {
    let mut fold_of_group = vec![None; groups.count];
    let mut pairs = groups.of_row.iter().zip(of_row);
    pairs.any(|(group, fold)| *fold_of_group[*group].get_or_insert(*fold) != *fold)
}
