//! A balanced choice: classes, their fine labels and those labels' mids get equal shares, and every share comes from as
//! many videos as there are.

use std::collections::{BTreeMap, HashMap};

use super::events::Event;
use super::wanted::Wanted;
use crate::dataset::shuffled;

/// How many events to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// At most so many of each class.
    pub per_class: Option<usize>,
    /// At most so many in all.
    pub total: Option<usize>,
}

/// Chooses among events; the order of the result is that of the events.
pub(super) fn choose(events: Vec<Event>, wanted: &Wanted, budget: Budget, seed: u64) -> Vec<Event> {
    if budget == Budget::default() {
        return events;
    }
    // Class, then fine label, then mid: events by their places.
    let mut classes: BTreeMap<usize, BTreeMap<usize, BTreeMap<u16, Vec<usize>>>> = BTreeMap::new();
    for (i, event) in events.iter().enumerate() {
        if let Some(label) = wanted.label(event.label) {
            let fine = classes
                .entry(label.class)
                .or_default()
                .entry(label.fine)
                .or_default();
            fine.entry(event.label).or_default().push(i);
        }
    }
    let size = |fine: &BTreeMap<usize, BTreeMap<u16, Vec<usize>>>| {
        let count: usize = fine.values().flat_map(BTreeMap::values).map(Vec::len).sum();
        count.min(budget.per_class.unwrap_or(usize::MAX))
    };
    let there: Vec<usize> = classes.values().map(size).collect();
    let total = budget.total.unwrap_or(usize::MAX);
    let mut chosen = vec![false; events.len()];
    for (share, fine) in shares(&there, total).into_iter().zip(classes.values()) {
        let there: Vec<usize> = fine
            .values()
            .map(|mids| mids.values().map(Vec::len).sum())
            .collect();
        for (share, mids) in shares(&there, share).into_iter().zip(fine.values()) {
            let there: Vec<usize> = mids.values().map(Vec::len).collect();
            for (share, places) in shares(&there, share).into_iter().zip(mids.values()) {
                for place in in_random_order(places, &events, seed).into_iter().take(share) {
                    chosen[place] = true;
                }
            }
        }
    }
    let mut chosen = chosen.into_iter();
    let mut events = events;
    events.retain(|_| chosen.next().unwrap_or(false));
    events
}

/// Divides a total into equal shares of which none is more than there is; what one lacks goes to the others.
fn shares(there: &[usize], total: usize) -> Vec<usize> {
    let mut shares = vec![0; there.len()];
    let mut by_size: Vec<usize> = (0..there.len()).collect();
    by_size.sort_by_key(|i| (there[*i], *i));
    let mut left = total;
    for (done, i) in by_size.iter().enumerate() {
        // The largest get what cannot be divided.
        let share = left / (there.len() - done);
        shares[*i] = share.min(there[*i]);
        left -= shares[*i];
    }
    shares
}

/// Places in a random order in which every video comes once before any comes twice.
fn in_random_order(places: &[usize], events: &[Event], seed: u64) -> Vec<usize> {
    let mut times = HashMap::new();
    let mut order: Vec<(usize, usize)> = shuffled(places.len(), seed)
        .into_iter()
        .filter_map(|i| places.get(i).copied())
        .map(|place| {
            let time: &mut usize = times.entry(events[place].segment.video).or_default();
            *time += 1;
            (*time, place)
        })
        .collect();
    order.sort_by_key(|(time, _)| *time);
    order.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_one_lacks_goes_to_the_others() {
        assert_eq!(shares(&[100, 2, 100], 50), [24, 2, 24]);
        assert_eq!(shares(&[10, 10, 10], 11), [3, 4, 4]);
        assert_eq!(shares(&[1, 2, 3], usize::MAX), [1, 2, 3]);
        assert_eq!(shares(&[], 5), [0; 0]);
        assert_eq!(shares(&[5, 0], 0), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_are_as_equal_as_can_be_and_use_all(there in prop::collection::vec(0usize..50, 0..8), total in 0usize..200) {
            let got = shares(&there, total);
            prop_assert_eq!(got.iter().sum::<usize>(), total.min(there.iter().sum()));
            let largest = got.iter().copied().max().unwrap_or(0);
            for (share, there) in got.iter().zip(&there) {
                prop_assert!(share <= there && (*share == *there || share + 1 >= largest));
            }
        }
    }
}
