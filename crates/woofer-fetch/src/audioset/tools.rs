use std::ffi::OsString;
use std::time::Duration;

use super::error::FetchError;
use crate::Stop;
use crate::child::{ChildError, Program};

/// How long a program may take to tell its version.
const VERSION_LIMIT: Duration = Duration::from_secs(30);

const INSTALL_YT_DLP: &str = "Install it with `pipx install yt-dlp` (or `python3 -m pip install -U yt-dlp`; \
    distributions' own packages are often too old for YouTube), or name it with --yt-dlp PATH";
const INSTALL_FFMPEG: &str = "Install it with `apt install ffmpeg`, `dnf install ffmpeg-free`, `brew install ffmpeg` or from \
    ffmpeg.org, or name it with --ffmpeg PATH";

/// A program that was found to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name or path.
    pub program: OsString,
    /// Its version, as it tells it.
    pub version: String,
}

/// Finds `yt-dlp`.
///
/// # Errors
/// It is not there or does not tell its version; the message tells how to install it.
pub fn find_yt_dlp(program: &OsString, stop: &Stop) -> Result<Tool, FetchError> {
    find(program, "--version", INSTALL_YT_DLP, stop, |text| {
        text.lines().next().map(str::to_owned)
    })
}

/// Finds `ffmpeg`.
///
/// # Errors
/// As [`find_yt_dlp`].
pub fn find_ffmpeg(program: &OsString, stop: &Stop) -> Result<Tool, FetchError> {
    find(program, "-version", INSTALL_FFMPEG, stop, |text| {
        text.strip_prefix("ffmpeg version ")?
            .split_whitespace()
            .next()
            .map(str::to_owned)
    })
}

fn find(
    program: &OsString,
    question: &str,
    install: &'static str,
    stop: &Stop,
    version: impl Fn(&str) -> Option<String>,
) -> Result<Tool, FetchError> {
    let name = program.to_string_lossy().into_owned();
    let asked = Program::new(program).arg(question).time_limit(VERSION_LIMIT);
    let finished = asked.run(stop).and_then(crate::child::Finished::success);
    let finished = finished.map_err(|source| match source {
        ChildError::NotFound { .. } => FetchError::NoTool {
            program: name.clone(),
            install,
        },
        source => FetchError::BadTool {
            program: name.clone(),
            install,
            source,
        },
    })?;
    match version(&finished.text()).filter(|version| !version.is_empty() && version.len() < 100) {
        Some(version) => Ok(Tool {
            program: program.clone(),
            version,
        }),
        None => Err(FetchError::OtherTool {
            program: name,
            install,
            said: finished.text().chars().take(80).collect(),
        }),
    }
}

impl Tool {
    /// How many days a version that is a date, as `2026.10.26`, is older than a day, counted from 1970.
    #[must_use]
    pub fn age_days(&self, today: u64) -> Option<u64> {
        let mut parts = self.version.split('.').map(str::parse::<u64>);
        let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        if !(2_000..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Days since 1970 of a date: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
        let (y, m) = if month <= 2 {
            (year - 1, month + 9)
        } else {
            (year, month - 3)
        };
        let (era, of_era) = (y / 400, y % 400);
        let of_year = (153 * m + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Some(today.saturating_sub(days.checked_sub(719_468)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_a_date_has_an_age() {
        let age = |version: &str, today| {
            let (program, version) = (OsString::from("yt-dlp"), version.to_owned());
            Tool { program, version }.age_days(today)
        };
        // 2026-10-26 is day 20752.
        assert_eq!(age("2026.10.26", 20_752), Some(0));
        assert_eq!(age("2026.10.26", 20_762), Some(10));
        assert_eq!(age("2024.02.29", 19_783), Some(1));
        assert_eq!(age("1970.01.01", 0), None);
        assert_eq!(age("7.1", 20_000), None);
    }

    #[test]
    fn a_program_that_is_not_there_or_another_one_is_told_with_how_to_install_it() {
        for (program, part) in [
            (
                "woofer-no-such-program",
                "is needed and is not there. Install it with `apt install ffmpeg`",
            ),
            ("false", "is needed and does not work"),
            ("echo", "is needed, and this is another program"),
        ] {
            let error = find_ffmpeg(&program.into(), &Stop::new())
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
