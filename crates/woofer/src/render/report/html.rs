use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::metrics::Estimate;

/// Text made fit to stand in HTML or SVG, between tags or in a quoted attribute.
///
/// Control characters, which neither may hold, become the replacement character.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The bytes of a file as an address that holds them.
pub fn data_address(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

/// A value with its interval, small, behind it.
pub fn estimate(estimate: Estimate) -> String {
    let value = number(estimate.value);
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => {
            format!("{value} <span class=\"interval\">{low:.3}–{high:.3}</span>")
        }
        _ => value,
    }
}

/// A value to three places, or `n/a`.
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_means_something_to_a_browser_is_left() {
        assert_eq!(
            escaped("<a href=\"x\" onclick='y'>&\u{0}\u{1b}é</a>"),
            "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;\u{fffd}\u{fffd}é&lt;/a&gt;"
        );
    }

    #[test]
    fn bytes_become_an_address() {
        assert_eq!(
            data_address("audio/wav", b"RIFF"),
            "data:audio/wav;base64,UklGRg=="
        );
    }
}
