//! Times in the tables, which have them to the millisecond.

/// Milliseconds. The tables give no more digits, and whole numbers keep sums exact.
pub type Ms = u32;

/// The latest time that is read: a week.
const MAX_MS: Ms = 7 * 24 * 3_600 * 1_000;

/// Reads whole milliseconds, such as `30000`.
pub(super) fn parse_whole_ms(text: &[u8]) -> Option<Ms> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value: Ms = 0;
    for digit in text {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + Ms::from(digit - b'0');
    }
    (value <= MAX_MS).then_some(value)
}

/// Reads seconds, such as `7.719`, rounded to the millisecond; a sign or an exponent is not read.
pub(super) fn parse_seconds(text: &[u8]) -> Option<Ms> {
    let (whole, fraction) = match text.iter().position(|b| *b == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() || whole.len() > 6 || fraction.len() > 20 {
        return None;
    }
    let mut seconds: Ms = 0;
    for digit in whole {
        if !digit.is_ascii_digit() {
            return None;
        }
        seconds = seconds * 10 + Ms::from(digit - b'0');
    }
    // Four digits, of which the last rounds.
    let mut tenths: Ms = 0;
    for place in 0..4 {
        tenths = tenths * 10
            + fraction
                .get(place)
                .map_or(0, |digit| Ms::from(digit.wrapping_sub(b'0')));
    }
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    seconds
        .checked_mul(1_000)?
        .checked_add((tenths + 5) / 10)
        .filter(|ms| *ms <= MAX_MS)
}

/// Milliseconds as seconds with three digits.
pub(super) fn format_seconds(ms: Ms) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// Milliseconds as seconds.
#[must_use]
pub fn seconds(ms: Ms) -> f64 {
    f64::from(ms) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        for (text, ms) in [
            ("0", Some(0)),
            ("0.000", Some(0)),
            ("10.000", Some(10_000)),
            ("7.719", Some(7_719)),
            ("7.7194", Some(7_719)),
            ("7.7195", Some(7_720)),
            ("7.71949999", Some(7_719)),
            ("9.9996", Some(10_000)),
            (".5", Some(500)),
            ("3.", Some(3_000)),
            ("604800", Some(604_800_000)),
            ("604801", None),
            ("", None),
            (".", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("nan", None),
            ("1,5", None),
            ("1.2.3", None),
            ("1.0a", None),
            ("9999999999999999999999", None),
        ] {
            assert_eq!(parse_seconds(text.as_bytes()), ms, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(ms in 0..=MAX_MS) {
            prop_assert_eq!(parse_seconds(format_seconds(ms).as_bytes()), Some(ms));
            prop_assert_eq!(parse_whole_ms(ms.to_string().as_bytes()), Some(ms));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            parse_seconds(&bytes);
            parse_whole_ms(&bytes);
        }
    }
}
