use std::collections::BTreeMap;

/// Label and source of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub(super) label: usize,
    pub(super) source: usize,
}

/// In which directions of the columns sources of one label lie apart, and so how strongly weights along each are drawn to 0.
///
/// What tells the sources of a label from each other is no property of the label, and other sources will differ along
/// the same directions: microphones, rooms, noise. Source: within-class covariance normalisation, Hatch, Kajarekar and Stolcke,
/// "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006, with sources for sessions.
pub(super) struct SourceSpread {
    columns: usize,
    /// `[columns, columns]`, symmetric, its diagonal 1 in the mean.
    factors: Vec<f64>,
}

impl SourceSpread {
    /// Of rows of `scales.len()` columns, which are multiplied by `scales`; where their middle lies is all the same.
    ///
    /// A `share` of the pull goes by the spread, the rest to all directions alike. None where no label has two sources that differ.
    pub(super) fn new<'a>(
        rows: impl Iterator<Item = &'a [f32]>,
        origins: &[Origin],
        scales: &[f64],
        share: f64,
    ) -> Option<Self> {
        let columns = scales.len();
        let mut sums: BTreeMap<Origin, (f64, Vec<f64>)> = BTreeMap::new();
        for (row, origin) in rows.zip(origins) {
            let (count, sum) = sums.entry(*origin).or_insert_with(|| (0.0, vec![0.0; columns]));
            *count += 1.0;
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let of_sources: Vec<(usize, Vec<f64>)> = sums
            .into_iter()
            .map(|(origin, (count, sum))| {
                let mean = sum.iter().zip(scales).map(|(sum, scale)| sum / count * scale);
                (origin.label, mean.collect())
            })
            .collect();
        let mut spread = vec![0.0; columns * columns];
        for of_label in of_sources.chunk_by(|a, b| a.0 == b.0) {
            let mut middle = vec![0.0; columns];
            for (_, mean) in of_label {
                let parts = middle.iter_mut().zip(mean);
                parts.for_each(|(middle, x)| *middle += x / of_label.len() as f64);
            }
            for (_, mean) in of_label {
                let apart: Vec<f64> = mean.iter().zip(&middle).map(|(x, middle)| x - middle).collect();
                for (row, a) in spread.chunks_exact_mut(columns.max(1)).zip(&apart) {
                    row.iter_mut().zip(&apart).for_each(|(place, b)| *place += a * b);
                }
            }
        }
        let diagonal = || (0..columns).map(|column| column * (columns + 1));
        let trace: f64 = diagonal().filter_map(|place| spread.get(place)).sum();
        if trace <= f64::MIN_POSITIVE {
            return None;
        }
        let unit = share * columns as f64 / trace;
        let mut factors: Vec<f64> = spread.into_iter().map(|x| x * unit).collect();
        for place in diagonal() {
            if let Some(factor) = factors.get_mut(place) {
                *factor += 1.0 - share;
            }
        }
        Some(Self { columns, factors })
    }

    /// The weights `[columns, labels]`, those along each direction times how strongly it is drawn to 0.
    pub(super) fn drawn(&self, weight: &[f64]) -> Vec<f64> {
        let labels = weight.len() / self.columns.max(1);
        let of_column = |factors: &[f64]| {
            let mut drawn = vec![0.0; labels];
            for (factor, weights) in factors.iter().zip(weight.chunks_exact(labels.max(1))) {
                drawn.iter_mut().zip(weights).for_each(|(d, w)| *d += factor * w);
            }
            drawn
        };
        self.factors
            .chunks_exact(self.columns.max(1))
            .flat_map(of_column)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(rows: &[([f32; 2], usize, usize)], share: f64) -> Option<SourceSpread> {
        let origins: Vec<Origin> = rows
            .iter()
            .map(|&(_, label, source)| Origin { label, source })
            .collect();
        let values = rows.iter().map(|(row, ..)| row.as_slice());
        SourceSpread::new(values, &origins, &[1.0, 0.5], share)
    }

    #[test]
    fn only_what_tells_the_sources_of_one_label_apart_is_drawn_more() {
        // Labels differ in the first column, sources of a label in the second: by 4, which is 2 once it is scaled.
        let rows = [
            ([5.0, 1.0], 0, 0),
            ([5.0, -1.0], 0, 0),
            ([5.0, 4.0], 0, 1),
            ([9.0, 0.0], 1, 0),
            ([9.0, 4.0], 1, 1),
        ];
        let found = spread(&rows, 0.25).unwrap();
        // All of the spread is in the second column: twice the share there, as the diagonal is 1 in the mean.
        let expected = [0.75, 0.0, 0.0, 0.75 + 0.25 * 2.0];
        assert!(
            found
                .factors
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        // Weights of three labels.
        let drawn = found.drawn(&[1.0, 0.0, -2.0, 0.5, 3.0, 0.0]);
        assert_eq!(drawn, [0.75, 0.0, -1.5, 0.625, 3.75, 0.0]);
    }

    #[test]
    fn a_direction_across_columns_is_found_too() {
        let rows = [([5.0, 0.0], 0, 0), ([6.0, 2.0], 0, 1), ([4.0, -2.0], 0, 2)];
        let found = spread(&rows, 0.5).unwrap();
        // Along (1, 1), scaled, sources lie apart, across it they do not.
        let along = found.drawn(&[1.0, 1.0]);
        let across = found.drawn(&[1.0, -1.0]);
        assert!(along.iter().all(|x| (x - 1.5).abs() < 1e-12), "{along:?}");
        assert!(
            (across[0] - 0.5).abs() < 1e-12 && (across[1] + 0.5).abs() < 1e-12,
            "{across:?}"
        );
    }

    #[test]
    fn where_no_label_has_two_sources_there_is_no_spread() {
        assert!(spread(&[([5.0, 0.0], 0, 0), ([7.0, 1.0], 1, 1)], 0.5).is_none());
        assert!(spread(&[([5.0, 0.0], 0, 0), ([5.0, 0.0], 0, 1)], 0.5).is_none());
        assert!(spread(&[], 0.5).is_none());
    }
}
