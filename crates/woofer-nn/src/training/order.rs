use std::collections::HashMap;

use woofer::augment::StreamKey;
use woofer::dataset::shuffled;

use super::clips::Clip;
use super::copies::CopyMaker;
use super::recipe::{BalanceBy, BalanceHow, CopiesPerEpoch, Recipe};

/// A copy of a segment in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// Place among the clips.
    pub(super) clip: usize,
    /// The segment.
    pub(super) segment: usize,
    /// The copy.
    pub(super) copy: usize,
}

/// Keep these random numbers apart from those of an augmentation's steps.
const COPY_PURPOSE: u64 = u64::from_le_bytes(*b"whichcpy");
const DRAW_PURPOSE: u64 = u64::from_le_bytes(*b"drawclip");

/// What an epoch is trained on, in its order: `segments` are those of the clips in training, `(clip, segment)`.
///
/// The same seed and epoch give the same order.
pub(super) fn order(
    recipe: &Recipe,
    clips: &[Clip],
    segments: &[(usize, usize)],
    maker: &CopyMaker,
    epoch: usize,
) -> Vec<Taken> {
    let key = StreamKey::new(recipe.seed, epoch as u64, 0);
    let drawn: Vec<(usize, usize)> = if is_drawn(recipe) {
        drawn(recipe, clips, segments, key)
    } else {
        segments.to_vec()
    };
    let mut which = key.stream(COPY_PURPOSE);
    let mut taken = Vec::new();
    for (clip, segment) in drawn {
        let copies = clips.get(clip).map(|clip| maker.of(clip)).unwrap_or_default();
        let mut take = |copy: usize| {
            taken.push(Taken { clip, segment, copy });
        };
        match recipe.copies.per_epoch {
            CopiesPerEpoch::All => copies.into_iter().for_each(take),
            CopiesPerEpoch::One => {
                let drawn = which.below(copies.len());
                let clean = recipe.copies.clean_share;
                // Where none is asked for nothing more is drawn, so that other recipes' orders stay as they were.
                let is_clean = clean > 0.0 && which.between(0.0, 1.0) < clean;
                if let Some(&copy) = copies.get(if is_clean { 0 } else { drawn }) {
                    take(copy);
                }
            }
        }
    }
    let order = shuffled(taken.len(), order_seed(recipe.seed, epoch));
    order.into_iter().filter_map(|i| taken.get(i).copied()).collect()
}

/// Whether an epoch's segments are drawn by chance.
fn is_drawn(recipe: &Recipe) -> bool {
    recipe.sampling.balance > 0.0 && recipe.sampling.how == BalanceHow::Drawn
}

/// As many segments as there are, drawn with replacement so that groups of clips are met more evenly.
fn drawn(
    recipe: &Recipe,
    clips: &[Clip],
    segments: &[(usize, usize)],
    key: StreamKey,
) -> Vec<(usize, usize)> {
    let mut end = 0.0;
    let ends: Vec<f64> = shares(recipe, clips, segments)
        .into_iter()
        .map(|share| {
            end += share;
            end
        })
        .collect();
    let mut draw = key.stream(DRAW_PURPOSE);
    (0..segments.len())
        .filter_map(|_| {
            let at = draw.between(0.0, end);
            let place = ends.partition_point(|end| *end <= at);
            segments.get(place.min(segments.len() - 1)).copied()
        })
        .collect()
}

/// How much a segment of each clip weighs in the loss, by the clip's place: the mean over `segments` is 1.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
pub(super) fn weights(recipe: &Recipe, clips: &[Clip], segments: &[(usize, usize)]) -> HashMap<usize, f32> {
    let shares = if is_drawn(recipe) {
        // Taken more often, they weigh no more.
        vec![1.0; segments.len()]
    } else {
        shares(recipe, clips, segments)
    };
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    let places = segments.iter().map(|(clip, _)| *clip);
    places
        .zip(shares)
        .map(|(clip, share)| (clip, (share / mean) as f32))
        .collect()
}

/// How much each segment counts: those of a clip share what the clip counts, and a group of n clips counts
/// n^(1 - balance) times as much as one of a single clip.
fn shares(recipe: &Recipe, clips: &[Clip], segments: &[(usize, usize)]) -> Vec<f64> {
    fn group(clip: &Clip, by: BalanceBy) -> (usize, &str) {
        match by {
            BalanceBy::Class => (clip.class, ""),
            BalanceBy::Fine => (clip.fine, ""),
            BalanceBy::FineAndSource => (clip.fine, &clip.source),
        }
    }
    let mut segments_of_clip: HashMap<usize, usize> = HashMap::new();
    for (clip, _) in segments {
        *segments_of_clip.entry(*clip).or_default() += 1;
    }
    let by = recipe.sampling.by;
    let mut clips_of_group: HashMap<(usize, &str), usize> = HashMap::new();
    for clip in segments_of_clip.keys().filter_map(|&clip| clips.get(clip)) {
        *clips_of_group.entry(group(clip, by)).or_default() += 1;
    }
    let share = |(place, _): &(usize, usize)| {
        let of_group = clips.get(*place).and_then(|c| clips_of_group.get(&group(c, by)));
        let of_clip = segments_of_clip.get(place).copied().unwrap_or(1);
        let group = (of_group.copied().unwrap_or(1) as f64).powf(-recipe.sampling.balance);
        group / of_clip as f64
    };
    segments.iter().map(share).collect()
}

