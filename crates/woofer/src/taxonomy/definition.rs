use std::path::Path;

use serde::{Deserialize, Serialize};

/// The built-in taxonomies: name and text.
const BUILT_IN: [(&str, &str); 1] = [("tomofun", include_str!("tomofun.toml"))];

/// Largest taxonomy file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Classes, the fine labels they are made of, and the AudioSet labels that count for each.
///
/// A class's id is its place in the file, counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    pub(super) schema_version: u32,
    /// A short name.
    pub name: String,
    /// One line for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The class that takes what all others leave, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rest: Option<String>,
    /// AudioSet labels (mids) that speak for no class.
    ///
    /// Where there are any, every label that stands nowhere in the taxonomy speaks for the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audioset_ignored: Vec<String>,
    /// AudioSet labels (mids) of what goes on under other sounds, such as rain or traffic, and speaks for the rest: training may let
    /// it say less than what sounds for itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audioset_background: Vec<String>,
    /// The classes in the order of their ids.
    #[serde(rename = "class")]
    pub classes: Vec<Class>,
}

/// A class: what is reported to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Name, unique in its taxonomy.
    pub name: String,
    /// Colour in plots and pages, `#rrggbb`.
    pub color: String,
    /// A group of classes, such as `dog`, by which they can be asked for together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How long in seconds an event of the class lasts at least, 0 to 3600, for sounds that go on until somebody hears them: one that
    /// is shorter does not count, unless the recording begins or ends in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_event_s: Option<f64>,
    /// The fine labels that a network is trained on; at least one.
    pub fine: Vec<FineLabel>,
}

/// A fine label: what a network is trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FineLabel {
    /// Name, unique in its class.
    pub name: String,
    /// AudioSet labels (mids) from which training clips are gathered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audioset: Vec<String>,
    /// Further AudioSet labels (mids) that mean the same to a listener.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audioset_more: Vec<String>,
    /// AudioSet labels (mids) that speak for this label where an AudioSet network is used untrained, and mean more or
    /// something else besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audioset_hints: Vec<String>,
}

impl FineLabel {
    /// All AudioSet labels (mids) that speak for this label.
    pub fn audioset_evidence(&self) -> impl Iterator<Item = &String> {
        self.audioset
            .iter()
            .chain(&self.audioset_more)
            .chain(&self.audioset_hints)
    }
}

impl Class {
    /// Its colour as red, green and blue; black where `color` is none.
    #[must_use]
    pub fn rgb(&self) -> [u8; 3] {
        let hex = self.color.strip_prefix('#').unwrap_or_default();
        let byte = |at: usize| {
            hex.get(at..at + 2)
                .and_then(|two| u8::from_str_radix(two, 16).ok())
        };
        [0, 2, 4].map(|at| byte(at).unwrap_or(0))
    }
}

/// Why a taxonomy is refused.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// The file cannot be read.
    #[error("{file}: the taxonomy cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not a taxonomy in TOML.
    #[error("{file}: not a taxonomy: {reason}")]
    Syntax {
        /// The file.
        file: String,
        /// What the TOML reader says, with the place.
        reason: String,
    },
    /// A value is not allowed.
    #[error("{file}: {reason}")]
    Invalid {
        /// The file.
        file: String,
        /// The value and what is allowed.
        reason: String,
    },
}

