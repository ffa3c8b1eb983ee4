//! Rows that must not be torn apart.

use std::collections::HashMap;
use std::hash::Hash;

use super::manifest::Row;

/// What must not lie in two folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The clips of one recording.
    Recording,
    /// The recordings from one source.
    Source,
}

impl GroupBy {
    /// The name of the column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Source => "source",
        }
    }
}

impl Row {
    /// The name of the group that the row belongs to.
    ///
    /// A row without a source is a source of its own recording.
    #[must_use]
    pub fn group(&self, by: GroupBy) -> &str {
        match by {
            GroupBy::Source if !self.source.is_empty() => &self.source,
            _ => &self.recording,
        }
    }
}

/// The group of each row, numbered as they first appear.
pub(super) struct Groups {
    pub of_row: Vec<usize>,
    pub count: usize,
}

impl Groups {
    /// Groups of rows that share a file or a recording; by source, also of those that share a source.
    pub fn new(rows: &[&Row], by: GroupBy) -> Self {
        let mut sets = Sets((0..rows.len()).collect());
        sets.join_equal(rows, |row| Some(row.path.as_path()));
        sets.join_equal(rows, |row| Some(row.recording.as_str()));
        if by == GroupBy::Source {
            sets.join_equal(rows, |row| Some(row.source.as_str()).filter(|s| !s.is_empty()));
        }
        let mut number_of_set = HashMap::new();
        let of_row = (0..rows.len()).map(|row| {
            let next = number_of_set.len();
            *number_of_set.entry(sets.find(row)).or_insert(next)
        });
        let of_row = of_row.collect();
        Self {
            of_row,
            count: number_of_set.len(),
        }
    }
}

/// Disjoint sets of rows: each row points to another of its set, or to itself.
struct Sets(Vec<usize>);

impl Sets {
    fn join_equal<'a, K: Hash + Eq>(&mut self, rows: &[&'a Row], key: impl Fn(&'a Row) -> Option<K>) {
        let mut first_of_key = HashMap::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            if let Some(key) = key(row) {
                let first = *first_of_key.entry(key).or_insert(i);
                let (a, b) = (self.find(first), self.find(i));
                self.0[a.max(b)] = a.min(b);
            }
        }
    }

    fn find(&mut self, row: usize) -> usize {
        let mut at = row;
        while self.0[at] != at {
            // Each step halves the way of the next search.
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }
}
