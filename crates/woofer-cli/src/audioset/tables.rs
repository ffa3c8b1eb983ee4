use std::io::{self, BufWriter, Write};

use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use woofer::audioset::{Amount, AudioSetError, RowFault};

use super::args::TablesArgs;
use super::lacking::lacking;
use super::provide::{Gathered, files, gather};
use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::output::{Sink, table};

const HEADER: &[u8] = b"segment_id\tstart_time_seconds\tend_time_seconds\tlabel\tdisplay_name\n";

/// How much there is for a label of the taxonomy.
#[derive(Serialize)]
struct Row {
    class: String,
    fine: String,
    mid: String,
    name: String,
    gathered_for: bool,
    events: usize,
    clips: usize,
    videos: usize,
    hours: f64,
    weak_clips: usize,
}

/// Runs `woofer audioset tables`.
pub fn run(args: &TablesArgs) -> anyhow::Result<Outcome> {
    let files = files(&args.tables, args.tables.strong.is_empty())?;
    let gathered = match &args.output {
        None => gather(&args.tables, &files, |_, _, _| Ok(()))?,
        Some(path) => {
            let sink = Sink::open(Some(path))?;
            let mut joined = BufWriter::with_capacity(256 << 10, sink);
            let failed = |source: io::Error| AudioSetError::Unwritable {
                file: path.display().to_string(),
                source,
            };
            joined.write_all(HEADER).map_err(failed)?;
            let gathered = gather(&args.tables, &files, |row, names, is_source| {
                if args.wanted_only && !is_source {
                    return Ok(());
                }
                let name = names
                    .labels()
                    .get(usize::from(row.label))
                    .map_or("", |(_, name)| name);
                joined
                    .write_all(row.text)
                    .and_then(|()| joined.write_all(b"\t"))
                    .and_then(|()| joined.write_all(name.as_bytes()))
                    .and_then(|()| joined.write_all(b"\n"))
                    .map_err(failed)
            })?;
            let sink = joined.into_inner().map_err(|error| failed(error.into_error()))?;
            sink.finish()?;
            gathered
        }
    };
    let rows = rows(&gathered);
    let mut out = Sink::open(None)?;
    match args.format {
        ReportFormat::Text => write_text(args, &gathered, &rows, &mut out)?,
        ReportFormat::Json => {
            let tables: Vec<_> = gathered
                .strong
                .iter()
                .map(|(path, count)| {
                    serde_json::json!({
                        "file": path,
                        "rows": count.rows,
                        "clips": count.clips,
                        "passed_over": count.faults.count(),
                    })
                })
                .collect();
            let report = serde_json::json!({ "schema_version": 1, "tables": tables, "labels": rows });
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn rows(gathered: &Gathered) -> Vec<Row> {
    let fine_labels = gathered.taxonomy.fine_labels();
    let labels = gathered.wanted.labels.iter().enumerate();
    labels
        .map(|(index, label)| {
            let of_label = |weak: bool| {
                let amount = gathered
                    .events
                    .amount(|event| usize::from(event.label) == index && event.weak == weak);
                if label.is_source || !weak {
                    amount
                } else {
                    Amount::default()
                }
            };
            let (strong, weak) = (of_label(false), of_label(true));
            Row {
                class: gathered
                    .taxonomy
                    .classes
                    .get(label.class)
                    .map_or_else(String::new, |c| c.name.clone()),
                fine: fine_labels
                    .get(label.fine)
                    .map_or_else(String::new, |(_, fine)| fine.name.clone()),
                mid: label.mid.clone(),
                name: label.name.clone(),
                gathered_for: label.is_source,
                events: strong.events,
                clips: strong.clips,
                videos: strong.videos,
                hours: hours(strong.length_ms),
                weak_clips: weak.clips,
            }
        })
        .collect()
}

fn hours(length_ms: u64) -> f64 {
    length_ms as f64 / 3_600_000.0
}

fn write_text(args: &TablesArgs, gathered: &Gathered, rows: &[Row], out: &mut Sink) -> anyhow::Result<()> {
    for (path, count) in &gathered.strong {
        let passed_over = count.faults.count();
        let over = match (passed_over, count.faults.of(RowFault::Duplicate)) {
            (0, _) => String::new(),
            (n, 0) => format!(", {n} rows passed over"),
            (n, twice) => format!(", {n} rows passed over, {twice} of them twice there"),
        };
        writeln!(
            out,
            "{}: {} events in {} clips{over}",
            path.display(),
            count.rows,
            count.clips
        )?;
    }
    if let Some(path) = &args.output {
        writeln!(out, "{}: the joined table", path.display())?;
    }
    let any_weak = rows.iter().any(|row| row.weak_clips > 0);
    let mut header = table([
        "class",
        "fine label",
        "AudioSet label",
        "mid",
        "events",
        "clips",
        "hours",
        "weak",
    ]);
    for column in 4..8 {
        if let Some(column) = header.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let others = add_rows(&mut header, rows, gathered);
    if !any_weak && let Some(weak) = header.column_mut(7) {
        weak.set_constraint(comfy_table::ColumnConstraint::Hidden);
    }
    writeln!(out, "\n{header}")?;
    if let Some(lacking) = lacking(gathered, &args.tables) {
        writeln!(out, "\n{lacking}")?;
    }
    if others > 0 && !args.tables.extended {
        writeln!(
            out,
            "{others} further labels of the taxonomy are gathered for with --extended."
        )?;
    }
    Ok(())
}

/// Adds a line for each label that is gathered for, and returns how many others there are.
fn add_rows(table: &mut Table, rows: &[Row], gathered: &Gathered) -> usize {
    for row in rows.iter().filter(|row| row.gathered_for) {
        table.add_row([
            row.class.clone(),
            row.fine.clone(),
            row.name.clone(),
            row.mid.clone(),
            row.events.to_string(),
            row.clips.to_string(),
            format!("{:.2}", row.hours),
            row.weak_clips.to_string(),
        ]);
    }
    let is_source = |event: &woofer::audioset::Event| {
        !event.weak
            && gathered
                .wanted
                .label(event.label)
                .is_some_and(|label| label.is_source)
    };
    let all = gathered.events.amount(is_source);
    table.add_row([
        "all".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        all.events.to_string(),
        all.clips.to_string(),
        format!("{:.2}", hours(all.length_ms)),
        rows.iter().map(|row| row.weak_clips).sum::<usize>().to_string(),
    ]);
    rows.iter().filter(|row| !row.gathered_for).count()
}
