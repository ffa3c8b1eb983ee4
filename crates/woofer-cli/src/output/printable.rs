use std::borrow::Cow;

/// Text that stays on its line and cannot steer a terminal: control characters are written as escapes.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        let escaped = |c: char| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        };
        Cow::Owned(text.chars().map(escaped).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_all_else_stays() {
        assert_eq!(printable("a\nb\u{1b}[31m é"), "a\\nb\\u{1b}[31m é");
        assert!(matches!(printable("plain é \"x\""), Cow::Borrowed(_)));
    }
}
