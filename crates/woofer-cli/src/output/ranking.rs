use std::num::NonZeroUsize;

/// Which classes of a score list are told.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Most classes to tell.
    pub top_k: usize,
    /// Lowest score to tell of each class; a class without one is told whatever its score.
    pub min_scores: Vec<Option<f32>>,
    /// The only classes to tell; all if none.
    pub only: Option<Vec<usize>>,
}

impl Selection {
    /// The best of all classes.
    #[must_use]
    pub fn new(top_k: Option<NonZeroUsize>) -> Self {
        Self {
            top_k: top_k.map_or(usize::MAX, NonZeroUsize::get),
            min_scores: Vec::new(),
            only: None,
        }
    }

    /// The selected classes with their scores, best first; level ones in their own order.
    pub fn ranking(&self, scores: &[f32]) -> Vec<(usize, f32)> {
        let told = |(class, score): &(usize, f32)| {
            let lowest = self.min_scores.get(*class).copied().flatten();
            lowest.is_none_or(|lowest| *score >= lowest)
                && self.only.as_ref().is_none_or(|only| only.contains(class))
        };
        let mut ranked: Vec<(usize, f32)> = scores.iter().copied().enumerate().filter(told).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(self.top_k);
        ranked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_come_first_and_level_ones_keep_their_order() {
        let best = Selection::new(NonZeroUsize::new(3));
        assert_eq!(
            best.ranking(&[0.1, 0.7, 0.1, 0.9]),
            [(3, 0.9), (1, 0.7), (0, 0.1)]
        );
        assert_eq!(Selection::new(None).ranking(&[0.5]), [(0, 0.5)]);
    }

    #[test]
    fn other_classes_and_lower_scores_are_left_out_before_the_best_are_taken() {
        let selection = Selection {
            top_k: 2,
            min_scores: vec![Some(0.2), Some(0.2), None, Some(0.2)],
            only: Some(vec![3, 0, 1]),
        };
        assert_eq!(selection.ranking(&[0.2, 0.1, 0.9, 0.3]), [(3, 0.3), (0, 0.2)]);
    }
}
