/// Bins of the calibration error, as Guo et al. have them.
pub const CALIBRATION_BINS: usize = 15;

/// How often the predicted class is right, beside how sure the classifier was of it.
///
/// Bins are equally wide over 0..=1 and take their upper edge; the score is that of the predicted
/// class (top-label calibration).
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, equations 1 to 3; the edges
/// are those of scikit-learn's `calibration_curve`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// All bins, from the lowest score; those without clips too.
    pub bins: Vec<ReliabilityBin>,
}

/// One bin of a [`Reliability`] diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct ReliabilityBin {
    /// Lower edge, which is not part of the bin.
    pub low: f64,
    /// Upper edge, which is.
    pub high: f64,
    /// Clips in the bin.
    pub clips: u64,
    /// Mean score of the predicted class; `None` without clips.
    pub confidence: Option<f64>,
    /// Share of clips whose predicted class is the true one; `None` without clips.
    pub accuracy: Option<f64>,
}

impl Reliability {
    /// From each clip's highest score, whether its class was right, and how often the clip counts.
    pub(super) fn new(clips: impl IntoIterator<Item = (f64, bool, u32)>, bins: usize) -> Self {
        let step = 1.0 / bins as f64;
        let edges: Vec<f64> = (0..=bins).map(|i| i as f64 * step).collect();
        let inner = edges.get(1..bins).unwrap_or_default();
        let mut sums = vec![(0u64, 0.0f64, 0u64); bins];
        for (score, right, count) in clips {
            let bin = inner.partition_point(|&edge| edge < score);
            if let Some((clips, scores, hits)) = sums.get_mut(bin) {
                *clips += u64::from(count);
                *scores += score * f64::from(count);
                *hits += u64::from(count) * u64::from(right);
            }
        }
        let bin = |(edge, &(clips, scores, hits)): (&[f64], &(u64, f64, u64))| ReliabilityBin {
            low: edge[0],
            high: edge[1],
            clips,
            confidence: (clips > 0).then(|| scores / clips as f64),
            accuracy: (clips > 0).then(|| hits as f64 / clips as f64),
        };
        Self {
            bins: edges.windows(2).zip(&sums).map(bin).collect(),
        }
    }

    /// Expected calibration error: the gap between accuracy and confidence, weighed by clips.
    ///
    /// `None` without clips.
    #[must_use]
    pub fn calibration_error(&self) -> Option<f64> {
        let clips: u64 = self.bins.iter().map(|bin| bin.clips).sum();
        let gap = |bin: &ReliabilityBin| Some((bin.accuracy? - bin.confidence?).abs() * bin.clips as f64);
        (clips > 0).then(|| self.bins.iter().filter_map(gap).sum::<f64>() / clips as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_takes_its_upper_edge() {
        let reliability = Reliability::new(
            [(0.0, true, 1), (0.5, true, 2), (0.75, false, 1), (1.0, true, 1)],
            2,
        );
        let clips: Vec<u64> = reliability.bins.iter().map(|bin| bin.clips).collect();
        assert_eq!(clips, [3, 2]);
    }

    #[test]
    fn being_as_right_as_sure_is_no_error() {
        let sure = Reliability::new([(0.5, true, 1), (0.5, false, 1)], 10);
        assert_eq!(sure.calibration_error(), Some(0.0));
        let vain = Reliability::new([(1.0, false, 3)], 10);
        assert_eq!(vain.calibration_error(), Some(1.0));
        assert_eq!(Reliability::new([], 10).calibration_error(), None);
    }
}
