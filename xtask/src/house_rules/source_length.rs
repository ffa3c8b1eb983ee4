//! One concept a file: what is long holds two.

/// Most lines that a source file of a crate has, its unit tests among them.
const MAX_LINES: usize = 500;

/// What is wrong with the length of a source file; integration tests may be longer.
pub fn fault(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (path.contains("/src/") && lines > MAX_LINES)
        .then(|| format!("{path}: {lines} lines; at most {MAX_LINES}: does it hold more than one concept?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_has_a_longest_length_and_a_test_has_none() {
        let text = |lines: usize| "\n".repeat(lines);
        assert_eq!(fault("crates/a/src/mel.rs", &text(MAX_LINES)), None);
        assert!(fault("crates/a/src/mel.rs", &text(MAX_LINES + 1)).is_some());
        assert_eq!(fault("crates/a/tests/mel.rs", &text(MAX_LINES + 1)), None);
    }
}
