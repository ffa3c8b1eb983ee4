//! Whether the shapes that a weight file declares are within the limits.

use super::error::WeightsError;
use super::limits::{MAX_TENSORS, MAX_VALUES};

/// Refuses a list of shapes that is too long or claims too many values.
pub(super) fn check_shapes<'a>(
    file: &str,
    shapes: impl ExactSizeIterator<Item = &'a [usize]>,
) -> Result<(), WeightsError> {
    if shapes.len() > MAX_TENSORS {
        return Err(WeightsError::TooManyTensors {
            file: file.to_owned(),
            found: shapes.len(),
        });
    }
    let mut total = 0_usize;
    for shape in shapes {
        let claimed = shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
            .unwrap_or(usize::MAX);
        total = total.saturating_add(claimed);
    }
    if total > MAX_VALUES {
        return Err(WeightsError::TooManyValues {
            file: file.to_owned(),
            found: total,
        });
    }
    Ok(())
}
