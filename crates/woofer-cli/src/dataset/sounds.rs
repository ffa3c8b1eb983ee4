//! `woofer dataset sounds`: labelled sounds that no recording is needed for.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use rayon::prelude::*;
use woofer::audio::wav_bytes;
use woofer::sounds::{SOUND_RATE_HZ, SoundKind, SoundMaker};

use super::args::SoundsArgs;
use crate::exit::Outcome;
use crate::logging;
use crate::output::Sink;
use crate::progress::Progress;
use crate::result_files::write;
use crate::threads;

/// The list, as `woofer train` and others read it.
const LIST: &str = "manifest.csv";

const COLUMNS: [&str; 7] = [
    "path",
    "label",
    "fine",
    "recording",
    "source",
    "licence",
    "duration_s",
];

/// What Woofer is under, and what it makes out of nothing.
const LICENCE: &str = "MIT OR Apache-2.0";

/// Seconds of sound that are made at a time, by all threads together: half a gigabyte or so while it is made.
const SECONDS_AT_ONCE: f64 = 3_600.0;

/// One sound to be made.
struct Job {
    kind: SoundKind,
    seed: u64,
    /// The name of its file, without the ending.
    name: String,
}

impl Job {
    fn file(&self) -> String {
        format!("{}.wav", self.name)
    }
}

/// Runs `woofer dataset sounds`.
pub fn run(args: &SoundsArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    let folder = &args.output;
    let jobs = jobs(args)?;
    if !args.force {
        refuse_what_is_there(folder, &jobs)?;
    }
    fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot be made a folder for sounds", folder.display()))?;
    let n = samples(args.seconds);
    let maker = SoundMaker::default();
    let progress = Progress::new(jobs.len());
    for jobs in jobs.chunks(at_once(args.seconds)) {
        jobs.par_iter().try_for_each(|job| {
            let sound = maker.make(job.kind, job.seed, n);
            let wav = wav_bytes(&sound, SOUND_RATE_HZ);
            write(folder, &job.file(), |to| to.write_all(&wav))?;
            progress.file_done();
            anyhow::Ok(())
        })?;
    }
    progress.finish();
    write_list(folder, &jobs, n)?;
    logging::detail(&format!(
        "{} sounds of {} s, listed in {}",
        jobs.len(),
        args.seconds,
        folder.join(LIST).display()
    ));
    Ok(Outcome::Done)
}

fn jobs(args: &SoundsArgs) -> anyhow::Result<Vec<Job>> {
    let mut kinds = args.kinds.clone();
    if kinds.is_empty() {
        kinds.extend(SoundKind::ALL);
    }
    kinds.sort_unstable();
    kinds.dedup();
    let count = u64::from(args.count);
    let Some(end) = args.seed.checked_add(count) else {
        bail!(
            "--seed {}: {count} sounds would count beyond the largest seed; allowed are 0 to {}",
            args.seed,
            u64::MAX - count
        );
    };
    let of_kind = |kind: SoundKind| {
        (args.seed..end).map(move |seed| Job {
            kind,
            seed,
            name: format!("{kind}_{seed:04}"),
        })
    };
    Ok(kinds.into_iter().flat_map(of_kind).collect())
}

fn refuse_what_is_there(folder: &Path, jobs: &[Job]) -> anyhow::Result<()> {
    let list = std::iter::once(folder.join(LIST));
    let there = list
        .chain(jobs.iter().map(|job| folder.join(job.file())))
        .find(|path| path.exists());
    match there {
        None => Ok(()),
        Some(path) => bail!("{}: is there already; --force replaces it", path.display()),
    }
}

/// How many sounds are made at a time: their memory must not grow with the number of cores.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "1 to 3600"
)]
fn at_once(seconds: f64) -> usize {
    (SECONDS_AT_ONCE / seconds).max(1.0) as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most an hour"
)]
fn samples(seconds: f64) -> usize {
    (seconds * f64::from(SOUND_RATE_HZ)).round() as usize
}

fn write_list(folder: &Path, jobs: &[Job], n: usize) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Sink::open(Some(&folder.join(LIST)))?);
    csv.write_record(COLUMNS)?;
    let duration_s = format!("{:.3}", n as f64 / f64::from(SOUND_RATE_HZ));
    for job in jobs {
        let label = job.kind.tomofun_label();
        csv.write_record([
            &job.file(),
            label,
            label,
            &job.name,
            &format!("woofer sounds: {}", job.kind),
            LICENCE,
            &duration_s,
        ])?;
    }
    match csv.into_inner() {
        Ok(sink) => sink.finish(),
        Err(error) => Err(error.into_error().into()),
    }
}
