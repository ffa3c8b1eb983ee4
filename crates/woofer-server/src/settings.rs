use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// How the service is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What a request may take.
    pub limits: Limits,
    /// Threads that score; one a core if none is given.
    pub workers: Option<NonZeroUsize>,
    /// Asked of everyone but health checks, if there is one.
    pub token: Option<Token>,
    /// Origins whose pages may use the service; none by default.
    pub cors_origins: Vec<String>,
    /// Whether models come and go by `SageMaker`'s multi-model API, and from where.
    pub multi_model: Option<MultiModel>,
}

/// What a request may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Bytes of all bodies and answers that are held at a time.
    pub held_bytes: usize,
    /// Files in one body.
    pub files: usize,
    /// Seconds of a recording, as it is decoded.
    pub duration_s: f64,
    /// Time from the end of the header to the answer.
    pub request: Duration,
    /// Time in which a header must be complete; a connection that waits for its next request has it too.
    pub header: Duration,
    /// Longest pause in the middle of a body.
    pub body_pause: Duration,
    /// Header lines of a request.
    pub headers: usize,
    /// Recordings that wait to be scored.
    pub queue: usize,
    /// Time that a recording may be expected to wait; each worker may always have one that waits.
    pub wait: Duration,
    /// Recordings that go through the network at once.
    pub batch: usize,
    /// Open connections.
    pub connections: usize,
    /// Time to finish what is under way when the service is told to stop.
    pub shutdown: Duration,
    /// Time beyond a request's own after which a worker that has not come back is replaced.
    pub hang: Duration,
    /// Time in which an answer must be taken.
    pub answer: Duration,
    /// Models loaded at a time.
    pub models: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 100 << 20,
            held_bytes: 256 << 20,
            files: 64,
            duration_s: 600.0,
            // SageMaker gives up after 60 seconds.
            request: Duration::from_secs(58),
            header: Duration::from_secs(10),
            body_pause: Duration::from_secs(10),
            headers: 64,
            queue: 64,
            wait: Duration::from_millis(300),
            batch: 4,
            connections: 16_384,
            // SageMaker kills after 30 seconds.
            shutdown: Duration::from_secs(25),
            hang: Duration::from_secs(10),
            answer: Duration::from_mins(5),
            models: 16,
        }
    }
}

/// Models that come and go by `SageMaker`'s multi-model API.
#[derive(Debug, Clone)]
pub struct MultiModel {
    /// Only models below this folder are loaded.
    pub root: PathBuf,
}

/// A bearer token; it is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token of at least one visible ASCII character and nothing else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| Self(text.to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_and_never_printed() {
        assert!(Token::new("  ").is_none() && Token::new("two words").is_none());
        let token = Token::new("secret\n").unwrap();
        assert_eq!(token.text(), "secret");
        assert!(!format!("{token:?}").contains("secret"));
    }
}
