//! Groups of rows dealt out to parts, so that each part has its share of every class.
//!
//! The cost of a dealing is, over all strata (all rows; each class; the scored rows of each class; each fine label) and
//! parts, the square of the part of the stratum that lies there, divided by the part's share. It is least when each
//! part holds its share of each stratum, and the same for a class of 8 rows as for one of 800. Groups are dealt the
//! largest first, each to where it costs least, and then moved as long as a move makes the whole cheaper. (The first
//! half is what scikit-learn's `StratifiedGroupKFold` does, with another cost.)

use super::grouping::Groups;
use super::manifest::Row;
use super::shuffle::shuffled;

/// Rounds of moves; three or four are enough for all that was tried.
const MAX_ROUNDS: usize = 20;

/// The cost of putting all of a stratum where training does not see it: more than any imbalance.
const ALL_IN_ONE: f64 = 100.0;

/// What a stratum counts for: what is tested most, since training has several folds and testing has one.
const SCORED: f64 = 1.0;
const TRAINED: f64 = 0.25;

/// A part of the rows to be.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// The share of the rows that it is to get, above 0.
    pub share: f64,
    /// Whether training misses a class that lies in this part as a whole.
    pub is_kept_from_training: bool,
}

/// The part of each group.
pub(super) fn deal(rows: &[&Row], groups: &Groups, parts: &[Part], seed: u64) -> Vec<usize> {
    let mut dealing = Dealing::new(rows, groups, parts);
    // Groups of one size come in random order.
    let mut order = shuffled(groups.count, seed);
    order.sort_by_key(|group| {
        std::cmp::Reverse(dealing.strata_of_group[*group].first().map_or(0, |(_, n)| *n))
    });
    let mut part_of_group = vec![0; groups.count];
    for group in &order {
        let part = dealing.cheapest(*group);
        dealing.put(*group, part);
        part_of_group[*group] = part;
    }
    for _ in 0..MAX_ROUNDS {
        let mut moved = false;
        for group in order.iter().rev() {
            let from = part_of_group[*group];
            dealing.take(*group, from);
            let to = dealing.cheapest(*group);
            // Only a real gain is a move; otherwise two equal places would take turns for ever.
            let gain = dealing.cost_of(*group, from) - dealing.cost_of(*group, to);
            let part = if gain > 1e-9 { to } else { from };
            moved |= part != from;
            dealing.put(*group, part);
            part_of_group[*group] = part;
        }
        if !moved {
            break;
        }
    }
    part_of_group
}

struct Dealing<'a> {
    parts: &'a [Part],
    /// Weight and number of rows of each stratum; the first is all rows.
    strata: Vec<(f64, u32)>,
    /// Strata and rows in them of each group.
    strata_of_group: Vec<Vec<(usize, u32)>>,
    /// Rows of each stratum in each part, part by part.
    counts: Vec<u32>,
}

impl<'a> Dealing<'a> {
    fn new(rows: &[&Row], groups: &Groups, parts: &'a [Part]) -> Self {
        let classes = rows.iter().map(|row| row.class + 1).max().unwrap_or(0);
        let fine = rows.iter().map(|row| row.fine + 1).max().unwrap_or(0);
        let weights = std::iter::once(SCORED)
            .chain(std::iter::repeat_n(TRAINED, classes))
            .chain(std::iter::repeat_n(SCORED, classes))
            .chain(std::iter::repeat_n(TRAINED, fine));
        let mut strata: Vec<(f64, u32)> = weights.map(|weight| (weight, 0)).collect();
        let mut strata_of_group = vec![Vec::new(); groups.count];
        for (row, group) in rows.iter().zip(&groups.of_row) {
            let scored = (!row.weak).then_some(1 + classes + row.class);
            let of_row = [
                Some(0),
                Some(1 + row.class),
                scored,
                Some(1 + 2 * classes + row.fine),
            ];
            for stratum in of_row.into_iter().flatten() {
                strata[stratum].1 += 1;
                let of_group: &mut Vec<(usize, u32)> = &mut strata_of_group[*group];
                match of_group.iter_mut().find(|(s, _)| *s == stratum) {
                    Some((_, n)) => *n += 1,
                    None => of_group.push((stratum, 1)),
                }
            }
        }
        let counts = vec![0; strata.len() * parts.len()];
        Self {
            parts,
            strata,
            strata_of_group,
            counts,
        }
    }

    /// The part where a group that lies nowhere costs least; of equal ones that with fewest rows, then the first.
    fn cheapest(&self, group: usize) -> usize {
        let cost = |part: &usize| (self.cost_of(group, *part), self.counts[part * self.strata.len()]);
        (0..self.parts.len())
            .min_by(|a, b| {
                let ((cost_a, rows_a), (cost_b, rows_b)) = (cost(a), cost(b));
                match cost_a - cost_b {
                    d if d.abs() > 1e-12 => d.total_cmp(&0.0),
                    _ => rows_a.cmp(&rows_b),
                }
            })
            .unwrap_or(0)
    }

    /// What it adds to the cost to put a group there.
    fn cost_of(&self, group: usize, part: usize) -> f64 {
        let Part {
            share,
            is_kept_from_training,
        } = self.parts[part];
        let added = self.strata_of_group[group].iter().map(|(stratum, n)| {
            let (weight, total) = self.strata[*stratum];
            let before = self.counts[part * self.strata.len() + stratum];
            let cost = |rows: u32| {
                let of_stratum = f64::from(rows) / f64::from(total);
                let all = is_kept_from_training && rows == total;
                of_stratum * of_stratum / share + if all { ALL_IN_ONE } else { 0.0 }
            };
            weight * (cost(before + n) - cost(before))
        });
        added.sum()
    }

    fn put(&mut self, group: usize, part: usize) {
        for (stratum, n) in &self.strata_of_group[group] {
            self.counts[part * self.strata.len() + stratum] += n;
        }
    }

    fn take(&mut self, group: usize, part: usize) {
        for (stratum, n) in &self.strata_of_group[group] {
            self.counts[part * self.strata.len() + stratum] -= n;
        }
    }
}
