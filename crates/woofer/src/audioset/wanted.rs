use std::collections::HashMap;

use super::error::AudioSetError;
use super::labels::LabelList;
use super::names::NameTable;
use crate::taxonomy::Taxonomy;

/// Which of a taxonomy's AudioSet labels are a source of clips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mapping {
    /// Those under `audioset`: for the built-in taxonomy the original's 17.
    #[default]
    Plain,
    /// Those under `audioset_more` too.
    Extended,
}

/// An AudioSet label that a taxonomy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedLabel {
    /// The mid.
    pub mid: String,
    /// Its name; the mid itself where no table has a name.
    pub name: String,
    /// Index into [`Taxonomy::classes`].
    pub class: usize,
    /// Index into [`Taxonomy::fine_labels`].
    pub fine: usize,
    /// Clips are gathered for it. The others only tell that a class sounds beside another.
    pub is_source: bool,
}

/// The AudioSet labels that a taxonomy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// In the order of the classes, fine labels and the taxonomy's file.
    pub labels: Vec<WantedLabel>,
    by_mid: HashMap<String, u16>,
}

impl Wanted {
    /// The labels of a taxonomy, with the names of the table, or else of the list of 527.
    ///
    /// # Errors
    /// No label is a source.
    pub fn new(taxonomy: &Taxonomy, mapping: Mapping, names: &NameTable) -> Result<Self, AudioSetError> {
        let mut wanted = Self {
            labels: Vec::new(),
            by_mid: HashMap::new(),
        };
        let list: HashMap<&str, &str> = LabelList::AudioSet527
            .labels()
            .iter()
            .map(|l| (l.mid, l.name))
            .collect();
        for (fine, (class, label)) in taxonomy.fine_labels().into_iter().enumerate() {
            let more = label
                .audioset_more
                .iter()
                .map(|mid| (mid, mapping == Mapping::Extended));
            for (mid, is_source) in label.audioset.iter().map(|mid| (mid, true)).chain(more) {
                let Ok(index) = u16::try_from(wanted.labels.len()) else {
                    break;
                };
                wanted.by_mid.insert(mid.clone(), index);
                let name = names.name(mid).or_else(|| list.get(mid.as_str()).copied());
                wanted.labels.push(WantedLabel {
                    mid: mid.clone(),
                    name: name.unwrap_or(mid).to_owned(),
                    class,
                    fine,
                    is_source,
                });
            }
        }
        if wanted.labels.iter().any(|label| label.is_source) {
            return Ok(wanted);
        }
        Err(AudioSetError::NothingWanted {
            name: taxonomy.name.clone(),
            more: if wanted.labels.is_empty() {
                ""
            } else {
                ", or take those under audioset_more with --extended"
            },
        })
    }

    /// The place of a mid among the labels.
    #[must_use]
    pub fn index(&self, mid: &str) -> Option<u16> {
        self.by_mid.get(mid).copied()
    }

    /// For each label of the table of names its place among these.
    #[must_use]
    pub fn by_name_table(&self, names: &NameTable) -> Vec<Option<u16>> {
        names.labels().iter().map(|(mid, _)| self.index(mid)).collect()
    }

    /// A label by its place.
    #[must_use]
    pub fn label(&self, index: u16) -> Option<&WantedLabel> {
        self.labels.get(usize::from(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_taxonomy_wants_the_originals_seventeen_labels_or_more() {
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let sources = |mapping| {
            let wanted = Wanted::new(&taxonomy, mapping, &NameTable::default()).unwrap();
            let sources = wanted.labels.into_iter().filter(|label| label.is_source);
            sources.map(|label| label.mid).collect::<Vec<_>>()
        };
        let (plain, extended) = (sources(Mapping::Plain), sources(Mapping::Extended));
        assert_eq!(plain.len(), 17);
        assert!(plain.iter().all(|mid| extended.contains(mid)));
        // CO detector, fire alarm, yip, yell, music.
        for mid in ["/m/08dckq", "/m/0c3f7m", "/m/07r_k2n", "/m/07sr1lc", "/m/04rlf"] {
            assert!(
                extended.contains(&mid.to_owned()) && !plain.contains(&mid.to_owned()),
                "{mid}"
            );
        }
    }

    #[test]
    fn a_taxonomy_without_labels_is_refused_with_what_to_do() {
        let text = "schema_version = 1\nname = \"t\"\n\
            [[class]]\nname = \"A\"\ncolor = \"#000000\"\nfine = [{ name = \"a\" }]\n\
            [[class]]\nname = \"B\"\ncolor = \"#000000\"\nfine = [{ name = \"b\", audioset_more = [\"/m/1\"] }]\n";
        let taxonomy = Taxonomy::parse(text, "t.toml").unwrap();
        let error = Wanted::new(&taxonomy, Mapping::Plain, &NameTable::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"t\" names no AudioSet label") && error.contains("--extended"),
            "{error}"
        );
        let wanted = Wanted::new(&taxonomy, Mapping::Extended, &NameTable::default()).unwrap();
        assert_eq!(
            (wanted.labels[0].name.as_str(), wanted.index("/m/1")),
            ("/m/1", Some(0))
        );
    }
}
