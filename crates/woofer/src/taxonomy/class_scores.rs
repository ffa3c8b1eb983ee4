use super::definition::{FineLabel, Taxonomy};
use super::evidence::Evidence;

/// How the scores of a network's labels become scores of classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassScores {
    /// Every label is a class.
    Labels,
    /// A class is the sum of its fine labels, in the order of [`Taxonomy::fine_labels`].
    SumOfFine {
        /// The class of each label.
        class_of_label: Vec<usize>,
        /// Number of classes.
        classes: usize,
    },
    /// A class is the best of its AudioSet labels; the rest takes what the others leave.
    BestOfLabels {
        /// The labels of each class, by their place in the network's output.
        labels_of_class: Vec<Vec<usize>>,
        /// The class that takes what the others leave.
        rest: Option<usize>,
    },
    /// All labels of an AudioSet network speak for the classes, which share 1.
    Shares {
        /// Which label speaks for which class.
        evidence: Evidence,
        /// Number of classes.
        classes: usize,
    },
}

/// A network scores none of the labels of a class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "taxonomy \"{taxonomy}\": the network scores none of the AudioSet labels of class \"{class}\" ({labels}); \
     give it others, or make it the rest"
)]
pub struct UnscoredClass {
    taxonomy: String,
    class: String,
    labels: String,
}

impl ClassScores {
    /// For a network trained on the taxonomy's fine labels.
    #[must_use]
    pub fn sum_of_fine(taxonomy: &Taxonomy) -> Self {
        Self::SumOfFine {
            class_of_label: taxonomy.fine_labels().iter().map(|(id, _)| *id).collect(),
            classes: taxonomy.classes.len(),
        }
    }

    /// For a network that scores the AudioSet labels `mids`, without any training: shares where the taxonomy tells
    /// which labels to ignore, else the best of each class's labels.
    ///
    /// # Errors
    ///
    /// The network scores no label of a class that is not the rest.
    pub fn of_audioset(taxonomy: &Taxonomy, mids: &[&str]) -> Result<Self, UnscoredClass> {
        let best = Self::best_of_labels(taxonomy, mids)?;
        if taxonomy.audioset_ignored.is_empty() {
            return Ok(best);
        }
        Ok(Self::Shares {
            evidence: Evidence::new(taxonomy, mids),
            classes: taxonomy.classes.len(),
        })
    }

    fn best_of_labels(taxonomy: &Taxonomy, mids: &[&str]) -> Result<Self, UnscoredClass> {
        let rest = taxonomy.rest();
        let mut labels_of_class = Vec::with_capacity(taxonomy.classes.len());
        for (id, class) in taxonomy.classes.iter().enumerate() {
            let wanted = || class.fine.iter().flat_map(FineLabel::audioset_evidence);
            let labels: Vec<usize> = wanted()
                .filter_map(|mid| mids.iter().position(|m| m == mid))
                .collect();
            if labels.is_empty() && rest != Some(id) {
                return Err(UnscoredClass {
                    taxonomy: taxonomy.name.clone(),
                    class: class.name.clone(),
                    labels: match wanted().count() {
                        0 => "none given".to_owned(),
                        _ => wanted().cloned().collect::<Vec<_>>().join(", "),
                    },
                });
            }
            labels_of_class.push(labels);
        }
        Ok(Self::BestOfLabels {
            labels_of_class,
            rest,
        })
    }

    /// Turns the scores of all labels, each in 0..=1, into those of the classes.
    #[must_use]
    pub fn apply(&self, label_scores: &[f32]) -> Vec<f32> {
        let score = |label: &usize| label_scores.get(*label).copied().unwrap_or(0.0);
        match self {
            Self::Labels => label_scores.to_vec(),
            Self::SumOfFine {
                class_of_label,
                classes,
            } => {
                let mut scores = vec![0.0; *classes];
                for (class, s) in class_of_label.iter().zip(label_scores) {
                    scores[*class] += s;
                }
                scores
            }
            Self::BestOfLabels {
                labels_of_class,
                rest,
            } => {
                let mut scores: Vec<f32> = labels_of_class
                    .iter()
                    .map(|labels| labels.iter().map(score).fold(0.0, f32::max))
                    .collect();
                if let Some(rest) = *rest {
                    let others = scores.iter().enumerate().filter(|(id, _)| *id != rest);
                    let best = others.map(|(_, s)| *s).fold(0.0, f32::max);
                    scores[rest] = scores[rest].max(1.0 - best);
                }
                scores
            }
            Self::Shares { evidence, classes } => evidence.class_shares(label_scores, *classes),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are exact")]
mod tests {
    use super::*;
    use crate::audioset::LabelList;

    fn tomofun() -> Taxonomy {
        Taxonomy::open("tomofun").unwrap()
    }

    #[test]
    fn fine_labels_of_other_are_summed() {
        let scores = ClassScores::sum_of_fine(&tomofun());
        let fine: Vec<f32> = (0..15).map(|i| i as f32).collect();
        assert_eq!(
            scores.apply(&fine),
            [
                0.0,
                1.0,
                2.0,
                3.0,
                4.0,
                5.0 + 6.0 + 7.0 + 8.0 + 9.0 + 10.0,
                11.0,
                12.0,
                13.0,
                14.0
            ]
        );
    }

    /// The same classes without word of the labels that mean something else besides.
    fn plain() -> Taxonomy {
        let mut taxonomy = tomofun();
        taxonomy.audioset_ignored.clear();
        let fine = taxonomy.classes.iter_mut().flat_map(|class| &mut class.fine);
        fine.for_each(|fine| fine.audioset_hints.clear());
        taxonomy
    }

    #[test]
    fn a_class_is_the_best_of_its_labels_and_the_rest_what_is_left() {
        for list in [LabelList::AudioSet527, LabelList::AudioSet521] {
            let mids: Vec<_> = list.labels().iter().map(|l| l.mid).collect();
            let map = ClassScores::of_audioset(&plain(), &mids).unwrap();
            let mut labels = vec![0.0; mids.len()];
            let mut set = |mid: &str, score| labels[mids.iter().position(|m| *m == mid).unwrap()] = score;
            set("/m/05tny_", 0.3); // Bark
            set("/m/07r_k2n", 0.8); // Yip
            set("/m/015p6", 0.25); // Bird
            let classes = map.apply(&labels);
            assert_eq!((classes[0], classes[7]), (0.8, 0.25));
            assert!((classes[5] - 0.2).abs() < 1e-6);
            assert_eq!(classes[3], 0.0);
        }
    }

    #[test]
    fn labels_of_the_rest_count_for_it() {
        let mids: Vec<_> = LabelList::AudioSet527.labels().iter().map(|l| l.mid).collect();
        let map = ClassScores::of_audioset(&plain(), &mids).unwrap();
        let labels: Vec<f32> = mids
            .iter()
            .map(|m| {
                if ["/m/0d31p", "/m/05tny_"].contains(m) {
                    0.75
                } else {
                    0.0
                }
            })
            .collect();
        assert_eq!(map.apply(&labels)[5], 0.75);
    }

    #[test]
    fn a_class_that_the_network_cannot_score_is_named() {
        let error = ClassScores::of_audioset(&tomofun(), &["/m/05tny_"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("Howling") && error.contains("/m/07qf0zm"),
            "{error}"
        );
    }
}
