use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use woofer::audioset::{Plan, PlannedCut};

use super::cutting::{self, cut_with_ffmpeg, is_enough, is_whole};
use super::error::FetchError;
use super::journal::{Entries, Entry, Journal, State};
use super::pace::{Pace, Refusal};
use super::pending::pending;
use super::reason::Reason;
use super::sections::{Section, sections};
use super::settings::FetchSettings;
use super::tools::{Tool, find_ffmpeg, find_yt_dlp};
use super::work_folder::{JobFolder, WorkRoot};
use super::workers::for_each;
use super::yt_dlp::{self, Fetched, Part, Refused};
use crate::Stop;
use crate::child::ChildError;
use crate::secrets::args_without_secrets;

/// What happens during a run, for showing progress.
#[derive(Debug)]
pub enum Progress<'a> {
    /// So many cuts are to be made now.
    Begins {
        /// Cuts.
        cuts: usize,
        /// The version of `yt-dlp`.
        yt_dlp: &'a Tool,
    },
    /// It is settled how it stands with a cut.
    Cut(&'a Entry),
    /// All wait, since the server said that it is too much.
    Rests(Duration),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every cut of the plan was tried.
    Finished,
    /// The user wished to stop.
    Stopped,
    /// The server refused too often; a later run goes on.
    Refused,
}

/// What ends a worker before its time.
enum Halt {
    Stopped,
    Failed(FetchError),
}

struct Run<'a> {
    settings: &'a FetchSettings,
    stop: &'a Stop,
    // Before the journal, so that it is gone before another program may begin.
    work: WorkRoot,
    journal: Journal,
    pace: Pace,
    yt_dlp: Tool,
    /// The server refused too often.
    refused: AtomicBool,
    tell: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// Fetches the cuts of a plan that are not there yet, and writes down in the journal what became of each.
