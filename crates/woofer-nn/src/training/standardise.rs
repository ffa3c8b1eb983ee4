/// Shift and scale of each column of a table, so that it has mean 0 and variance 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standardise {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

/// Columns that vary less than this are only shifted.
const LEAST_DEVIATION: f64 = 1e-6;

impl Standardise {
    /// Measured on rows of `width` values.
    pub(super) fn fit<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize) -> Self {
        let (mut count, mut mean, mut squares) = (0.0, vec![0.0; width], vec![0.0; width]);
        for row in rows {
            count += 1.0;
            // Welford's update, which does not lose small deviations beside large means.
            for ((mean, square), x) in mean.iter_mut().zip(&mut squares).zip(row) {
                let before = f64::from(*x) - *mean;
                *mean += before / count;
                *square += before * (f64::from(*x) - *mean);
            }
        }
        let scale = |square: f64| {
            let deviation = (square / f64::max(count, 1.0)).sqrt();
            if deviation < LEAST_DEVIATION {
                1.0
            } else {
                deviation.recip()
            }
        };
        Self {
            mean,
            scale: squares.into_iter().map(scale).collect(),
        }
    }

    /// The means and the scales.
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(super) fn columns(&self) -> (Vec<f32>, Vec<f32>) {
        let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        (single(&self.mean), single(&self.scale))
    }

    /// A row, shifted and scaled.
    #[cfg(test)]
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    fn apply<'a>(&'a self, row: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let columns = row.iter().zip(&self.mean).zip(&self.scale);
        columns.map(|((x, mean), scale)| ((f64::from(*x) - mean) * scale) as f32)
    }

    /// Turns a dense layer for standardised rows, weight `[outputs, width]`, into one for the rows as they are.
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub(super) fn fold_into(&self, weight: &mut [f32], bias: &mut [f32]) {
        for (row, bias) in weight.chunks_exact_mut(self.mean.len().max(1)).zip(bias) {
            let mut shift = 0.0;
            for ((w, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
                let scaled = f64::from(*w) * scale;
                shift += scaled * mean;
                *w = scaled as f32;
            }
            *bias = (f64::from(*bias) - shift) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_mean_0_and_variance_1_after() {
        let rows: Vec<Vec<f32>> = (0..50u8)
            .map(|i| vec![f32::from(i), 1e6 + f32::from(i % 2), 7.0])
            .collect();
        let standardise = Standardise::fit(rows.iter().map(Vec::as_slice), 3);
        let after: Vec<Vec<f32>> = rows.iter().map(|r| standardise.apply(r).collect()).collect();
        for column in 0..2 {
            let mean: f32 = after.iter().map(|r| r[column]).sum::<f32>() / 50.0;
            let variance: f32 = after.iter().map(|r| r[column].powi(2)).sum::<f32>() / 50.0;
            assert!(
                mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3,
                "{mean} {variance}"
            );
        }
        assert!(after.iter().all(|r| r[2].abs() < 1e-6));
    }

    #[test]
    fn a_folded_layer_says_the_same_of_the_rows_as_they_are() {
        let rows = [vec![1.0f32, 20.0], vec![3.0, -5.0], vec![2.0, 9.0]];
        let standardise = Standardise::fit(rows.iter().map(Vec::as_slice), 2);
        let (weight, bias) = (vec![0.5f32, -1.5], vec![0.25f32]);
        let (mut folded, mut shifted) = (weight.clone(), bias.clone());
        standardise.fold_into(&mut folded, &mut shifted);
        for row in &rows {
            let before: f32 = standardise
                .apply(row)
                .zip(&weight)
                .map(|(x, w)| x * w)
                .sum::<f32>()
                + bias[0];
            let after: f32 = row.iter().zip(&folded).map(|(x, w)| x * w).sum::<f32>() + shifted[0];
            assert!((before - after).abs() < 1e-5);
        }
    }
}
