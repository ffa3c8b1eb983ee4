use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

use super::figures::Figures;
use super::scored_clips::ScoredClips;

/// How often recordings are drawn anew to see how far a figure would wander.
///
/// A draw takes as many recordings as there are, with replacement, each with all its clips. Draw `n`
/// has a random stream of its own, so that the same seed gives the same draws on any number of threads.
///
/// Source: the percentile interval of Efron, "Nonparametric standard errors and confidence
/// intervals", 1981, over clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Number of draws; 0 leaves all intervals out.
    pub draws: u32,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// At least one draw in so many has to have all classes of a mean, and at most one clip in so many may be of classes of one recording.
const LEAST_SHARE: usize = 10;

impl Default for Bootstrap {
    /// 1,000 draws, seed 0.
    fn default() -> Self {
        Self { draws: 1000, seed: 0 }
    }
}

impl Bootstrap {
    /// How many draws there are of so many recordings: one recording drawn once is the same set again, and tells nothing.
    pub(super) const fn draws_of(self, recording_count: usize) -> u32 {
        if recording_count > 1 { self.draws } else { 0 }
    }

    /// What `measure` makes of each draw, given how often each clip counts in it.
    ///
    /// `recordings` is the number of each clip's recording, below `recording_count`.
    pub(super) fn run<T: Send>(
        self,
        recordings: &[usize],
        recording_count: usize,
        measure: impl Fn(&[u32]) -> T + Sync,
    ) -> Vec<T> {
        let draw = |number: u32| {
            let mut random = ChaCha8Rng::seed_from_u64(self.seed);
            random.set_stream(u64::from(number));
            let mut times = vec![0u32; recording_count];
            for _ in 0..recording_count {
                if let Some(count) = times.get_mut(below(&mut random, recording_count)) {
                    *count += 1;
                }
            }
            let weight = |&recording: &usize| times.get(recording).copied().unwrap_or(0);
            let weights: Vec<u32> = recordings.iter().map(weight).collect();
            measure(&weights)
        };
        let draws = 0..self.draws_of(recording_count);
        draws.into_par_iter().map(draw).collect()
    }
}

/// The draws that tell how far a mean over `classes` would wander: those in which none of them is missing, since a draw without a rare class would
/// be a mean over other classes than the value is.
///
/// None where too few are left, and where a class is of one recording: it never changes in draws that have it, and the mean would seem surer
/// than it is (of ten classes one such is enough for every second difference between equals to be called one).
pub(super) fn draws_of_a_mean<'d, D>(
    draws: &'d [D],
    figures: impl Fn(&D) -> &Figures,
    clips: &ScoredClips,
    all: &Figures,
    classes: &[usize],
) -> Vec<&'d D> {
    let is_single = classes.iter().any(|&class| clips.counts(class).1 == 1);
    let has_all = |draw: &&D| figures(draw).has_classes_of(all, classes.iter().copied());
    let taken: Vec<&D> = draws.iter().filter(has_all).collect();
    if !is_single && taken.len() * LEAST_SHARE >= draws.len() {
        taken
    } else {
        Vec::new()
    }
}

/// The draws that tell how far a mean over the classes would wander in which each counts by its clips; none where more than a tenth of all clips
/// are of classes of one recording, which never change.
pub(super) fn draws_of_a_weighted_mean<'d, D>(draws: &'d [D], clips: &ScoredClips) -> Vec<&'d D> {
    let of_class = (0..clips.classes().len()).map(|class| clips.counts(class));
    let single = of_class.filter(|(_, recordings)| *recordings == 1);
    let fixed: usize = single.map(|(clips, _)| clips).sum();
    if fixed * LEAST_SHARE > clips.labels().len() {
        Vec::new()
    } else {
        draws.iter().collect()
    }
}

/// A whole number below `n`, by the high half of a product (Lemire, 2019); its bias is below n / 2^64.
fn below(random: &mut impl RngCore, n: usize) -> usize {
    let product = u128::from(random.next_u64()) * n as u128;
    usize::try_from(product >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_of_a_recording_are_drawn_together_and_as_often_as_there_are_recordings() {
        let recordings = [0, 0, 1, 2, 2, 2];
        let draws = Bootstrap { draws: 50, seed: 7 }.run(&recordings, 3, <[u32]>::to_vec);
        assert_eq!(draws.len(), 50);
        for w in &draws {
            assert!(w[0] == w[1] && w[3] == w[4] && w[4] == w[5]);
            assert_eq!(w[0] + w[2] + w[3], 3);
        }
        assert!(draws.iter().any(|w| *w != draws[0]));
    }

    #[test]
    fn draws_are_the_same_on_any_number_of_threads() {
        let recordings: Vec<usize> = (0..40).map(|i| i / 2).collect();
        let run = || Bootstrap { draws: 64, seed: 1 }.run(&recordings, 20, <[u32]>::to_vec);
        let on = |threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
                .install(run)
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn a_single_recording_gives_no_draws() {
        assert!(Bootstrap::default().run(&[0, 0], 1, |_| ()).is_empty());
    }
}