///
/// The same call goes on where an earlier one ended, however it ended.
///
/// # Errors
/// The folder cannot be written or is in use, the journal is none, or `yt-dlp` or `ffmpeg` are missing.
pub fn fetch(
    plan: &Plan,
    settings: &FetchSettings,
    stop: &Stop,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<RunEnd, FetchError> {
    let to_do = |entries: &Entries| pending(plan, entries, settings);
    if to_do(&Journal::read(&settings.folder)?).is_empty() && !WorkRoot::is_left(&settings.folder) {
        return Ok(RunEnd::Finished);
    }
    // Before anything is written.
    let yt_dlp = find_yt_dlp(&settings.yt_dlp, stop)?;
    find_ffmpeg(&settings.ffmpeg, stop)?;
    let (journal, entries) = Journal::open(&settings.folder)?;
    let work = WorkRoot::create(&settings.folder)
        .map_err(|source| FetchError::unwritable(&settings.folder, source))?;
    let videos = to_do(&entries);
    drop(entries);
    tell(Progress::Begins {
        cuts: videos.iter().map(Vec::len).sum(),
        yt_dlp: &yt_dlp,
    });
    let run = Run {
        settings,
        stop,
        work,
        journal,
        pace: Pace::new(settings.per_minute, settings.pause),
        yt_dlp,
        refused: AtomicBool::new(false),
        tell,
    };
    if let Err(Halt::Failed(error)) = for_each(videos, settings.jobs, |cuts| run.video(cuts)) {
        return Err(error);
    }
    Ok(if stop.is_wished() {
        RunEnd::Stopped
    } else if run.refused.load(Ordering::Relaxed) {
        RunEnd::Refused
    } else {
        RunEnd::Finished
    })
}

impl Run<'_> {
    /// Makes the cuts of one video, and settles each.
    fn video(&self, mut left: Vec<&PlannedCut>) -> Result<(), Halt> {
        let Some(video) = left.first().map(|cut| cut.video) else {
            return Ok(());
        };
        let mut whole = false;
        let (mut tries, mut refusals) = (0, 0);
        let mut last = Refused::new(Reason::ToolFailed, "");
        while tries < self.settings.tries {
            if self.refused.load(Ordering::Relaxed) || !self.pace.wait_for_turn(self.stop) {
                return Err(Halt::Stopped);
            }
            tries += 1;
            let folder = self.work.job().map_err(|error| self.unwritable(error))?;
            let wanted = sections(&left);
            let part = if whole {
                Part::Whole
            } else {
                Part::Sections(&wanted)
            };
            match yt_dlp::fetch(self.settings, video.as_str(), part, &folder.path, self.stop).map_err(halt)? {
                Ok(fetched) => {
                    self.pace.welcome();
                    left = self.cut(left, &fetched, &wanted, whole, &folder)?;
                    if left.is_empty() {
                        return Ok(());
                    }
                    let what = if whole { "video" } else { "section" };
                    last = Refused::new(
                        Reason::Truncated,
                        &format!("the {what} does not reach from the cut's start to its end"),
                    );
                    // That a section came short was no try of the whole.
                    tries -= u32::from(!whole);
                    whole = true;
                }
                Err(refused) if refused.reason.is_permanent() => {
                    return self.settle(&left, State::Gone, &refused);
                }
                Err(refused) => {
                    if refused.reason == Reason::RateLimited {
                        // It says nothing of the video, but a video that is refused whatever one does comes to an end too.
                        refusals += 1;
                        tries -= u32::from(refusals <= 2 * self.settings.tries);
                        self.rest()?;
                    } else if self.stop.wait(self.settings.pause / 30 * tries) {
                        return Err(Halt::Stopped);
                    }
                    last = refused;
                }
            }
        }
        self.settle(&left, State::Retry, &last)
    }

    fn rest(&self) -> Result<(), Halt> {
        match self.pace.refused() {
            Refusal::Rest(pause) => (self.tell)(Progress::Rests(pause)),
            Refusal::RestsAlready => {}
            Refusal::GiveUp => {
                self.refused.store(true, Ordering::Relaxed);
                return Err(Halt::Stopped);
            }
        }
        Ok(())
    }

    /// Cuts what can be cut out of the files that came, and returns the others.
    fn cut<'c>(
        &self,
        cuts: Vec<&'c PlannedCut>,
        fetched: &Fetched,
        wanted: &[Section],
        whole: bool,
        folder: &JobFolder,
    ) -> Result<Vec<&'c PlannedCut>, Halt> {
        let mut left = Vec::new();
        for cut in cuts {
            let name = match wanted.iter().find(|section| section.holds(cut)) {
                Some(section) if !whole => section.start_s.to_string(),
                _ => "whole".to_owned(),
            };
            let named =
                |path: &&std::path::PathBuf| path.file_stem().is_some_and(|stem| stem == name.as_str());
            let Some(file) = fetched.files.iter().find(named) else {
                left.push(cut);
                continue;
            };
            let clip = folder.path.join("clip.wav");
            let (ffmpeg, rate_hz) = (&self.settings.ffmpeg, self.settings.rate_hz);
            match cut_with_ffmpeg(ffmpeg, file, cut, rate_hz, &clip, self.stop).map_err(halt)? {
                Ok(length_ms) if is_whole(length_ms, cut) => self.place(cut, &clip, length_ms, "")?,
                // The video ends before the cut does: the tables are older than some videos' ends.
                Ok(length_ms) if whole && fetched.ends_before(cut.end_ms) => {
                    if is_enough(length_ms, cut) {
                        self.place(cut, &clip, length_ms, "ends with the video")?;
                    } else {
                        let refused = Refused::new(Reason::TooShort, "the video ends before the cut");
                        self.settle(&[cut], State::Gone, &refused)?;
                    }
                }
                Err(refused) if refused.reason.is_permanent() => {
                    self.settle(&[cut], State::Gone, &refused)?;
                }
                Ok(_) | Err(_) => left.push(cut),
            }
        }
        Ok(left)
    }

    /// Puts a clip in its place.
    fn place(&self, cut: &PlannedCut, clip: &Path, length_ms: u64, detail: &str) -> Result<(), Halt> {
        let by = format!("yt-dlp {}", self.yt_dlp.version);
        let entry = place(self.settings, cut, clip, length_ms, detail, by).map_err(|e| self.unwritable(e))?;
        self.record(&entry)
    }

    /// Writes down that there is no clip.
    fn settle(&self, cuts: &[&PlannedCut], state: State, refused: &Refused) -> Result<(), Halt> {
        for cut in cuts {
            let by = format!("yt-dlp {}", self.yt_dlp.version);
            self.record(&without_clip(cut, state, refused, by))?;
        }
        Ok(())
    }

    fn record(&self, entry: &Entry) -> Result<(), Halt> {
        self.journal.add(entry).map_err(Halt::Failed)?;
        (self.tell)(Progress::Cut(entry));
        Ok(())
    }

    fn unwritable(&self, error: io::Error) -> Halt {
        Halt::Failed(FetchError::unwritable(&self.settings.folder, error))
    }
}

