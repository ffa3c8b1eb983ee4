//! A source file is named after the one thing it holds, so that a newcomer finds it.

/// Names that say nothing of what is inside.
const SAY_NOTHING: [&str; 9] = [
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "types",
];

/// What is wrong with the path of a source file.
pub fn fault(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let name = stem.split('/').find(|part| SAY_NOTHING.contains(part))?;
    Some(format!(
        "{path}: {name:?} does not say what is inside; name it after what it holds"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_folder_that_says_nothing_is_refused() {
        for path in [
            "crates/a/src/utils.rs",
            "crates/a/src/types.rs",
            "crates/a/tests/common/mod.rs",
        ] {
            assert!(fault(path).is_some(), "{path}");
        }
        for path in [
            "crates/a/src/mel.rs",
            "crates/a/src/common_voice.rs",
            "crates/a/src/element_types.rs",
        ] {
            assert_eq!(fault(path), None);
        }
    }
}
