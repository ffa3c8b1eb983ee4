use std::collections::BTreeSet;
use std::io::Write;

use anyhow::bail;
use woofer::audioset::{Plan, PlannedCut, unknown_labels, write_manifest, write_meta_train};
use woofer::taxonomy::Taxonomy;
use woofer_fetch::audioset::{Journal, State};

use super::args::MetaArgs;
use crate::exit::Outcome;
use crate::output::Sink;
use crate::{logging, result_files};

/// Runs `woofer audioset meta`.
pub fn run(args: &MetaArgs) -> anyhow::Result<Outcome> {
    let taxonomy = Taxonomy::open(&args.taxonomy)?;
    let plan = Plan::open(&args.plan.plan)?;
    let folder = args.plan.clips();
    let unknown = unknown_labels(&plan.cuts, &taxonomy);
    if !unknown.is_empty() {
        bail!(
            "{}: taxonomy {:?} has no such class and fine label: {}. Give the plan's taxonomy with --taxonomy",
            args.plan.plan.display(),
            taxonomy.name,
            unknown.join("; ")
        );
    }
    let entries = Journal::read(&folder)?;
    // Without a journal the clips came by other means, and their names are all that is known of them.
    let is_current = |cut: &PlannedCut| {
        let entry = entries.get(&cut.file);
        entry.is_none_or(|entry| entry.state == State::Done && entry.is_of(cut))
    };
    let there: Vec<PlannedCut> = plan
        .cuts
        .into_iter()
        .filter(|cut| is_current(cut) && folder.join(&cut.file).is_file())
        .collect();
    if there.is_empty() {
        bail!(
            "{}: no clip of the plan is there yet; `woofer audioset fetch` makes them",
            folder.display()
        );
    }
    result_files::write(&folder, "meta_train.csv", |sink| {
        write_meta_train(&there, &taxonomy, sink)
    })?;
    result_files::write(&folder, "manifest.csv", |sink| {
        write_manifest(&there, &taxonomy, sink)
    })?;
    let weak = there.iter().filter(|cut| cut.weak).count();
    let rates: BTreeSet<u32> = there
        .iter()
        .filter_map(|cut| entries.get(&cut.file)?.rate_hz)
        .collect();
    let mut out = Sink::open(None)?;
    let manifest = folder.join("manifest.csv");
    writeln!(
        out,
        "{}: {} clips",
        folder.join("meta_train.csv").display(),
        there.len() - weak
    )?;
    writeln!(
        out,
        "{}: {} clips, with where they come from",
        manifest.display(),
        there.len()
    )?;
    writeln!(
        out,
        "Next: woofer dataset check {} --taxonomy {}",
        manifest.display(),
        args.taxonomy
    )?;
    out.finish()?;
    if rates.len() > 1 {
        let rates: Vec<String> = rates.iter().map(u32::to_string).collect();
        logging::warning(&format!(
            "{}: clips of {} Hz lie beside each other; `woofer audioset fetch` with one --sample-rate makes the others anew",
            folder.display(),
            rates.join(" and ")
        ));
    }
    if weak > 0 {
        logging::warning(&format!(
            "{weak} weak clips are in manifest.csv only: meta_train.csv cannot say that they are weak"
        ));
    }
    Ok(Outcome::Done)
}