/// Puts a clip in its place, and returns what is to be written down.
pub(super) fn place(
    settings: &FetchSettings,
    cut: &PlannedCut,
    clip: &Path,
    length_ms: u64,
    detail: &str,
    by: String,
) -> io::Result<Entry> {
    let bytes = fs::metadata(clip)?.len();
    fs::rename(clip, settings.folder.join(&cut.file))?;
    Ok(Entry {
        file: cut.file.clone(),
        video: cut.video.to_string(),
        start_ms: cut.start_ms,
        end_ms: cut.end_ms,
        state: State::Done,
        reason: None,
        detail: detail.to_owned(),
        length_ms: Some(length_ms),
        bytes: Some(bytes),
        rate_hz: Some(settings.rate_hz),
        by,
        time_s: now_s(),
    })
}

pub(super) fn without_clip(cut: &PlannedCut, state: State, refused: &Refused, by: String) -> Entry {
    Entry {
        file: cut.file.clone(),
        video: cut.video.to_string(),
        start_ms: cut.start_ms,
        end_ms: cut.end_ms,
        state,
        reason: Some(refused.reason),
        detail: refused.detail.clone(),
        length_ms: None,
        bytes: None,
        rate_hz: None,
        by,
        time_s: now_s(),
    }
}

fn halt(error: ChildError) -> Halt {
    match error {
        ChildError::Stopped { .. } => Halt::Stopped,
        error => Halt::Failed(FetchError::Tool(error)),
    }
}

fn now_s() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The settings as they may be shown.
fn without_passwords(settings: &FetchSettings) -> FetchSettings {
    FetchSettings {
        proxy: settings.proxy.as_ref().map(|_| "...".to_owned()),
        more_args: args_without_secrets(&settings.more_args),
        ..settings.clone()
    }
}

/// The commands for a video as one would type them: that which fetches it, and that which makes its first cut. Passwords
/// and keys are taken out.
#[must_use]
pub fn preview(settings: &FetchSettings, cuts: &[&PlannedCut]) -> Vec<String> {
    let folder = settings.folder.join(".work/0");
    let wanted = sections(cuts);
    let Some(cut) = cuts.first() else {
        return Vec::new();
    };
    let fetching = yt_dlp::command(
        &without_passwords(settings),
        cut.video.as_str(),
        Part::Sections(&wanted),
        &folder,
    );
    let section = wanted.first().map_or(0, |section| section.start_s);
    let from = format!("{section}.webm");
    let cutting = cutting::command(
        &settings.ffmpeg,
        Path::new(&from),
        cut,
        settings.rate_hz,
        Path::new("clip.wav"),
    );
    vec![fetching.command_line(), cutting.command_line()]
}
