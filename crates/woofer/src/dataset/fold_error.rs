//! Why rows cannot be split as asked.

use super::grouping::GroupBy;

/// Most folds.
pub(super) const MAX_FOLDS: usize = 100;

/// Names that an error lists.
const MAX_LISTED: usize = 12;

/// Why there are no such folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// The list has no such column.
    #[error("{list}: there is no column {column:?} to take folds from; allowed are recording, source, original{}", listed(.columns))]
    NoSuchColumn {
        /// The list.
        list: String,
        /// The column asked for.
        column: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A row has no value in the column.
    #[error("{list}: {place}: column {column:?} is empty; every row needs a fold")]
    EmptyValue {
        /// The list.
        list: String,
        /// The row.
        place: String,
        /// The column.
        column: String,
    },
    /// The number of folds is out of range.
    #[error("{count} folds; allowed are 2 to {MAX_FOLDS}{}", of_column(.column.as_deref()))]
    Count {
        /// The number of folds.
        count: usize,
        /// The column whose values they are.
        column: Option<String>,
    },
    /// Sources cannot be kept together, for no row tells its own.
    #[error("{list}: no row says its source; give the list a column source, or take folds by recording")]
    NoSources {
        /// The list.
        list: String,
    },
    /// There are fewer groups than folds.
    #[error("{list}: {count} folds need at least {count} different {}s; here are {groups}", .by.name())]
    TooFewGroups {
        /// The list.
        list: String,
        /// What is kept together.
        by: GroupBy,
        /// How many there are.
        groups: usize,
        /// The number of folds asked for.
        count: usize,
    },
    /// There are fewer clips than folds.
    #[error("{items} clips cannot be split into {count} folds")]
    TooFewItems {
        /// How many there are.
        items: usize,
        /// The number of folds asked for.
        count: usize,
    },
    /// The share that is held out is out of range.
    #[error("a share of {share} cannot be held out; allowed is more than 0 and less than 1")]
    Share {
        /// The share.
        share: String,
    },
}

fn of_column(column: Option<&str>) -> String {
    column.map_or_else(String::new, |column| {
        format!("; column {column:?} has so many different values")
    })
}

fn listed(columns: &[String]) -> String {
    let shown = &columns[..columns.len().min(MAX_LISTED)];
    let more = if columns.len() > MAX_LISTED { ", ..." } else { "" };
    match shown {
        [] => String::new(),
        _ => format!(" and the columns {}{more}", shown.join(", ")),
    }
}
