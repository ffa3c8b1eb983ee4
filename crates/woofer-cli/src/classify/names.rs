use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Longest name that is made of a path, in characters.
const MAX_CHARS: usize = 80;

/// Its longest in bytes: a file system allows some 255 with all that is put behind it.
const MAX_BYTES: usize = 160;

/// Names for files that are made of recordings: each its own, also where capitals do not count.
#[derive(Default)]
pub struct Names {
    given: HashSet<String>,
    /// The last number that was put behind a name.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// A name for what is made of a recording: its path from the folder that was asked for, in one word.
    pub fn name(&mut self, path: &Path) -> String {
        let parts = path.with_extension("");
        let parts: Vec<_> = parts
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        match file_name(&parts.join("_")).as_str() {
            "" | "-" => self.unique("stdin"),
            name => self.unique(name),
        }
    }

    /// The name itself, or with a number where it has been given already.
    pub fn unique(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let number = self.numbers.entry(name.to_lowercase()).or_insert(1);
        while !self.given.insert(unique.to_lowercase()) {
            *number += 1;
            unique = format!("{name}-{number}");
        }
        unique
    }
}

/// A text as the name of a file on any system: letters, digits and `-_.+` stay, all else becomes `_`.
pub fn file_name(text: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let fits = |&(at, c): &(usize, char)| at + c.len_utf8() <= MAX_BYTES;
    let kept = text.char_indices().take(MAX_CHARS).take_while(fits);
    let name: String = kept.map(|(_, c)| if allowed(c) { c } else { '_' }).collect();
    // A leading point hides a file, and two of them lead out of a folder.
    if name.starts_with('.') {
        format!("_{}", name.trim_start_matches('.'))
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_each_their_own() {
        let mut names = Names::default();
        let given = ["a.wav", "a.ogg", "A.flac", "a-2.wav", "b/a.wav", "-"].map(|p| names.name(Path::new(p)));
        assert_eq!(given, ["a", "a-2", "A-3", "a-2-2", "b_a", "stdin"]);
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        assert_eq!(file_name("Bark, loud/../x"), "Bark__loud_.._x");
        assert_eq!(file_name("../../etc"), "__.._etc");
        assert_eq!(file_name(".."), "_");
        assert_eq!(file_name(&"é".repeat(500)).chars().count(), MAX_CHARS);
        assert_eq!(file_name(&"録".repeat(80)), "録".repeat(MAX_BYTES / 3));
    }

    #[test]
    fn of_many_recordings_whose_names_are_cut_to_one_each_is_numbered_at_once() {
        let mut names = Names::default();
        let long = "a".repeat(90);
        // Counted up from 2 for each, this would take many minutes.
        for i in 1..=100_000 {
            let name = names.name(Path::new(&format!("{long}/{i}.wav")));
            assert_eq!(name.len() > MAX_CHARS, i > 1);
        }
        assert_eq!(names.given.len(), 100_000);
    }
}