impl Taxonomy {
    /// Names of the built-in taxonomies.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of a built-in taxonomy, to start one's own from.
    #[must_use]
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
    }

    /// A built-in taxonomy by name, or else the one in the file of that path.
    ///
    /// # Errors
    ///
    /// There is neither, or the file holds no valid taxonomy.
    pub fn open(name_or_path: &str) -> Result<Self, TaxonomyError> {
        match Self::built_in_text(name_or_path) {
            Some(text) => Self::parse(text, name_or_path),
            None => Self::open_file(Path::new(name_or_path)),
        }
    }

    fn open_file(path: &Path) -> Result<Self, TaxonomyError> {
        let file = path.display().to_string();
        let unreadable = |source: std::io::Error| TaxonomyError::Unreadable {
            file: file.clone(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => TaxonomyError::Invalid {
                file: file.clone(),
                reason: format!(
                    "there is neither a file nor a built-in taxonomy of this name; built in: {}",
                    Self::built_in_names().collect::<Vec<_>>().join(", ")
                ),
            },
            _ => unreadable(e),
        })?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(TaxonomyError::Invalid {
                file: file.clone(),
                reason: format!("a taxonomy is a file of at most {MAX_BYTES} bytes"),
            });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(unreadable)?, &file)
    }

    /// Reads a taxonomy from TOML; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// The text is no TOML, has unknown or missing keys, or a value is not allowed.
    pub fn parse(text: &str, file: &str) -> Result<Self, TaxonomyError> {
        let taxonomy: Self = toml::from_str(text).map_err(|e| TaxonomyError::Syntax {
            file: file.to_owned(),
            reason: e.to_string().trim_end().to_owned(),
        })?;
        match taxonomy.fault() {
            None => Ok(taxonomy),
            Some(reason) => Err(TaxonomyError::Invalid {
                file: file.to_owned(),
                reason,
            }),
        }
    }

    /// Id of the class that takes what all others leave.
    #[must_use]
    pub fn rest(&self) -> Option<usize> {
        let rest = self.rest.as_ref()?;
        self.classes.iter().position(|c| c.name == *rest)
    }

    /// How long in seconds an event of each class lasts at least; 0 where nothing is asked.
    #[must_use]
    pub fn min_event_s(&self) -> Vec<f64> {
        let of_classes = self.classes.iter().map(|class| class.min_event_s);
        of_classes.map(Option::unwrap_or_default).collect()
    }

    /// The fine labels in the order in which a network scores them, each with the id of its class.
    ///
    /// The order is that of the class, then of the name; no label's index depends on which labels a
    /// data set happens to hold.
    #[must_use]
    pub fn fine_labels(&self) -> Vec<(usize, &FineLabel)> {
        let mut labels: Vec<_> = self
            .classes
            .iter()
            .enumerate()
            .flat_map(|(id, class)| class.fine.iter().map(move |fine| (id, fine)))
            .collect();
        labels.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.name.cmp(&y.name)));
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tomofun() -> Taxonomy {
        Taxonomy::open("tomofun").unwrap()
    }

    #[test]
    fn an_event_may_have_to_last_and_only_an_alarm_of_tomofun_has_to() {
        let lasting = |value: &str| {
            let text = Taxonomy::built_in_text("tomofun").unwrap();
            Taxonomy::parse(
                &text.replace("min_event_s = 10", &format!("min_event_s = {value}")),
                "t",
            )
        };
        let of_tomofun = lasting("2.5").unwrap().min_event_s();
        assert_eq!(of_tomofun, [0.0, 0.0, 0.0, 2.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        for value in ["-1", "nan", "inf", "3601", "\"10\"", "true"] {
            let error = lasting(value).unwrap_err().to_string();
            assert!(error.contains("min_event_s"), "{error}");
        }
        assert!(
            lasting("3601")
                .unwrap_err()
                .to_string()
                .contains("between 0 and 3600")
        );
    }

    #[test]
    fn tomofun_has_the_challenges_classes_in_order() {
        let names: Vec<_> = tomofun().classes.into_iter().map(|c| c.name).collect();
        assert_eq!(
            names,
            [
                "Barking",
                "Howling",
                "Crying",
                "CO_Smoke",
                "GlassBreaking",
                "Other",
                "Doorbell",
                "Bird",
                "Music_Instrument",
                "Laugh_Shout_Scream"
            ]
        );
        assert_eq!(tomofun().rest(), Some(5));
    }

    #[test]
    fn colours_are_read_as_they_are_written() {
        assert_eq!(tomofun().classes[0].rgb(), [0xd9, 0x5f, 0x02]);
    }

    #[test]
    fn tomofun_fine_labels_stand_as_in_the_original() {
        let taxonomy = tomofun();
        let labels: Vec<_> = taxonomy
            .fine_labels()
            .iter()
            .map(|(id, f)| format!("{id}{}", f.name))
            .collect();
        assert_eq!(
            labels,
            [
                "0Barking",
                "1Howling",
                "2Crying",
                "3CO_Smoke",
                "4GlassBreaking",
                "5Blender",
                "5Cat",
                "5Dishes",
                "5Electrics",
                "5Other",
                "5Vacuum",
                "6Doorbell",
                "7Bird",
                "8Music_Instrument",
                "9Laugh_Shout_Scream"
            ]
        );
        assert!(labels.is_sorted());
    }

    #[test]
    fn tomofun_gathers_from_the_originals_seventeen_labels() {
        let count: usize = tomofun()
            .fine_labels()
            .iter()
            .map(|(_, f)| f.audioset.len())
            .sum();
        assert_eq!(count, 17);
    }

    #[test]
    fn a_taxonomy_survives_being_written_and_read() {
        let text = toml::to_string(&tomofun()).unwrap();
        assert_eq!(Taxonomy::parse(&text, "x").unwrap(), tomofun());
    }

    #[test]
    fn a_name_that_is_nothing_lists_what_there_is() {
        let error = Taxonomy::open("tomofoo").unwrap_err().to_string();
        assert!(error.contains("tomofoo") && error.contains("tomofun"), "{error}");
    }
}
