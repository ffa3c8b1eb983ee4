use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use woofer::audioset::{Plan, PlannedCut};
use woofer_fetch::audioset::{
    CopyProgress, Entry, FetchSettings, Journal, Progress as FetchProgress, RunEnd, State, Status, Tool,
    cut_from_copy, fetch, pending, preview,
};
use woofer_fetch::child::guard;
use woofer_fetch::{Stop, without_secrets};

use super::args::FetchArgs;
use super::status_text::{self, duration, size};
use crate::exit::Outcome;
use crate::logging;
use crate::output::Sink;
use crate::progress::Progress;

/// What people should know before they fetch, in one line.
const COURTESY: &str = "AudioSet's labels are CC BY 4.0 (Google). The sound belongs to whoever made it: fetch what you need, \
    keep it to yourself, and see what your law and YouTube's terms say";

/// A `yt-dlp` older than this is likely to fail on YouTube.
const OLD_DAYS: u64 = 120;

/// Runs `woofer audioset fetch`.
pub fn run(args: &FetchArgs) -> anyhow::Result<Outcome> {
    let plan = Plan::open(&args.plan.plan)?;
    let settings = settings(args);
    if let Some(cookies) = &args.cookies
        && !cookies.is_file()
    {
        bail!("{}: there is no such file of cookies", cookies.display());
    }
    let copy = args.from.as_deref();
    if let Some(copy) = copy
        && !copy.is_dir()
    {
        bail!("{}: there is no such folder", copy.display());
    }
    if args.dry_run {
        return dry_run(&plan, &settings, copy, &args.plan.clips());
    }
    let stop = Stop::on_interrupt().context("Ctrl-C cannot be listened for")?;
    start_guard();
    let end = match copy {
        Some(copy) => from_copy(&plan, copy, &settings, &stop)?,
        None => from_youtube(&plan, &settings, &stop)?,
    };
    match end {
        RunEnd::Finished => {}
        RunEnd::Stopped => logging::warning("stopped; the same command goes on from here"),
        RunEnd::Refused => logging::error(
            "YouTube refused again and again (too many requests). Try again in some hours, with a lower --rate, or with \
             --cookies of a login; the same command goes on from here",
        ),
    }
    let status = Status::new(&plan, &Journal::read(&settings.folder)?, &settings.folder);
    let mut out = Sink::open(None)?;
    status_text::write(&status, &args.plan.clips(), &mut out)?;
    next(args, &status, &mut out)?;
    out.finish()?;
    Ok(match end {
        RunEnd::Finished if status.is_complete() => Outcome::Done,
        _ if status.done == 0 => Outcome::NothingDone,
        _ => Outcome::SomeFailed,
    })
}

fn next(args: &FetchArgs, status: &Status, out: &mut Sink) -> std::io::Result<()> {
    let plan = args.plan.plan.display();
    let clips = args
        .plan
        .clips
        .as_ref()
        .map_or_else(String::new, |clips| format!(" -o {}", clips.display()));
    if status.retry + status.untried > 0 {
        writeln!(
            out,
            "Next: the same command once more tries what is left; or woofer audioset meta {plan}{clips}"
        )
    } else {
        writeln!(out, "Next: woofer audioset meta {plan}{clips}")
    }
}

fn settings(args: &FetchArgs) -> FetchSettings {
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    let jobs = if args.from.is_some() { cores } else { 4 };
    FetchSettings {
        // yt-dlp runs in a folder of its own, so that nothing it is told may be relative to this one.
        folder: absolute(args.plan.clips()),
        rate_hz: args.sample_rate,
        jobs: args.jobs.map_or(jobs, Into::into),
        per_minute: args.rate,
        time_limit: Duration::from_millis(args.time_limit.into()),
        tries: args.tries,
        pause: Duration::from_millis(args.pause.into()),
        yt_dlp: program(&args.yt_dlp),
        ffmpeg: program(&args.ffmpeg),
        proxy: args.proxy.clone(),
        cookies: args.cookies.clone().map(absolute),
        cookies_from_browser: args.cookies_from_browser.clone(),
        more_args: args.yt_dlp_arg.clone(),
        // A copy may have what YouTube has no more.
        retry_gone: args.retry_gone || args.from.is_some(),
    }
}

/// A path as it is called from any folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// A program as it is called from any folder: a bare name is looked for on the PATH and stays as it is.
fn program(program: &OsStr) -> OsString {
    let path = Path::new(program);
    if path.components().count() > 1 {
        absolute(path.to_owned()).into_os_string()
    } else {
        program.to_owned()
    }
}

