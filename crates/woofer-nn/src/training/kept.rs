use std::borrow::Cow;

/// Numbers at the start of each part: four sizes of the input, and how many teacher's scores follow it.
const HEAD: usize = 5;

/// A list of inputs of various shapes in one row of numbers, as a cache keeps it.
///
/// ```text
/// parts, then of each part [count, channels, height, width, teacher's scores], then the values of each part
/// ```
///
/// Whole numbers are exact in `f32` below 2^24, which no size of an input reaches.
#[derive(Default)]
pub(super) struct Kept {
    heads: Vec<f32>,
    values: Vec<f32>,
}

/// A part of a row that [`Kept`] made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input<'a> {
    /// `[count, channels, height, width]`.
    pub(super) shape: [usize; 4],
    /// As many values, row-major.
    pub(super) values: Cow<'a, [f32]>,
    /// The teacher's scores, one a fine label; none without a teacher.
    pub(super) teacher: Cow<'a, [f32]>,
}

impl Kept {
    pub(super) fn push(&mut self, input: &Input<'_>) {
        let sizes = input.shape.into_iter().chain([input.teacher.len()]);
        self.heads.extend(sizes.map(|size| size as f32));
        self.values.extend_from_slice(&input.values);
        self.values.extend_from_slice(&input.teacher);
    }

    pub(super) fn into_row(self) -> Vec<f32> {
        let parts = self.heads.len() / HEAD;
        let mut row = vec![parts as f32];
        row.extend(self.heads);
        row.extend(self.values);
        row
    }
}

/// Where the parts of a row lie.
pub(super) struct Places(Vec<([usize; 4], usize, usize)>);

impl Places {
    /// Reads the heads of a row; none when it is not a row that [`Kept`] made.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole numbers; a float beyond the integers becomes the nearest of them and fits no row"
    )]
    pub(super) fn of(row: &[f32]) -> Option<Self> {
        let (parts, rest) = row.split_first()?;
        let (heads, values) = rest.split_at_checked(HEAD.checked_mul(*parts as usize)?)?;
        let mut at = row.len() - values.len();
        let mut places = Vec::with_capacity(heads.len() / HEAD);
        for head in heads.chunks_exact(HEAD) {
            let sizes: Vec<usize> = head.iter().map(|&size| size as usize).collect();
            let [count, channels, height, width, teacher] =
                *<&[usize; HEAD]>::try_from(sizes.as_slice()).ok()?;
            let shape = [count, channels, height, width];
            places.push((shape, at, teacher));
            let length = shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size))?;
            at = at.checked_add(length)?.checked_add(teacher)?;
        }
        (at == row.len()).then_some(Self(places))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A part of the row that the places are of.
    pub(super) fn input<'a>(&self, row: &'a [f32], part: usize) -> Option<Input<'a>> {
        let (shape, at, teacher) = *self.0.get(part)?;
        let end = at + shape.iter().product::<usize>();
        Some(Input {
            shape,
            values: Cow::Borrowed(row.get(at..end)?),
            teacher: Cow::Borrowed(row.get(end..end + teacher)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_any_shape_come_back_as_they_went() {
        let input = |shape: [usize; 4], first: u8, teacher: usize| Input {
            shape,
            values: (0..shape.iter().product::<usize>())
                .map(|i| i as f32 + f32::from(first))
                .collect::<Vec<_>>()
                .into(),
            teacher: vec![0.25; teacher].into(),
        };
        let inputs = [
            input([5, 1, 3, 2], 1, 0),
            input([1, 4, 1, 1], 9, 3),
            input([0, 1, 1, 1], 0, 1),
        ];
        let mut kept = Kept::default();
        for input in &inputs {
            kept.push(input);
        }
        let row = kept.into_row();
        let places = Places::of(&row).unwrap();
        assert_eq!(places.len(), 3);
        for (part, input) in inputs.iter().enumerate() {
            assert_eq!(places.input(&row, part).as_ref(), Some(input));
        }
        assert_eq!(places.input(&row, 3), None);
    }

    #[test]
    fn other_rows_are_not_taken() {
        for row in [
            &[][..],
            &[1.0],
            &[1.0, 1.0, 1.0, 1.0, 2.0, 0.0, 7.0],
            &[f32::NAN, 1.0],
            &[1e30],
            &[1.0, 1e30, 1e30, 1e30, 1e30, 0.0],
        ] {
            assert!(Places::of(row).is_none_or(|places| places.len() == 0), "{row:?}");
        }
    }
}
