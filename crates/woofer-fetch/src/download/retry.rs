use std::time::{Duration, SystemTime};

/// How often and how long to wait.
#[derive(Debug, Clone)]
pub struct Backoff {
    /// The first pause; each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// Attempts in a row that bring nothing.
    pub tries: u32,
}

impl Backoff {
    /// The pause after so many vain attempts, counted from 1; none when it is enough.
    pub fn pause(&self, vain: u32) -> Option<Duration> {
        if vain >= self.tries {
            return None;
        }
        let factor = 1u32.checked_shl(vain.saturating_sub(1)).unwrap_or(u32::MAX);
        Some(self.first.saturating_mul(factor).min(self.longest))
    }
}

/// How long a server asks to wait: `Retry-After`, in seconds or as a date.
///
/// Source: RFC 9110, section 10.2.3.
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Whether the same request may go well later: 408, 429 and the server's own faults.
pub const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599) && !matches!(status, 501 | 505)
}

/// The status in words.
pub const fn meaning(status: u16) -> &'static str {
    match status {
        300..=399 => "(a redirect to nowhere)",
        400 => "bad request",
        401 => "login needed",
        403 => "forbidden",
        404 => "not found",
        407 => "the proxy wants a login",
        410 => "gone",
        429 => "too many requests",
        451 => "withheld for legal reasons",
        500..=599 => "fault of the server",
        _ => "(no file)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_come_to_an_end() {
        let backoff = Backoff {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(5),
            tries: 5,
        };
        let pauses: Vec<_> = (1..=5).map(|vain| backoff.pause(vain)).collect();
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(pauses, [seconds(1), seconds(2), seconds(4), seconds(5), None]);
        let endless = Backoff {
            tries: u32::MAX,
            ..backoff
        };
        assert_eq!(endless.pause(100), seconds(5));
    }

    #[test]
    fn a_time_to_wait_is_read_in_seconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                expected.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
