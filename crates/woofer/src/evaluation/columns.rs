use std::fmt::Write;

use crate::taxonomy::{ClassScores, Taxonomy};

/// What a column of scores begins with; all other columns are about the clip.
pub(super) const PREFIX: &str = "score:";

/// Which classes the columns of a score table are of, and how they add up to classes.
///
/// In the file a column is `score:Class/fine label`, or `score:Class` where a network scores classes
/// themselves. A `/` or `%` in a name, a control character, and a blank at a name's end are written
/// as `%` and two hexadecimal digits a byte. The classes are in the order of their first columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreColumns {
    classes: Vec<String>,
    /// Class id and fine label of each column.
    columns: Vec<(usize, Option<String>)>,
}

impl ScoreColumns {
    /// A column for each fine label of a taxonomy, in the order in which a network scores them.
    #[must_use]
    pub fn of_fine_labels(taxonomy: &Taxonomy) -> Self {
        let fine = taxonomy.fine_labels();
        Self {
            classes: class_names(taxonomy),
            columns: fine
                .iter()
                .map(|(id, fine)| (*id, Some(fine.name.clone())))
                .collect(),
        }
    }

    /// A column for each class of a taxonomy, for networks that do not score its fine labels.
    #[must_use]
    pub fn of_classes(taxonomy: &Taxonomy) -> Self {
        Self {
            classes: class_names(taxonomy),
            columns: (0..taxonomy.classes.len()).map(|id| (id, None)).collect(),
        }
    }

    /// From the names of the columns, all of which begin with `score:`.
    pub(super) fn parse<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut parsed = Self {
            classes: Vec::new(),
            columns: Vec::new(),
        };
        for name in names {
            let text = name.strip_prefix(PREFIX).unwrap_or(name);
            let (class, fine) = match text.split_once('/') {
                Some((class, fine)) => (class, Some(fine)),
                None => (text, None),
            };
            let decoded = |part: &str| {
                decoded(part)
                    .filter(|plain| !plain.trim().is_empty())
                    .ok_or_else(|| {
                        format!("column {name:?} is not like \"score:Class\" or \"score:Class/fine label\"")
                    })
            };
            let class = decoded(class)?;
            let fine = fine.map(decoded).transpose()?;
            let id = parsed.classes.iter().position(|known| *known == class);
            let id = id.unwrap_or_else(|| {
                parsed.classes.push(class);
                parsed.classes.len() - 1
            });
            let is_same = |(of, other): &(usize, Option<String>)| {
                *of == id && (*other == fine || other.is_none() || fine.is_none())
            };
            if parsed.columns.iter().any(is_same) {
                return Err(format!(
                    "column {name:?}: class {:?} has another column for the same",
                    parsed.classes[id]
                ));
            }
            parsed.columns.push((id, fine));
        }
        match parsed.classes.len() {
            0 | 1 => Err(format!(
                "has scores of {} classes; there must be columns \"{PREFIX}...\" of at least two",
                parsed.classes.len()
            )),
            _ => Ok(parsed),
        }
    }

    /// Names of the columns as they stand in the file.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.columns.iter().map(|(id, fine)| {
            let class = self
                .classes
                .get(*id)
                .map(|name| encoded(name))
                .unwrap_or_default();
            match fine {
                Some(fine) => format!("{PREFIX}{class}/{}", encoded(fine)),
                None => format!("{PREFIX}{class}"),
            }
        })
    }

    /// Names of the classes in the order of their ids.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Number of columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.columns.len()
    }

    /// The class id of each column.
    #[must_use]
    pub fn class_of_column(&self) -> Vec<usize> {
        self.columns.iter().map(|(id, _)| *id).collect()
    }

    /// How the columns add up to classes.
    #[must_use]
    pub fn merge(&self) -> ClassScores {
        ClassScores::SumOfFine {
            class_of_label: self.class_of_column(),
            classes: self.classes.len(),
        }
    }

    /// What keeps the columns from being those of a taxonomy, if anything does.
    #[must_use]
    pub fn misfit(&self, taxonomy: &Taxonomy) -> Option<String> {
        if *self == Self::of_fine_labels(taxonomy) || *self == Self::of_classes(taxonomy) {
            return None;
        }
        let wanted: Vec<String> = Self::of_fine_labels(taxonomy).names().collect();
        Some(format!(
            "the scores are of {}; taxonomy \"{}\" has {}",
            self.names().collect::<Vec<_>>().join(", "),
            taxonomy.name,
            wanted.join(", ")
        ))
    }
}

fn class_names(taxonomy: &Taxonomy) -> Vec<String> {
    taxonomy.classes.iter().map(|class| class.name.clone()).collect()
}

/// A name fit to stand between the marks of a column's name.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let last = name.chars().count().saturating_sub(1);
    for (place, c) in name.chars().enumerate() {
        let at_end = (place == 0 || place == last) && c.is_whitespace();
        if matches!(c, '%' | '/') || c.is_control() || at_end {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing to a String does not fail.
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// The name behind such a text; none where the text is not well-formed.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(names: &[&str]) -> Result<ScoreColumns, String> {
        ScoreColumns::parse(names.iter().copied())
    }

    #[test]
    fn the_columns_of_a_taxonomy_are_read_back() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        for columns in [
            ScoreColumns::of_fine_labels(&taxonomy),
            ScoreColumns::of_classes(&taxonomy),
        ] {
            let names: Vec<String> = columns.names().collect();
            let read = ScoreColumns::parse(names.iter().map(String::as_str)).unwrap();
            assert_eq!(read, columns);
            assert_eq!(read.misfit(&taxonomy), None);
        }
    }

    #[test]
    fn fine_labels_add_up_as_the_taxonomy_has_them() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let fine: Vec<f32> = (0..15u8).map(|i| f32::from(i) / 105.0).collect();
        let columns = ScoreColumns::of_fine_labels(&taxonomy);
        assert_eq!(
            columns.merge().apply(&fine),
            ClassScores::sum_of_fine(&taxonomy).apply(&fine)
        );
    }

    #[test]
    fn columns_that_contradict_each_other_are_refused() {
        for (names, part) in [
            (&["score:a"][..], "at least two"),
            (&["score:a", "score:"], "not like"),
            (&["score:a", "score:b/"], "not like"),
            (&["score:a", "score:b%2"], "not like"),
            (&["score:a", "score:b%FF"], "not like"),
            (&["score:a", "score:a/x", "score:b"], "another column"),
            (&["score:a/x", "score:b", "score:a/x"], "another column"),
        ] {
            let error = parse(names).unwrap_err();
            assert!(error.contains(part), "{names:?}: {error}");
        }
    }

    #[test]
    fn another_taxonomy_does_not_fit() {
        let columns = parse(&["score:cat", "score:dog"]).unwrap();
        let misfit = columns.misfit(&Taxonomy::open("tomofun").unwrap()).unwrap();
        assert!(
            misfit.contains("score:cat") && misfit.contains("tomofun"),
            "{misfit}"
        );
    }

    proptest! {
        #[test]
        fn any_name_is_read_back(name in "\\PC{1,8}|[ %/a\n\t]{1,6}") {
            let text = encoded(&name);
            prop_assert_eq!(text.trim(), &text);
            prop_assert!(!text.contains('/'));
            prop_assert_eq!(decoded(&text), Some(name));
        }

        #[test]
        fn no_text_breaks_the_reader(names in proptest::collection::vec(".{0,12}", 0..6)) {
            let _ = ScoreColumns::parse(names.iter().map(String::as_str));
        }
    }
}
