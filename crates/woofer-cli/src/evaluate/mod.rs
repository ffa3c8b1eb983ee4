//! `woofer evaluate`: model and list of clips -> scores of each -> figures, on stdout and in a folder.

mod args;
mod findings;
mod record;
mod scoring;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use woofer::dataset::{Manifest, RowFaults};
use woofer::evaluation::ScoreTable;
use woofer_nn::{Bundle, Model};

use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, evaluation_table, markdown_table, refuse_to_replace};
use crate::progress::Progress;
use crate::result_files::{BOOTSTRAP, METRICS, SCORES, write, write_text};
use crate::threads;
pub use args::EvaluateArgs;
use args::EvaluationFormat;
use findings::Findings;
pub use record::{EVALUATION, EvaluationRecord};
use scoring::ScoredLabels;
pub use scoring::folders;

/// Runs the command.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    if let Some(folder) = &args.output {
        check_output(folder)?;
        for file in [SCORES, METRICS, EVALUATION] {
            refuse_to_replace(Some(&folder.join(file)), [args.list.as_path()])?;
        }
    }
    let model = Model::open(&args.model)?;
    let labels = ScoredLabels::choose(&model, args.taxonomy.as_deref())?;
    let reading = Manifest::read(&args.list, args.clips.as_deref(), &labels.taxonomy)?;
    let (manifest, missing) = reading.into_manifest_and_missing()?;
    tell_missing(&manifest.path, &missing);
    tell_repeated(&manifest);
    let record = EvaluationRecord::new(args, &model, &labels.taxonomy)?;
    for warning in &record.warnings {
        logging::warning(warning);
    }

    let progress = Progress::new(manifest.rows.len());
    let scorer = labels.scorer(model);
    let outcomes = scoring::score(&scorer, &manifest, args.clips.as_deref(), &labels, &progress);
    progress.finish();
    let mut rows = Vec::with_capacity(outcomes.len());
    let mut failed = missing.count();
    for outcome in outcomes {
        match outcome {
            Ok(row) => rows.push(row),
            Err(reason) => {
                failed += 1;
                logging::error(&reason);
            }
        }
    }
    let clips = rows.len();
    let table = ScoreTable::new(labels.columns, rows)?;
    let evaluation = table
        .evaluate(BOOTSTRAP)
        .with_context(|| nothing_to_measure(&args.list, clips, failed))?;
    let findings = Findings::new(&table, args.temperature.is_some(), args.thresholds)?;

    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: cannot be made a folder", folder.display()))?;
        write(folder, SCORES, |to| table.write(to))?;
        write_text(folder, METRICS, &evaluation.to_json()?)?;
        write_text(folder, EVALUATION, &record.with_counts(clips, failed).to_toml()?)?;
    }
    let mut out = Sink::open(None)?;
    match args.format {
        EvaluationFormat::Text => {
            writeln!(out, "{}", evaluation_table(&evaluation))?;
            findings.write_text(&mut out)?;
        }
        EvaluationFormat::Markdown => {
            write!(out, "{}", markdown_table(&evaluation))?;
            findings.write_markdown(&mut out)?;
        }
        EvaluationFormat::Json => {
            let record = record.with_counts(clips, failed);
            serde_json::to_writer_pretty(&mut out, &findings.document(&record, &evaluation))?;
            writeln!(out)?;
        }
    }
    out.finish()?;
    if failed > 0 {
        logging::warning(&format!(
            "{failed} of {} clips could not be read and were left out",
            clips + failed
        ));
        return Ok(Outcome::SomeFailed);
    }
    Ok(Outcome::Done)
}

/// Names the clips of a list that are not there.
fn tell_missing(list: &Path, missing: &RowFaults) {
    let list = list.display();
    for fault in missing.kept() {
        logging::error(&format!("{list}: {fault}"));
    }
    let untold = missing.count() - missing.kept().len();
    if untold > 0 {
        logging::error(&format!("{list}: {untold} more files are not there"));
    }
}

/// Warns of clips that stand in a list more than once.
fn tell_repeated(manifest: &Manifest) {
    let mut seen = HashSet::new();
    let mut repeated = manifest.rows.iter().filter(|row| !seen.insert(row.stretch()));
    if let Some(first) = repeated.next() {
        logging::warning(&format!(
            "{}: {} rows are of a clip that stands there already and count once more, the first {}",
            manifest.path.display(),
            repeated.count() + 1,
            first.path.display()
        ));
    }
}

/// Refuses a folder whose files would be overwritten although they are somebody else's.
fn check_output(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() && !folder.is_dir() {
        bail!("{}: is a file; --output is a folder", folder.display());
    }
    if Bundle::is_at(folder) {
        bail!(
            "{}: is a model, whose {METRICS} is its own; give --output another folder",
            folder.display()
        );
    }
    Ok(())
}

fn nothing_to_measure(list: &Path, clips: usize, failed: usize) -> String {
    format!(
        "{}: {failed} clips could not be read, and of the {clips} others none has a sure label (weak = 0)",
        list.display()
    )
}
