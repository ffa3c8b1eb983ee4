//! From what a list calls a label to its index.

use std::collections::HashMap;

use super::row_fault::RowProblem;
use crate::taxonomy::Taxonomy;

/// Names that a message lists before it breaks off.
const MAX_LISTED: usize = 30;

/// Finds classes and fine labels by what people write.
pub(super) struct LabelNames<'a> {
    taxonomy: &'a Taxonomy,
    class_of_name: HashMap<&'a str, usize>,
    /// Class and name, in the order of [`Taxonomy::fine_labels`].
    fine: Vec<(usize, &'a str)>,
}

impl<'a> LabelNames<'a> {
    pub fn new(taxonomy: &'a Taxonomy) -> Self {
        let names = taxonomy.classes.iter().enumerate();
        let fine = taxonomy.fine_labels();
        Self {
            taxonomy,
            class_of_name: names.map(|(id, class)| (class.name.as_str(), id)).collect(),
            fine: fine.iter().map(|(id, f)| (*id, f.name.as_str())).collect(),
        }
    }

    /// The class of that name or else of that id.
    pub fn class(&self, text: &str) -> Result<usize, RowProblem> {
        self.find_class(text).ok_or_else(|| RowProblem::UnknownLabel {
            value: text.to_owned(),
            allowed: self.allowed_classes(),
        })
    }

