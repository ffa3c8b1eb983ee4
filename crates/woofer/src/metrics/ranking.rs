/// Clips from the highest score of one class to the lowest, sorted once and measured under many weights.
#[derive(Debug, Clone)]
pub(super) struct Ranking {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    score: f64,
    clip: usize,
    positive: bool,
}

/// The clips that share one score, by their weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub score: f64,
    pub positives: f64,
    pub negatives: f64,
}

impl Ranking {
    /// From each clip's score and whether it is of the class; the clip's number is its place.
    pub fn new(scored: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let row = |(clip, (score, positive))| Row {
            score,
            clip,
            positive,
        };
        let mut rows: Vec<Row> = scored.into_iter().enumerate().map(row).collect();
        rows.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self { rows }
    }

    /// The distinct scores, the highest first, each clip counted `weight(clip)` times.
    ///
    /// Levels of no weight come too.
    #[expect(clippy::float_cmp, reason = "a tie is the same score to the bit")]
    pub fn levels(&self, weight: impl Fn(usize) -> u32) -> impl Iterator<Item = Level> {
        self.rows.chunk_by(|a, b| a.score == b.score).map(move |rows| {
            let (mut positives, mut negatives) = (0u64, 0u64);
            for row in rows {
                let count = u64::from(weight(row.clip));
                *(if row.positive {
                    &mut positives
                } else {
                    &mut negatives
                }) += count;
            }
            Level {
                score: rows[0].score,
                positives: positives as f64,
                negatives: negatives as f64,
            }
        })
    }

    /// Sums of the weights of the positives and of the negatives.
    pub fn totals(&self, weight: impl Fn(usize) -> u32) -> (f64, f64) {
        self.levels(weight).fold((0.0, 0.0), |(p, n), level| {
            (p + level.positives, n + level.negatives)
        })
    }

    /// Area under the ROC curve: Mann and Whitney's U over the number of pairs.
    pub fn roc_auc(&self, weight: impl Fn(usize) -> u32) -> Option<f64> {
        let (mut above, mut negatives, mut wins) = (0.0f64, 0.0f64, 0.0f64);
        for level in self.levels(weight) {
            // Each negative loses to the positives above it, and half to those level with it.
            wins += level.negatives * (above + level.positives / 2.0);
            above += level.positives;
            negatives += level.negatives;
        }
        (above > 0.0 && negatives > 0.0).then(|| wins / (above * negatives))
    }

    /// Precision summed over the steps of recall.
    pub fn average_precision(&self, weight: impl Fn(usize) -> u32) -> Option<f64> {
        let (mut found, mut seen, mut sum) = (0.0f64, 0.0f64, 0.0f64);
        for level in self.levels(weight) {
            found += level.positives;
            seen += level.positives + level.negatives;
            if level.positives > 0.0 {
                sum += level.positives * found / seen;
            }
        }
        (found > 0.0).then(|| sum / found)
    }
}
