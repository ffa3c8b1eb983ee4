use std::collections::HashMap;
use std::path::Path;

use super::error::AudioSetError;
use super::lines::Lines;

/// Most names that are read; the published table has 456.
const MAX_NAMES: usize = 10_000;

/// The names of AudioSet's labels: `mid_to_display_name.tsv`, which has no header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameTable {
    labels: Vec<(String, String)>,
    by_mid: HashMap<Vec<u8>, u16>,
}

impl NameTable {
    /// Reads the table: a mid, a tab and a name on each line.
    ///
    /// # Errors
    /// The file cannot be read, a line is no mid and name, a mid stands twice with different names, or there is none.
    pub fn open(path: &Path) -> Result<Self, AudioSetError> {
        let mut lines = Lines::open(path)?;
        let mut table = Self::default();
        while let Some((number, line)) = lines.next()? {
            if line.is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(line).into_owned();
            let (mid, name) = text.split_once('\t').unwrap_or((&text, ""));
            let (mid, name) = (mid.trim(), name.trim());
            let starts = ["/m/", "/t/", "/g/"].iter().any(|start| mid.starts_with(start));
            let reason = if !starts || name.is_empty() || name.contains(char::is_control) {
                Some(format!(
                    "{:?} is no mid, tab and name, such as /m/05tny_ and Bark",
                    text.chars().take(100).collect::<String>()
                ))
            } else if table.name(mid).is_some_and(|known| known != name) {
                Some(format!(
                    "{mid} has two names, {:?} and {name:?}",
                    table.name(mid).unwrap_or_default()
                ))
            } else if table.labels.len() == MAX_NAMES {
                Some(format!(
                    "more than {MAX_NAMES} names: this is not the table of names"
                ))
            } else {
                None
            };
            if let Some(reason) = reason {
                let file = lines.file().to_owned();
                return Err(AudioSetError::Line {
                    file,
                    line: number,
                    reason,
                });
            }
            table.insert(mid, name);
        }
        if table.labels.is_empty() {
            return Err(AudioSetError::file(path, "has no names in it"));
        }
        Ok(table)
    }

    fn insert(&mut self, mid: &str, name: &str) {
        if let Ok(index) = u16::try_from(self.labels.len())
            && !self.by_mid.contains_key(mid.as_bytes())
        {
            self.by_mid.insert(mid.as_bytes().to_vec(), index);
            self.labels.push((mid.to_owned(), name.to_owned()));
        }
    }

    /// The place of a mid in the table.
    #[must_use]
    pub fn index(&self, mid: &[u8]) -> Option<u16> {
        self.by_mid.get(mid).copied()
    }

    /// The name of a mid.
    #[must_use]
    pub fn name(&self, mid: &str) -> Option<&str> {
        let index = self.index(mid.as_bytes())?;
        self.labels.get(usize::from(index)).map(|(_, name)| name.as_str())
    }

    /// Mids and names in the order of the table.
    #[must_use]
    pub fn labels(&self) -> &[(String, String)] {
        &self.labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NameTable, AudioSetError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("names.tsv");
        std::fs::write(&path, text).unwrap();
        NameTable::open(&path)
    }

    #[test]
    fn names_with_commas_and_windows_line_ends_are_read() {
        let names = read(
            "\u{feff}/m/012ndj\tFire engine, fire truck (siren)\r\n\r\n/m/05tny_\tBark\r\n/m/05tny_\tBark\n",
        )
        .unwrap();
        assert_eq!(names.name("/m/012ndj"), Some("Fire engine, fire truck (siren)"));
        assert_eq!(names.index(b"/m/05tny_"), Some(1));
        assert_eq!((names.name("/m/1"), names.labels().len()), (None, 2));
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_line() {
        for (text, part) in [
            ("", "has no names"),
            ("/m/1\tA\nsegment_id\tx\n", "line 2: \"segment_id"),
            ("/m/1\n", "line 1"),
            ("/m/1\tA\tB\n", "line 1"),
            (
                "/m/1\tA\n/m/1\tB\n",
                "line 2: /m/1 has two names, \"A\" and \"B\"",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("names.tsv"), "{error}");
        }
    }
}
