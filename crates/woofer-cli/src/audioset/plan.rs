use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use comfy_table::CellAlignment;
use woofer::audioset::{Budget, LeftOut, Plan, PlanRules};

use super::args::PlanArgs;
use super::lacking::lacking;
use super::provide::{Gathered, files, gather};
use super::status_text::duration;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, table};

/// Runs `woofer audioset plan`.
pub fn run(args: &PlanArgs) -> anyhow::Result<Outcome> {
    if !(100..=60_000).contains(&args.max_length) || args.min_length > 10_000 {
        bail!("--max-length is from 0.1 to 60 s, and --min-length at most 10 s, as AudioSet's clips are");
    }
    let files = files(&args.tables, false)?;
    let gathered = gather(&args.tables, &files, |_, _, _| Ok(()))?;
    let rules = PlanRules {
        min_length_ms: args.min_length,
        max_length_ms: args.max_length,
        exclude_overlap: args.exclude_overlap,
        budget: Budget {
            per_class: args.per_class.map(Into::into),
            total: args.total.map(Into::into),
        },
        seed: args.seed,
    };
    let (plan, left_out) = Plan::make(&gathered.events, &gathered.wanted, &gathered.taxonomy, &rules);
    if plan.cuts.is_empty() {
        bail!(
            "not one event is left for the plan: {} shorter than --min-length, {} with another class beside them",
            left_out.too_short,
            left_out.overlapping
        );
    }
    let mut out = Sink::open(args.output.as_deref())?;
    plan.write_csv(&mut out)?;
    out.finish()?;
    if let Some(path) = &args.output {
        let mut out = Sink::open(None)?;
        write_summary(&plan, left_out, &gathered, &mut out)?;
        if let Some(lacking) = lacking(&gathered, &args.tables) {
            writeln!(out, "{lacking}")?;
        }
        writeln!(
            out,
            "\n{}: the plan. Look at it, change what you like, then:\n  woofer audioset fetch {0}",
            path.display()
        )?;
        out.finish()?;
    } else {
        logging::detail(&format!(
            "{} events of {} videos",
            plan.cuts.len(),
            plan.by_video().count()
        ));
    }
    Ok(Outcome::Done)
}

fn write_summary(plan: &Plan, left_out: LeftOut, gathered: &Gathered, out: &mut Sink) -> anyhow::Result<()> {
    let mut planned: BTreeMap<(&str, &str), (usize, u64)> = BTreeMap::new();
    for cut in &plan.cuts {
        let (count, length_ms) = planned.entry((&cut.class, &cut.fine)).or_default();
        *count += 1;
        *length_ms += u64::from(cut.end_ms - cut.start_ms);
    }
    let mut rows = table(["class", "fine label", "there", "planned", "sound"]);
    for column in 2..5 {
        if let Some(column) = rows.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (fine, (class, label)) in gathered.taxonomy.fine_labels().into_iter().enumerate() {
        let class = gathered
            .taxonomy
            .classes
            .get(class)
            .map_or("", |class| &class.name);
        let there = gathered.events.amount(|event| {
            let label = gathered.wanted.label(event.label);
            label.is_some_and(|label| label.is_source && label.fine == fine)
        });
        let (count, length_ms) = planned.get(&(class, &label.name)).copied().unwrap_or_default();
        rows.add_row([
            class.to_owned(),
            label.name.clone(),
            there.events.to_string(),
            count.to_string(),
            duration(length_ms as f64 / 1_000.0),
        ]);
    }
    writeln!(out, "{rows}\n")?;
    writeln!(
        out,
        "{} events of {} videos, {} of sound.",
        plan.cuts.len(),
        plan.by_video().count(),
        duration(plan.length_ms() as f64 / 1_000.0)
    )?;
    let weak = plan.cuts.iter().filter(|cut| cut.weak).count();
    if weak > 0 {
        writeln!(
            out,
            "Weak: {weak}, in which the sound is somewhere in ten seconds, and may not be in the cut."
        )?;
    }
    for (count, why) in [
        (left_out.too_short, "shorter than --min-length"),
        (left_out.overlapping, "with another class beside it"),
        (left_out.same_cut, "the same cut under another name"),
        (left_out.over_budget, "more than wanted"),
    ] {
        if count > 0 {
            writeln!(out, "Left out, {why}: {count}.")?;
        }
    }
    Ok(())
}
