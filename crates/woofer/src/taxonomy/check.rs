use std::collections::HashSet;

use super::definition::{FineLabel, Taxonomy};
use crate::schema_version_fault;

/// The version of the file format that this program writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// The most seconds that an event may have to last.
const LONGEST_MIN_EVENT_S: f64 = 3600.0;

impl Taxonomy {
    /// What is wrong with the values, if anything is; for taxonomies that came inside another file.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let unknown = schema_version_fault(self.schema_version, SCHEMA_VERSION);
        if unknown.is_some() {
            return unknown;
        }
        if self.classes.len() < 2 {
            return Some(format!(
                "a taxonomy has at least two classes, and this one has {}",
                self.classes.len()
            ));
        }
        let mut names = HashSet::new();
        let mut fine_names = HashSet::new();
        let mut mids = HashSet::new();
        for class in &self.classes {
            let name = &class.name;
            if name.trim().is_empty() || name.contains(|c: char| c.is_control() || c == ',') {
                return Some(format!(
                    "class name {name:?}: a name is not empty and has no comma or control character"
                ));
            }
            if !names.insert(name) {
                return Some(format!("class {name:?} stands twice"));
            }
            if !is_color(&class.color) {
                return Some(format!(
                    "class {name:?}: color {:?} is not like \"#d95f02\"",
                    class.color
                ));
            }
            if let Some(least_s) = class.min_event_s
                && !(0.0..=LONGEST_MIN_EVENT_S).contains(&least_s)
            {
                return Some(format!(
                    "class {name:?}: min_event_s = {least_s} is not between 0 and {LONGEST_MIN_EVENT_S}"
                ));
            }
            if class.fine.is_empty() {
                return Some(format!("class {name:?} has no fine label; it needs at least one"));
            }
            for fine in &class.fine {
                if fine.name.trim().is_empty() || !fine_names.insert((name, &fine.name)) {
                    return Some(format!(
                        "class {name:?}: fine label {:?} is empty or stands twice",
                        fine.name
                    ));
                }
                for mid in fine.audioset_evidence() {
                    if let Some(fault) = mid_fault(mid, &mut mids) {
                        return Some(format!("class {name:?}: {fault}"));
                    }
                }
            }
        }
        for mid in &self.audioset_ignored {
            if let Some(fault) = mid_fault(mid, &mut mids) {
                return Some(format!("audioset_ignored: {fault}"));
            }
        }
        if let Some(fault) = self.background_fault() {
            return Some(format!("audioset_background: {fault}"));
        }
        match &self.rest {
            None if !self.audioset_ignored.is_empty() => Some(
                "audioset_ignored needs a rest: the class for which all labels speak that stand nowhere"
                    .to_owned(),
            ),
            None if !self.audioset_background.is_empty() => Some(
                "audioset_background needs a rest: the class for which what goes on under others speaks"
                    .to_owned(),
            ),
            Some(rest) if !names.contains(rest) => Some(format!("rest = {rest:?} is none of the classes")),
            _ => None,
        }
    }

    /// What is wrong with the labels of the background, if anything is.
    fn background_fault(&self) -> Option<String> {
        let mut mids = HashSet::new();
        let of_others: HashSet<&String> = (self.classes.iter())
            .filter(|class| self.rest.as_ref() != Some(&class.name))
            .flat_map(|class| class.fine.iter().flat_map(FineLabel::audioset_evidence))
            .chain(&self.audioset_ignored)
            .collect();
        self.audioset_background.iter().find_map(|mid| {
            mid_fault(mid, &mut mids).or_else(|| {
                of_others.contains(mid).then(|| {
                    format!("AudioSet label {mid:?} speaks for another class than the rest, or for none")
                })
            })
        })
    }
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What is wrong with an AudioSet label beside those before it, if anything is.
fn mid_fault<'a>(mid: &'a str, others: &mut HashSet<&'a str>) -> Option<String> {
    if !is_mid(mid) {
        return Some(format!("AudioSet label {mid:?} is not like \"/m/05tny_\""));
    }
    (!others.insert(mid)).then(|| format!("AudioSet label {mid:?} counts twice"))
}

fn is_mid(text: &str) -> bool {
    ["/m/", "/t/", "/g/"].iter().any(|prefix| {
        text.strip_prefix(prefix)
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_with_the_value() {
        let base = "schema_version = 1\nname = \"t\"\n[[class]]\nname = \"A\"\ncolor = \"#000000\"\nfine = [{ name = \"a\" }]\n";
        let class = |name: &str, color: &str, fine: &str| {
            format!("{base}[[class]]\nname = \"{name}\"\ncolor = \"{color}\"\nfine = [{fine}]\n")
        };
        let ok = "{ name = \"b\" }";
        let headed = |fine: &str, head: &str| {
            class("B", "#ffffff", fine).replace("name = \"t\"", &format!("name = \"t\"\n{head}"))
        };
        for (text, part) in [
            (base.to_owned(), "at least two"),
            (class("A", "#ffffff", ok), "\"A\" stands twice"),
            (class("B", "red", ok), "\"red\""),
            (class("B", "#ffffff", ""), "no fine label"),
            (
                class("B", "#ffffff", "{ name = \"b\", audioset = [\"Bark\"] }"),
                "\"Bark\"",
            ),
            (
                class("B", "#ffffff", "{ name = \"b\" }, { name = \"b\" }"),
                "stands twice",
            ),
            (headed(ok, "rest = \"C\""), "\"C\""),
            (
                class("B", "#ffffff", ok).replace("schema_version = 1", "schema_version = 9"),
                "9",
            ),
            (class("B", "#ffffff", ok).replace("color", "colour"), "colour"),
            (headed(ok, "audioset_ignored = [\"/m/0jbk\"]"), "needs a rest"),
            (
                headed(ok, "rest = \"B\"\naudioset_ignored = [\"/m/0jbk\", \"/m/0jbk\"]"),
                "counts twice",
            ),
            (
                headed(ok, "audioset_background = [\"/m/0838f\"]"),
                "audioset_background needs a rest",
            ),
            (
                headed(
                    ok,
                    "rest = \"B\"\naudioset_background = [\"/m/0838f\", \"/m/0838f\"]",
                ),
                "counts twice",
            ),
            (
                headed(
                    "{ name = \"b\", audioset = [\"/m/0838f\"] }",
                    "rest = \"A\"\naudioset_background = [\"/m/0838f\"]",
                ),
                "speaks for another class than the rest",
            ),
            (
                headed(
                    ok,
                    "rest = \"A\"\naudioset_background = [\"/m/0838f\"]\naudioset_ignored = [\"/m/0838f\"]",
                ),
                "or for none",
            ),
            ("not toml".to_owned(), "my.toml"),
        ] {
            let error = Taxonomy::parse(&text, "my.toml").unwrap_err().to_string();
            assert!(
                error.contains(part) && error.contains("my.toml"),
                "{part}: {error}"
            );
        }
    }
}