/// A seed for the order of an epoch: neighbouring seeds share no orders.
fn order_seed(seed: u64, epoch: usize) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(epoch as u64)
}

#[cfg(test)]
mod tests {
    use woofer::features::FrontEnd;

    use super::super::clips::{Role, Sound};
    use super::*;

    fn clip(fine: usize, role: Role) -> Clip {
        Clip {
            fine,
            class: fine,
            source: format!("source {}", fine % 2),
            sound: Sound::Noise(0),
            role,
        }
    }

    fn recipe(changes: &[&str]) -> Recipe {
        let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
        Recipe::open("adee", &changes).unwrap()
    }

    #[test]
    fn every_copy_is_taken_once_in_another_order_each_epoch() {
        let recipe = recipe(&[]);
        let maker = CopyMaker::new(&recipe, FrontEnd::Vggish).unwrap();
        let clips: Vec<Clip> = (0..4).map(|i| clip(i, Role::Listed(i))).collect();
        let segments = [(0, 0), (0, 1), (2, 0), (3, 0)];
        let of_epoch = |epoch| order(&recipe, &clips, &segments, &maker, epoch);
        let mut first = of_epoch(1);
        assert_ne!(first, of_epoch(2));
        assert_eq!(first, of_epoch(1));
        first.sort_by_key(|t| (t.clip, t.segment, t.copy));
        let all: Vec<Taken> = segments
            .iter()
            .flat_map(|&(clip, segment)| (0..5).map(move |copy| Taken { clip, segment, copy }))
            .collect();
        assert_eq!(first, all);
    }

    #[test]
    fn clips_of_another_list_are_not_shifted() {
        let recipe = recipe(&[]);
        let maker = CopyMaker::new(&recipe, FrontEnd::Vggish).unwrap();
        let clips = [clip(0, Role::Extra(0))];
        let taken = order(&recipe, &clips, &[(0, 0)], &maker, 1);
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].copy, 0);
    }

    #[test]
    fn a_share_of_the_segments_is_taken_as_it_is() {
        let recipe = recipe(&["copies.per_epoch=one", "copies.clean_share=0.4"]);
        let maker = CopyMaker::new(&recipe, FrontEnd::Vggish).unwrap();
        let clips: Vec<Clip> = (0..500).map(|i| clip(0, Role::Listed(i))).collect();
        let segments: Vec<(usize, usize)> = (0..500).map(|i| (i, 0)).collect();
        let mut counts = [0_u32; 5];
        for epoch in 0..40 {
            for taken in order(&recipe, &clips, &segments, &maker, epoch) {
                counts[taken.copy] += 1;
            }
        }
        // Of five copies the first is one in five of the rest, too: 0.4 + 0.6 / 5.
        let share = |count: u32| f64::from(count) / 20_000.0;
        assert!((share(counts[0]) - 0.52).abs() < 0.02, "{counts:?}");
        assert!(
            counts[1..]
                .iter()
                .all(|count| (share(*count) - 0.12).abs() < 0.02),
            "{counts:?}"
        );
    }

    #[test]
    fn balanced_groups_are_met_equally_often() {
        let recipe = recipe(&["sampling.balance=1.0", "copies.per_epoch=one"]);
        let maker = CopyMaker::new(&recipe, FrontEnd::Vggish).unwrap();
        // 300 clips of one label, 30 of another, one of a third with many segments.
        let mut clips: Vec<Clip> = (0..300).map(|i| clip(0, Role::Listed(i))).collect();
        clips.extend((300..330).map(|i| clip(1, Role::Listed(i))));
        clips.push(clip(2, Role::Listed(330)));
        let mut segments: Vec<(usize, usize)> = (0..330).map(|i| (i, 0)).collect();
        segments.extend((0..20).map(|segment| (330, segment)));
        let mut counts = [0_u32; 3];
        for epoch in 0..40 {
            for taken in order(&recipe, &clips, &segments, &maker, epoch) {
                counts[clips[taken.clip].fine] += 1;
            }
        }
        let expected = f64::from(counts.iter().sum::<u32>()) / 3.0;
        for count in counts {
            assert!((f64::from(count) / expected - 1.0).abs() < 0.05, "{counts:?}");
        }
    }
}
