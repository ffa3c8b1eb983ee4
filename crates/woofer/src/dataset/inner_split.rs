//! Rows held out of a training set, so that the epoch is not chosen on what is reported.

use std::collections::{BTreeMap, BTreeSet};

use super::fold_error::FoldError;
use super::grouping::{GroupBy, Groups};
use super::manifest::{Manifest, Row};
use super::stratify::{Part, deal};

/// Training rows split once more: to fit the network, and to choose its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerSplit {
    /// Rows to fit on, in their order.
    pub fit: Vec<usize>,
    /// Rows held out, in their order; weak ones among them are not to be scored.
    pub held: Vec<usize>,
}

impl InnerSplit {
    /// Holds out about a `share` of the rows, of each class as much, and no group torn apart.
    ///
    /// A class with a single group is fitted on. `rows` are places in the manifest; those that are not in it are left
    /// out. The same rows and seed give the same split.
    ///
    /// # Errors
    ///
    /// The share is not between 0 and 1, or there are fewer than two groups.
    pub fn new(
        manifest: &Manifest,
        rows: &[usize],
        by: GroupBy,
        share: f64,
        seed: u64,
    ) -> Result<Self, FoldError> {
        if !(share > 0.0 && share < 1.0) {
            return Err(FoldError::Share {
                share: share.to_string(),
            });
        }
        let (places, rows): (Vec<usize>, Vec<&Row>) = rows
            .iter()
            .filter_map(|place| Some((*place, manifest.rows.get(*place)?)))
            .unzip();
        let groups = Groups::new(&rows, by);
        if groups.count < 2 {
            return Err(FoldError::TooFewGroups {
                list: manifest.path.display().to_string(),
                by,
                groups: groups.count,
                count: 2,
            });
        }
        let fit = Part {
            share: 1.0 - share,
            is_kept_from_training: false,
        };
        let held = Part {
            share,
            is_kept_from_training: true,
        };
        let mut part_of_group = deal(&rows, &groups, &[fit, held], seed);
        leave_none_empty(&mut part_of_group, &groups, &rows);
        let of_part = |part: usize| {
            let pairs = places.iter().zip(&groups.of_row);
            pairs
                .filter(|(_, group)| part_of_group[**group] == part)
                .map(|(place, _)| *place)
                .collect()
        };
        Ok(Self {
            fit: of_part(0),
            held: of_part(1),
        })
    }
}

/// Moves the smallest group when few large ones all went to one part; not the only one of a class, if there is another.
fn leave_none_empty(part_of_group: &mut [usize], groups: &Groups, rows: &[&Row]) {
    let first = part_of_group.first().copied().unwrap_or(0);
    if part_of_group.iter().any(|part| *part != first) {
        return;
    }
    let mut sizes = vec![0usize; groups.count];
    let mut groups_of_class: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (group, row) in groups.of_row.iter().zip(rows) {
        sizes[*group] += 1;
        groups_of_class.entry(row.class).or_default().insert(*group);
    }
    let alone: BTreeSet<usize> = groups_of_class
        .into_values()
        .filter(|of_class| of_class.len() == 1)
        .flatten()
        .collect();
    let smallest = (0..sizes.len()).min_by_key(|group| (alone.contains(group), sizes[*group]));
    if let Some(smallest) = smallest {
        part_of_group[smallest] = 1 - first;
    }
}
