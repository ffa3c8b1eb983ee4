//! `woofer report`: a folder of results -> one page with figures, curves, the hardest clips and the recipe.

mod args;
mod date;
mod facts;
mod hardest;
mod sound;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use woofer::evaluation::{ScoreTable, read_history};
use woofer::render::{ReportData, report};
use woofer_nn::Bundle;

use crate::evaluate::EvaluationRecord;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, refuse_to_replace};
use crate::result_files::{BOOTSTRAP, HISTORY, RECIPE, read_scores, text};
use crate::threads;
pub use args::ReportArgs;
use facts::Facts;

/// Runs the command.
pub fn run(args: &ReportArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    let folder = args.folder.as_path();
    if !folder.is_dir() {
        bail!(
            "{}: is no folder; give the one that `woofer train` or `woofer evaluate` wrote",
            folder.display()
        );
    }
    for given in [&args.list, &args.clips].into_iter().flatten() {
        if !given.exists() {
            bail!("{}: there is nothing at this path", given.display());
        }
    }
    let path = args.output.clone().unwrap_or_else(|| folder.join("report.html"));
    let results = results(folder)?;
    refuse_to_replace(Some(&path), results.iter().map(PathBuf::as_path))?;
    let scores = read_scores(folder)?;
    let bundle = Bundle::is_at(folder).then(|| Bundle::open(folder)).transpose()?;
    let record = EvaluationRecord::read(folder)?;
    let history = folder.join(HISTORY);
    let learning = if history.is_file() {
        read_history(&history)?
    } else {
        Vec::new()
    };
    let clips = scores.scored_clips()?;
    let evaluation = scores.evaluate(BOOTSTRAP)?;
    let facts = Facts::gather(folder, bundle.as_ref(), record.as_ref(), &scores);

    let sounds = sounds(args, record.as_ref());
    let picked = hardest::pick(&clips, args.hardest, args.per_class);
    let (hardest, failed) = hardest::show(&scores, &clips, &picked, &sounds, facts.front_end);
    if sounds.is_empty() && !hardest.is_empty() {
        logging::warning(
            "where the clips lie is not known, so that none can be seen or heard; say it by --list or --clips",
        );
    }
    for reason in &failed {
        logging::error(reason);
    }
    let page = report(&ReportData {
        title: facts.title,
        date: format!("{}, Woofer {}", date::today(), env!("CARGO_PKG_VERSION")),
        facts: facts.known,
        warnings: facts.warnings,
        evaluation,
        clips: Some(clips),
        hours: scores.hours(),
        learning,
        hardest,
        recipe: text(folder, RECIPE)?.unwrap_or_default(),
    })?;
    let mut file = Sink::open(Some(&path))?;
    file.write_all(page.as_bytes())?;
    file.finish()?;
    let mut out = Sink::open(None)?;
    writeln!(out, "written to {}", path.display())?;
    out.finish()?;
    Ok(if failed.is_empty() {
        Outcome::Done
    } else {
        Outcome::SomeFailed
    })
}

/// Endings of what a folder of results holds.
const RESULTS: [&str; 5] = ["csv", "json", "md", "safetensors", "toml"];

/// The files of a folder that a report is made of, or that belong to the model beside.
fn results(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("{}: the folder cannot be read", folder.display());
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let ending = path.extension().and_then(OsStr::to_str);
        if ending.is_some_and(|ending| RESULTS.contains(&ending)) {
            files.push(path);
        }
    }
    Ok(files)
}

/// The folders in which the clips may lie; empty where nobody has told.
fn sounds(args: &ReportArgs, record: Option<&EvaluationRecord>) -> Vec<PathBuf> {
    let beside = |list: &Path| {
        if list.is_dir() {
            Some(list.to_owned())
        } else {
            // A list without a folder lies in the present one.
            list.is_file()
                .then(|| list.parent().map(Path::to_owned))
                .flatten()
        }
    };
    let given = [args.clips.clone(), args.list.as_deref().and_then(beside)];
    let recorded = record.map(|r| [r.clips_folder.clone(), beside(&r.list)]);
    let recorded = recorded.filter(|_| args.clips.is_none() && args.list.is_none());
    given
        .into_iter()
        .chain(recorded.into_iter().flatten())
        .flatten()
        .collect()
}

/// How many clips of the table are left out of the figures.
fn weak(scores: &ScoreTable) -> usize {
    scores.rows().len() - scores.counted().count()
}
