use super::definition::Taxonomy;

/// Which labels of an AudioSet network speak for each fine label of a taxonomy.
///
/// The taxonomy says so itself; where it ignores labels, all that stand nowhere speak for the rest: for its first fine
/// label that has no labels of its own, or else for its first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The labels, by their place in the network's output, of each fine label in the order of
    /// [`Taxonomy::fine_labels`].
    pub labels_of_fine: Vec<Vec<usize>>,
    /// The class of each fine label.
    pub class_of_fine: Vec<usize>,
    /// The labels, by their place too, of what goes on under other sounds.
    pub background: Vec<usize>,
}

impl Evidence {
    /// The evidence that a network scoring the labels `mids` gives.
    #[must_use]
    pub fn new(taxonomy: &Taxonomy, mids: &[&str]) -> Self {
        let fine = taxonomy.fine_labels();
        let place = |mid: &String| mids.iter().position(|m| m == mid);
        let mut labels_of_fine: Vec<Vec<usize>> = fine
            .iter()
            .map(|(_, fine)| fine.audioset_evidence().filter_map(place).collect())
            .collect();
        let class_of_fine: Vec<usize> = fine.iter().map(|(class, _)| *class).collect();
        let of_rest = || {
            let is_rest = |&place: &usize| Some(class_of_fine[place]) == taxonomy.rest();
            (0..fine.len()).filter(is_rest)
        };
        let unnamed = of_rest().find(|&place| fine[place].1.audioset_evidence().next().is_none());
        let taker = unnamed.or_else(|| of_rest().next());
        if let Some(taker) = taker.filter(|_| !taxonomy.audioset_ignored.is_empty()) {
            let known = |mid: &str| {
                taxonomy.audioset_ignored.iter().any(|m| m == mid)
                    || fine
                        .iter()
                        .any(|(_, fine)| fine.audioset_evidence().any(|m| m == mid))
            };
            let others = (0..mids.len()).filter(|&label| !known(mids[label]));
            labels_of_fine[taker].extend(others);
        }
        Self {
            labels_of_fine,
            class_of_fine,
            background: taxonomy.audioset_background.iter().filter_map(place).collect(),
        }
    }

    /// A score a class: the probability that any of its labels is heard, as if they were independent, in shares of 1.
    ///
    /// `label_scores` are in 0..=1. Noisy-or: J. Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988,
    /// section 4.3.2.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub fn class_shares(&self, label_scores: &[f32], classes: usize) -> Vec<f32> {
        let score = |label: &usize| label_scores.get(*label).copied().unwrap_or(0.0);
        // Summed as logarithms: 1 - (1 - a)(1 - b) loses scores below 1e-7, which decide between rare classes.
        let mut unheard = vec![0.0; classes];
        for (labels, class) in self.labels_of_fine.iter().zip(&self.class_of_fine) {
            let log = labels.iter().map(|label| (-f64::from(score(label))).ln_1p());
            unheard[*class] += log.sum::<f64>();
        }
        let heard: Vec<f64> = unheard.iter().map(|log| -log.exp_m1()).collect();
        let sum: f64 = heard.iter().sum();
        let share = |heard: f64| {
            if sum > 0.0 {
                heard / sum
            } else {
                (classes as f64).recip()
            }
        };
        heard.into_iter().map(|heard| share(heard) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audioset::LabelList;

    fn of_tomofun(list: LabelList) -> (Evidence, Vec<&'static str>) {
        let mids: Vec<_> = list.labels().iter().map(|l| l.mid).collect();
        (Evidence::new(&Taxonomy::open("tomofun").unwrap(), &mids), mids)
    }

    #[test]
    fn every_label_speaks_once_or_is_ignored() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        for list in [LabelList::AudioSet527, LabelList::AudioSet521] {
            let (evidence, mids) = of_tomofun(list);
            let mut seen = vec![0; mids.len()];
            evidence
                .labels_of_fine
                .iter()
                .flatten()
                .for_each(|&l| seen[l] += 1);
            for (mid, seen) in mids.iter().zip(seen) {
                let ignored = taxonomy.audioset_ignored.iter().any(|m| m == mid);
                assert_eq!(seen, usize::from(!ignored), "{mid}");
            }
        }
    }

    #[test]
    fn what_goes_on_under_other_sounds_speaks_for_the_rest() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let (evidence, mids) = of_tomofun(LabelList::AudioSet527);
        let found: Vec<&str> = evidence.background.iter().map(|&label| mids[label]).collect();
        assert_eq!(found, taxonomy.audioset_background);
        for label in &evidence.background {
            let place = evidence
                .labels_of_fine
                .iter()
                .position(|labels| labels.contains(label));
            assert_eq!(place.map(|place| evidence.class_of_fine[place]), taxonomy.rest());
        }
    }

    #[test]
    fn shares_add_up_to_one_and_two_labels_say_more_than_one() {
        let (evidence, mids) = of_tomofun(LabelList::AudioSet527);
        let shares = |heard: &[(&str, f32)]| {
            let mut scores = vec![0.0; mids.len()];
            for (mid, score) in heard {
                scores[mids.iter().position(|m| m == mid).unwrap()] = *score;
            }
            evidence.class_shares(&scores, 10)
        };
        let one = shares(&[("/m/05tny_", 0.5), ("/m/015p6", 0.25)]);
        assert!((one[0] - 2.0 / 3.0).abs() < 1e-6 && (one[7] - 1.0 / 3.0).abs() < 1e-6);
        let two = shares(&[("/m/05tny_", 0.5), ("/m/07rc7d9", 0.5), ("/m/015p6", 0.25)]);
        assert!((two[0] - 0.75).abs() < 1e-6, "{two:?}");
        assert!((two.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        // Speech stands nowhere, Inside, small room is ignored.
        let rest = shares(&[("/m/09x0r", 0.9), ("/t/dd00125", 0.9)]);
        assert!((rest[5] - 1.0).abs() < 1e-6, "{rest:?}");
    }

    #[test]
    fn small_scores_are_told_apart_and_silence_is_even() {
        let (evidence, mids) = of_tomofun(LabelList::AudioSet527);
        let mut scores = vec![0.0; mids.len()];
        scores[mids.iter().position(|m| *m == "/m/07qf0zm").unwrap()] = 2e-9;
        scores[mids.iter().position(|m| *m == "/m/07rn7sz").unwrap()] = 1e-9;
        let shares = evidence.class_shares(&scores, 10);
        assert!((shares[1] / shares[4] - 2.0).abs() < 1e-4, "{shares:?}");
        assert!(
            evidence
                .class_shares(&[], 10)
                .iter()
                .all(|s| (s - 0.1).abs() < 1e-6)
        );
    }
}
