use std::collections::HashSet;
use std::path::Path;

/// Longest name that is made of a path, in characters; a file system allows some 255 bytes.
const MAX_CHARS: usize = 80;

/// Names for files that are made of recordings: each its own, also where capitals do not count.
#[derive(Default)]
pub struct Names {
    given: HashSet<String>,
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
        let mut number = 1;
        while !self.given.insert(unique.to_lowercase()) {
            number += 1;
            unique = format!("{name}-{number}");
        }
        unique
    }
}

/// A text as the name of a file on any system: letters, digits and `-_.+` stay, all else becomes `_`.
pub fn file_name(text: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let name: String = text
        .chars()
        .take(MAX_CHARS)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
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
    }
}
