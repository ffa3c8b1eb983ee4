use std::fs;
use std::path::{Path, PathBuf};

use super::reason::Reason;
use super::sections::Section;
use super::settings::FetchSettings;
use crate::child::{ChildError, Finished, Program};
use crate::{Stop, without_secrets};

/// How much of what a program said is kept in the journal.
const DETAIL: usize = 300;

/// The largest video that is fetched whole: two hours of sound at the highest rate of YouTube.
const MAX_WHOLE: &str = "200M";

/// What stands before the length of a video in what `yt-dlp` prints.
const DURATION: &str = "woofer-duration ";

/// Why a video did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub reason: Reason,
    pub detail: String,
}

impl Refused {
    pub fn new(reason: Reason, detail: &str) -> Self {
        let detail = without_secrets(detail.trim());
        Self {
            reason,
            detail: detail.chars().take(DETAIL).collect(),
        }
    }
}

/// What is to be fetched of a video.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    Sections(&'a [Section]),
    Whole,
}

/// What came of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    pub files: Vec<PathBuf>,
    /// The length of the whole video, as far as it is known.
    duration_s: Option<f64>,
}

impl Fetched {
    /// Whether the video ends before a time; if its length is not known, what came is taken for all of it.
    pub fn ends_before(&self, ms: u32) -> bool {
        // Lengths are told in whole seconds.
        self.duration_s
            .is_none_or(|duration_s| duration_s < f64::from(ms) / 1_000.0 + 1.0)
    }
}

/// The command that fetches a part of a video's sound into a folder of its own.
///
/// A section keeps the times of the video (`-copyts`), so that it can be told where it truly begins.
pub fn command(settings: &FetchSettings, video: &str, part: Part, folder: &Path) -> Program {
    let mut program = Program::new(&settings.yt_dlp).args([
        "--ignore-config",
        "--no-playlist",
        "--no-progress",
        "--no-mtime",
        "--retries",
        "2",
        "--socket-timeout",
        "20",
        "--format",
        "bestaudio/best",
    ]);
    match part {
        Part::Sections(sections) => {
            for section in sections {
                program = program.args(["--download-sections", &section.argument()]);
            }
            program = program.args([
                "--downloader-args",
                "ffmpeg:-copyts",
                "--output",
                "%(section_start)d.%(ext)s",
            ]);
        }
        Part::Whole => {
            program = program.args(["--max-filesize", MAX_WHOLE, "--output", "whole.%(ext)s"]);
            program = program.args(["--print", &format!("after_move:{DURATION}%(duration)s")]);
        }
    }
    if Path::new(&settings.ffmpeg).components().count() > 1 {
        program = program.arg("--ffmpeg-location").arg(&settings.ffmpeg);
    }
    if let Some(proxy) = &settings.proxy {
        program = program.args(["--proxy", proxy]);
    }
    if settings.cookies.is_some() {
        program = program.arg("--cookies").arg(cookies_copy(folder));
    }
    if let Some(browser) = &settings.cookies_from_browser {
        program = program.args(["--cookies-from-browser", browser]);
    }
    program
        .args(&settings.more_args)
        .arg(format!("https://www.youtube.com/watch?v={video}"))
        .current_dir(folder)
        .time_limit(settings.time_limit)
}

fn cookies_copy(folder: &Path) -> PathBuf {
    folder.join("cookies.txt")
}

/// Fetches a part of a video into an empty folder, and returns the files.
///
/// # Errors
/// Why it did not come. The outer error is a child that was ended since the user wished to stop, or a program that
/// cannot be started any more.
pub fn fetch(
    settings: &FetchSettings,
    video: &str,
    part: Part,
    folder: &Path,
    stop: &Stop,
) -> Result<Result<Fetched, Refused>, ChildError> {
    if let Some(cookies) = &settings.cookies
        // yt-dlp writes its cookies back: eight of them at a time would spoil the file.
        && let Err(error) = fs::copy(cookies, cookies_copy(folder))
    {
        let detail = format!("{}: {error}", cookies.display());
        return Ok(Err(Refused::new(Reason::ToolFailed, &detail)));
    }
    let finished = match command(settings, video, part, folder).run(stop) {
        Ok(finished) => finished,
        Err(error @ ChildError::TimedOut { .. }) => {
            return Ok(Err(Refused::new(Reason::TimedOut, &error.to_string())));
        }
        Err(error @ (ChildError::Stopped { .. } | ChildError::NotFound { .. })) => return Err(error),
        Err(error) => return Ok(Err(Refused::new(Reason::ToolFailed, &error.to_string()))),
    };
    let _ = fs::remove_file(cookies_copy(folder));
    disk_is_full(&finished)?;
    if !finished.status.success() {
        let reason = Reason::of_yt_dlp(&finished.stderr);
        let detail = last_words(&finished.stderr).map_or_else(|| finished.status.to_string(), str::to_owned);
        return Ok(Err(Refused::new(reason, &detail)));
    }
    let files = fs::read_dir(folder).map(|entries| {
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        paths.filter(|path| path.is_file()).collect::<Vec<_>>()
    });
    Ok(match files {
        Ok(files) if !files.is_empty() => Ok(Fetched {
            files,
            duration_s: finished
                .text()
                .lines()
                .find_map(|line| line.strip_prefix(DURATION)?.parse().ok()),
        }),
        // It says nothing of a file that is too large, and calls it a success.
        Ok(_) if matches!(part, Part::Whole) => {
            let detail = format!("yt-dlp left no file: the whole video has more than {MAX_WHOLE}");
            Err(Refused::new(Reason::TooLarge, &detail))
        }
        Ok(_) => Err(Refused::new(Reason::ToolFailed, "yt-dlp left no file")),
        Err(error) => Err(Refused::new(Reason::ToolFailed, &error.to_string())),
    })
}

/// The last error that `yt-dlp` told, or the last it said where it calls nothing an error, as of its own failures in
/// Python.
fn last_words(stderr: &str) -> Option<&str> {
    let mut lines = stderr.lines().rev().filter(|line| !line.trim().is_empty());
    let last = lines.clone().next();
    lines.find(|line| line.contains("ERROR")).or(last)
}

/// A full disk is nothing that another attempt or another video mends.
pub fn disk_is_full(finished: &Finished) -> Result<(), ChildError> {
    if !finished.status.success() && finished.stderr.to_lowercase().contains("no space left") {
        return Err(ChildError::Io {
            program: finished.program.clone(),
            what: "cannot write",
            source: std::io::ErrorKind::StorageFull.into(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_is_kept_and_without_one_the_last_line() {
        for (said, kept) in [
            ("WARNING: a\nERROR: b\nERROR: c\nd\n", Some("ERROR: c")),
            (
                "Traceback (most recent call last):\n  File \"x\"\nFileNotFoundError: 'cookies.txt'\n\n",
                Some("FileNotFoundError: 'cookies.txt'"),
            ),
            ("\n", None),
        ] {
            assert_eq!(last_words(said), kept);
        }
    }
}
