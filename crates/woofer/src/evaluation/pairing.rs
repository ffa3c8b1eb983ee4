use std::collections::HashMap;

use super::error::EvaluationError;
use super::score_table::{ScoreRow, ScoreTable};
use crate::metrics::{Bootstrap, ClassSubset, Comparison, ScoredClips};

/// Fewest clips that two tables must have in common to be compared.
pub const MIN_COMMON_CLIPS: usize = 10;

/// The counted clips that two score tables have in common, in the same order.
#[derive(Debug, Clone)]
pub struct Pairing {
    first: ScoredClips,
    second: ScoredClips,
    well_measured: ClassSubset,
    /// Names of the clips that count only in the first table.
    pub only_first: Vec<String>,
    /// Names of the clips that count only in the second table.
    pub only_second: Vec<String>,
}

impl Pairing {
    /// Matches clips by path and stretch; those whose label is not sure in either table are left out.
    ///
    /// # Errors
    ///
    /// The classes differ, a table has a clip twice, fewer than [`MIN_COMMON_CLIPS`] are common, or one has another
    /// label or recording in each.
    pub fn new(first: &ScoreTable, second: &ScoreTable) -> Result<Self, EvaluationError> {
        let refused = |reason: String| Err(EvaluationError::NotComparable(reason));
        let (a, b) = (first.columns().classes(), second.columns().classes());
        if a != b {
            return refused(format!(
                "the classes are {} in the first and {} in the second",
                a.join(", "),
                b.join(", ")
            ));
        }
        let (of_first, of_second) = (by_key(first)?, by_key(second)?);
        let only = |table: &ScoreTable, other: &HashMap<_, &ScoreRow>| -> Vec<String> {
            let missing = table.counted().filter(|row| !other.contains_key(&row.key()));
            missing.map(ScoreRow::name).collect()
        };
        let common: Vec<(&ScoreRow, &ScoreRow)> = first
            .counted()
            .filter_map(|row| Some((row, *of_second.get(&row.key())?)))
            .collect();
        if common.len() < MIN_COMMON_CLIPS {
            return refused(format!(
                "{} clips are in both, of {} in the first and {} in the second; at least {MIN_COMMON_CLIPS} are needed",
                common.len(),
                of_first.len(),
                of_second.len()
            ));
        }
        let differ = |of: fn(&ScoreRow) -> &str| common.iter().find(|(a, b)| of(a) != of(b));
        if let Some((a, b)) = common.iter().find(|(a, b)| a.class != b.class) {
            let name = |row: &ScoreRow| {
                first
                    .columns()
                    .classes()
                    .get(row.class)
                    .cloned()
                    .unwrap_or_default()
            };
            return refused(format!(
                "{} is labelled {} in the first and {} in the second",
                a.name(),
                name(a),
                name(b)
            ));
        }
        if let Some((a, b)) = differ(|row| &row.recording) {
            return refused(format!(
                "{} is of recording {:?} in the first and {:?} in the second",
                a.name(),
                a.recording,
                b.recording
            ));
        }
        let rows = common.iter().map(|(row, _)| (*row).clone()).collect();
        Ok(Self {
            only_first: only(first, &of_second),
            only_second: only(second, &of_first),
            first: first.scored(common.iter().map(|(row, _)| *row))?,
            second: second.scored(common.iter().map(|(_, row)| *row))?,
            well_measured: ScoreTable::of(first.columns().clone(), rows).well_measured(),
        })
    }

    /// All figures of both, and their differences in the same draws of recordings.
    ///
    /// # Errors
    ///
    /// None that is known: the tables fit each other.
    pub fn compare(&self, bootstrap: Bootstrap) -> Result<Comparison, EvaluationError> {
        let subsets = [self.well_measured.clone()];
        Ok(Comparison::measure(
            &self.first,
            &self.second,
            &subsets,
            bootstrap,
        )?)
    }
}

type Key<'a> = (&'a str, Option<u64>, Option<u64>);

fn by_key(table: &ScoreTable) -> Result<HashMap<Key<'_>, &ScoreRow>, EvaluationError> {
    let mut rows = HashMap::new();
    for row in table.counted() {
        if rows.insert(row.key(), row).is_some() {
            let reason = format!("{} stands twice in one of them", row.name());
            return Err(EvaluationError::NotComparable(reason));
        }
    }
    Ok(rows)
}