    fn find_class(&self, text: &str) -> Option<usize> {
        let by_id = || {
            let id: usize = text
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| text.parse().ok())??;
            (id < self.taxonomy.classes.len()).then_some(id)
        };
        self.class_of_name.get(text).copied().or_else(by_id)
    }

    /// The fine label of a class by its name, with or without the class's id in front; the class's default if `text`
    /// is empty.
    pub fn fine(&self, class: usize, text: &str) -> Result<usize, RowProblem> {
        if text.is_empty() {
            return self.default_fine(class);
        }
        if let Some(found) = self.find_fine(class, text) {
            return Ok(found);
        }
        if let Some(other) =
            (0..self.taxonomy.classes.len()).find(|other| self.find_fine(*other, text).is_some())
        {
            return Err(RowProblem::FineOfOtherClass {
                value: text.to_owned(),
                class: self.class_name(class),
                other: self.class_name(other),
            });
        }
        // Where there is nothing to choose, a finer name than the taxonomy knows does no harm.
        match self.only_fine(class) {
            Some(only) => Ok(only),
            None => Err(RowProblem::UnknownFine {
                value: text.to_owned(),
                class: self.class_name(class),
                allowed: self.allowed_fine(class),
            }),
        }
    }

    fn find_fine(&self, class: usize, text: &str) -> Option<usize> {
        let position = |name: &str| self.fine.iter().position(|f| *f == (class, name));
        position(text).or_else(|| position(text.strip_prefix(&class.to_string())?))
    }

    fn only_fine(&self, class: usize) -> Option<usize> {
        let mut of_class = (0..self.fine.len()).filter(|i| self.fine[*i].0 == class);
        of_class.next().filter(|_| of_class.next().is_none())
    }

    fn default_fine(&self, class: usize) -> Result<usize, RowProblem> {
        let rest = self.taxonomy.rest().map(|rest| self.class_name(rest));
        self.find_fine(class, &self.class_name(class))
            .or_else(|| self.only_fine(class))
            .or_else(|| self.find_fine(class, &rest?))
            .or_else(|| self.find_fine(class, "Other"))
            .ok_or_else(|| RowProblem::FineNeeded {
                class: self.class_name(class),
                allowed: self.allowed_fine(class),
            })
    }

    /// Class and fine label of a folder named after a class, a class's id, a fine label, or both of these.
    pub fn folder(&self, name: &str) -> Result<(usize, usize), RowProblem> {
        if let Some(class) = self.find_class(name) {
            return Ok((class, self.default_fine(class)?));
        }
        let mut named = self
            .fine
            .iter()
            .enumerate()
            .filter(|(_, (_, fine))| *fine == name);
        if let Some((index, (class, _))) = named.next() {
            return match named.next() {
                None => Ok((*class, index)),
                Some(_) => Err(RowProblem::AmbiguousFolder {
                    value: name.to_owned(),
                    example: format!("{class}{name}"),
                }),
            };
        }
        let mut with_id = self.fine.iter().enumerate();
        match with_id.find(|(_, (class, fine))| format!("{class}{fine}") == name) {
            Some((index, (class, _))) => Ok((*class, index)),
            None => Err(RowProblem::UnknownFolder {
                allowed: self.allowed_classes(),
            }),
        }
    }

    /// A class and a fine label of it, for messages.
    pub fn describe(&self, class: usize, fine: usize) -> String {
        let name = self.class_name(class);
        match self.fine.get(fine) {
            Some((_, fine)) if *fine != name => format!("{name} ({fine})"),
            _ => name,
        }
    }

    fn class_name(&self, class: usize) -> String {
        let class = self.taxonomy.classes.get(class);
        class.map_or_else(String::new, |class| class.name.clone())
    }

    fn allowed_classes(&self) -> String {
        let names = self.taxonomy.classes.iter().map(|class| class.name.as_str());
        let last = self.taxonomy.classes.len().saturating_sub(1);
        format!("0 to {last}, or {}", list(names))
    }

    fn allowed_fine(&self, class: usize) -> String {
        let of_class = self.fine.iter().filter(|(id, _)| *id == class);
        list(of_class.map(|(_, name)| *name))
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(MAX_LISTED)].join(", ");
    match names.len().saturating_sub(MAX_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taxonomy(text: &str) -> Taxonomy {
        Taxonomy::parse(
            &format!("schema_version = 1\nname = \"t\"\n{text}"),
            "test taxonomy",
        )
        .unwrap()
    }

    #[test]
    fn a_class_is_found_by_id_and_name() {
        let tomofun = Taxonomy::open("tomofun").unwrap();
        let labels = LabelNames::new(&tomofun);
        assert_eq!(labels.class("5"), Ok(5));
        assert_eq!(labels.class("Other"), Ok(5));
        for text in ["10", "-1", "+1", "1.0", "other", "", "99999999999999999999999"] {
            let error = labels.class(text).unwrap_err().to_string();
            assert!(error.contains("0 to 9, or Barking"), "{error}");
        }
    }

    #[test]
    fn a_name_made_of_digits_is_a_name_first() {
        let digits = taxonomy(
            "[[class]]\nname = \"1\"\ncolor = \"#000000\"\nfine = [{ name = \"1\" }]\n\
             [[class]]\nname = \"2\"\ncolor = \"#000000\"\nfine = [{ name = \"2\" }]\n",
        );
        let labels = LabelNames::new(&digits);
        assert_eq!(
            (labels.class("1"), labels.class("2"), labels.class("0")),
            (Ok(0), Ok(1), Ok(0))
        );
    }

    #[test]
    fn a_fine_label_is_found_with_and_without_the_digit() {
        let tomofun = Taxonomy::open("tomofun").unwrap();
        let labels = LabelNames::new(&tomofun);
        assert_eq!(labels.fine(5, "Cat"), Ok(6));
        assert_eq!(labels.fine(5, "5Cat"), Ok(6));
        assert_eq!(labels.fine(5, ""), Ok(9));
        assert_eq!(labels.fine(9, ""), Ok(14));
        assert_eq!(labels.fine(9, "Giggle"), Ok(14));
        let unknown = labels.fine(5, "cat:Angry").unwrap_err().to_string();
        assert!(
            unknown.contains("Blender, Cat, Dishes, Electrics, Other, Vacuum"),
            "{unknown}"
        );
        for text in ["5Cat", "Cat", "0Barking", "Barking"] {
            let error = labels.fine(1, text).unwrap_err();
            assert_eq!(error.kind(), "contradicting_labels", "{text}");
        }
        assert_eq!(labels.describe(5, 6), "Other (Cat)");
        assert_eq!(labels.describe(0, 0), "Barking");
    }

    #[test]
    fn a_class_without_a_default_asks_for_a_fine_label() {
        let text = "rest = \"Rest\"\n[[class]]\nname = \"A\"\ncolor = \"#000000\"\nfine = [{ name = \"x\" }, { name = \"y\" }]\n\
             [[class]]\nname = \"Rest\"\ncolor = \"#000000\"\nfine = [{ name = \"x\" }, { name = \"Rest\" }]\n\
             [[class]]\nname = \"C\"\ncolor = \"#000000\"\nfine = [{ name = \"z\" }, { name = \"Rest\" }]\n";
        let taxonomy = taxonomy(text);
        let labels = LabelNames::new(&taxonomy);
        let error = labels.fine(0, "").unwrap_err().to_string();
        assert!(error.contains("x, y"), "{error}");
        assert_eq!(labels.fine(2, ""), Ok(4));
        let ambiguous = labels.folder("x").unwrap_err().to_string();
        assert!(ambiguous.contains("0x"), "{ambiguous}");
    }

    #[test]
    fn a_folder_is_a_class_an_id_a_fine_label_or_both() {
        let tomofun = Taxonomy::open("tomofun").unwrap();
        let labels = LabelNames::new(&tomofun);
        for (name, expected) in [
            ("Other", (5, 9)),
            ("5", (5, 9)),
            ("Cat", (5, 6)),
            ("5Cat", (5, 6)),
            ("9", (9, 14)),
        ] {
            assert_eq!(labels.folder(name), Ok(expected), "{name}");
        }
        assert_eq!(labels.folder("4Cat").unwrap_err().kind(), "unknown_folder");
    }
}
