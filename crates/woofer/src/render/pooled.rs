/// Rows of values along time that are drawn in a bounded number of columns, however many there come.
///
/// Each column holds the largest values of the same number of rows. When all columns are full, neighbours
/// are joined, and each column then stands for twice as many rows.
#[derive(Debug, Clone)]
pub struct Pooled {
    width: usize,
    max_columns: usize,
    /// Rows in a column.
    rows_a_column: u64,
    /// Rows in the last column so far, 0 when it is full.
    in_last: u64,
    rows: u64,
    values: Vec<f32>,
}

impl Pooled {
    /// Rows of `width` values, drawn in at most `max_columns` columns and at least half as many.
    #[must_use]
    pub fn new(width: usize, max_columns: usize) -> Self {
        Self {
            width: width.max(1),
            // Even, so that all of them have a neighbour.
            max_columns: max_columns.div_ceil(2).max(1) * 2,
            rows_a_column: 1,
            in_last: 0,
            rows: 0,
            values: Vec::new(),
        }
    }

    /// Takes a row; one of another width is cut or left as it is where values are missing.
    pub fn push(&mut self, row: &[f32]) {
        if self.in_last == 0 {
            if self.values.len() == self.max_columns * self.width {
                self.join_neighbours();
            }
            self.values
                .resize(self.values.len() + self.width, f32::NEG_INFINITY);
        }
        let last = self.values.len() - self.width;
        let column = self.values.get_mut(last..).unwrap_or_default();
        for (largest, value) in column.iter_mut().zip(row) {
            *largest = largest.max(*value);
        }
        self.rows += 1;
        self.in_last = (self.in_last + 1) % self.rows_a_column;
    }

    fn join_neighbours(&mut self) {
        let width = self.width;
        let pairs = self.values.chunks(2 * width);
        self.values = pairs
            .flat_map(|pair| {
                let (first, second) = pair.split_at(width);
                first.iter().zip(second).map(|(a, b)| a.max(*b))
            })
            .collect();
        self.rows_a_column *= 2;
    }

    /// The columns, one after the other, each of as many values as a row has.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    /// All values, column after column.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Values in a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows taken so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows in each column but the last, which may have fewer.
    #[must_use]
    pub const fn rows_a_column(&self) -> u64 {
        self.rows_a_column
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_column_is_the_largest_of_its_rows(
            rows in proptest::collection::vec((-9i8..9, -9i8..9), 0..400), max_columns in 1usize..40
        ) {
            let rows: Vec<[f32; 2]> = rows.iter().map(|(a, b)| [f32::from(*a), f32::from(*b)]).collect();
            let mut pooled = Pooled::new(2, max_columns);
            for row in &rows {
                pooled.push(row);
            }
            let size = usize::try_from(pooled.rows_a_column()).unwrap();
            let expected: Vec<Vec<f32>> = rows
                .chunks(size)
                .map(|chunk| (0..2).map(|i| chunk.iter().map(|row| row[i]).fold(f32::NEG_INFINITY, f32::max)).collect())
                .collect();
            let columns: Vec<Vec<f32>> = pooled.columns().map(<[f32]>::to_vec).collect();
            prop_assert!(columns.len() <= max_columns.max(2).next_multiple_of(2));
            prop_assert!(size == 1 || 2 * columns.len() > max_columns);
            prop_assert_eq!(columns, expected);
            prop_assert_eq!(pooled.rows(), rows.len() as u64);
        }
    }
}
