use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a child did not do its work.
///
/// Messages have no passwords and no keys in them: see [`without_secrets`](crate::without_secrets).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// There is no such program.
    #[error("{program}: there is no program of this name; install it, or put its folder on the PATH")]
    NotFound {
        /// The program as it was asked for.
        program: String,
    },
    /// The program is there but cannot be started.
    #[error("{program}: cannot be started")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It took too long and was ended.
    #[error("{program}: ended after {} s, the time limit{said}", limit.as_secs_f64())]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
        /// The end of what it said on standard error, with `: ` in front; or empty.
        said: String,
    },
    /// It was ended since the user wished to stop.
    #[error("{program}: ended, as was wished")]
    Stopped {
        /// The program.
        program: String,
    },
    /// It said more than was allowed and was ended.
    #[error("{program}: ended, since it printed more than {limit} bytes")]
    TooMuchOutput {
        /// The program.
        program: String,
        /// The most bytes on standard output.
        limit: usize,
    },
    /// It ended with a failure.
    #[error("{program}: {status}{said}")]
    Failed {
        /// The program.
        program: String,
        /// Its exit status.
        status: ExitStatus,
        /// The end of what it said on standard error, with `: ` in front; or empty.
        said: String,
    },
    /// The system failed in reading from it or waiting for it.
    #[error("{program}: {what}")]
    Io {
        /// The program.
        program: String,
        /// What failed.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// The last lines of what a program said, for a message; empty, or with `: ` in front.
pub(super) fn said(stderr: &str) -> String {
    const LINES: usize = 3;
    const CHARS: usize = 400;
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    if last.is_empty() {
        return String::new();
    }
    let text = crate::without_secrets(&last.join(" / "));
    let skipped = text.chars().count().saturating_sub(CHARS);
    let dots = if skipped > 0 { "..." } else { "" };
    format!(": {dots}{}", text.chars().skip(skipped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_last_lines_and_no_password() {
        assert_eq!(said(" \n"), "");
        assert_eq!(
            said("a\nb\n\nproxy http://u:p@h failed\nd\n"),
            ": b / proxy http://...@h failed / d"
        );
        let long = said(&"x".repeat(10_000));
        assert!(long.starts_with(": ...xxx") && long.len() == 405, "{long}");
    }
}