/// Prepares for this program's own sudden end.
fn start_guard() {
    let started = std::env::current_exe().and_then(|program| {
        let mut helper = std::process::Command::new(program);
        helper.arg("guard-children");
        guard::start(helper)
    });
    if let Err(error) = started {
        logging::detail(&format!("after a kill -9, yt-dlp may go on for a while: {error}"));
    }
}

/// A bar over all cuts that are still to be made.
fn progress_of(plan: &Plan, settings: &FetchSettings) -> anyhow::Result<Progress> {
    let entries = Journal::read(&settings.folder)?;
    let pending = pending(plan, &entries, settings);
    Ok(Progress::new(pending.iter().map(Vec::len).sum()))
}

fn from_youtube(plan: &Plan, settings: &FetchSettings, stop: &Stop) -> anyhow::Result<RunEnd> {
    let progress = progress_of(plan, settings)?;
    let end = fetch(plan, settings, stop, &|event| match event {
        FetchProgress::Begins { yt_dlp, .. } => {
            logging::warning(COURTESY);
            warn_if_old(yt_dlp);
        }
        FetchProgress::Cut(entry) => settled(&progress, entry),
        FetchProgress::Rests(pause) => progress.hide(|| {
            let pause = duration(pause.as_secs_f64());
            logging::warning(&format!("YouTube says that it is too much; all rest for {pause}"));
        }),
    });
    progress.finish();
    Ok(end?)
}

fn from_copy(plan: &Plan, copy: &Path, settings: &FetchSettings, stop: &Stop) -> anyhow::Result<RunEnd> {
    let progress = progress_of(plan, settings)?;
    let end = cut_from_copy(plan, copy, settings, stop, &|event| match event {
        CopyProgress::Begins { audio_files: 0, .. } => {
            logging::warning(&format!("{}: there is no audio file in it", copy.display()));
        }
        CopyProgress::Begins { audio_files, .. } => {
            logging::detail(&format!("{}: {audio_files} audio files", copy.display()));
        }
        CopyProgress::Cut(entry) => settled(&progress, entry),
    });
    progress.finish();
    Ok(end?)
}

fn settled(progress: &Progress, entry: &Entry) {
    progress.file_done();
    let reason = entry.reason.map_or("", |reason| reason.meaning());
    let state = match entry.state {
        State::Done => "done",
        State::Gone => "gone: ",
        State::Retry => "to be tried again: ",
    };
    let detail = if entry.detail.is_empty() {
        String::new()
    } else {
        format!(" ({})", entry.detail)
    };
    progress.hide(|| logging::detail(&format!("{}: {state}{reason}{detail}", entry.file)));
}

fn warn_if_old(yt_dlp: &Tool) {
    let today = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 86_400);
    if let Some(days) = yt_dlp.age_days(today).filter(|days| *days > OLD_DAYS) {
        logging::warning(&format!(
            "yt-dlp {} is {days} days old, and YouTube changes often; `pipx upgrade yt-dlp` if videos fail",
            yt_dlp.version
        ));
    }
}

fn dry_run(
    plan: &Plan,
    settings: &FetchSettings,
    copy: Option<&Path>,
    clips: &Path,
) -> anyhow::Result<Outcome> {
    let entries = Journal::read(&settings.folder)?;
    let videos = pending(plan, &entries, settings);
    let cuts: Vec<&PlannedCut> = videos.iter().flatten().copied().collect();
    let sound_s: f64 = cuts
        .iter()
        .map(|cut| f64::from(cut.end_ms - cut.start_ms) / 1_000.0)
        // A sum of nothing is -0.0.
        .fold(0.0, |sum, length_s| sum + length_s);
    let mut out = Sink::open(None)?;
    writeln!(
        out,
        "{} of {} clips are to be made, from {} videos: {} of sound, about {} in {}",
        cuts.len(),
        plan.cuts.len(),
        videos.len(),
        duration(sound_s),
        size(sound_s * f64::from(settings.rate_hz) * 2.0),
        clips.display()
    )?;
    match (copy, videos.first()) {
        (Some(copy), _) => writeln!(out, "They would be cut out of the files in {}.", copy.display())?,
        (None, Some(first)) => {
            if settings.per_minute.is_finite() {
                let least = videos.len() as f64 / settings.per_minute * 60.0;
                writeln!(
                    out,
                    "At {} videos a minute this takes {} or more.",
                    settings.per_minute,
                    duration(least)
                )?;
            }
            for (line, what) in preview(settings, first)
                .iter()
                .zip(["The first video:", "and for each of its cuts:"])
            {
                writeln!(out, "{what}\n  {}", without_secrets(line))?;
            }
        }
        (None, None) => {}
    }
    out.finish()?;
    Ok(Outcome::Done)
}
