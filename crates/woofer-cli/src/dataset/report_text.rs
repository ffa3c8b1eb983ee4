use std::io::{self, Write};

use comfy_table::{CellAlignment, Table};
use woofer::dataset::Severity;
use woofer::dataset::check::{Count, Finding, FoldCounts, Report};

use crate::output::{TextTable, counted, table};

/// Sample rates that are named one by one.
const MAX_RATES: usize = 6;

/// Fold columns that fit beside the others.
const MAX_FOLDS: usize = 10;

/// Writes a report for people.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let weak = report.all.clips - report.scored.clips;
    writeln!(
        out,
        "{}: {}, {}, {} of sound{}",
        report.manifest,
        counted(report.all.clips, "clip"),
        counted(report.all.recordings, "recording"),
        length(report.all.seconds),
        match weak {
            0 => String::new(),
            _ => format!("; {weak} of the clips are weak: trained on, not scored"),
        }
    )?;
    if report.unusable_rows > 0 {
        writeln!(
            out,
            "{} cannot be used and {} not counted here",
            counted(report.unusable_rows, "row"),
            if report.unusable_rows == 1 { "is" } else { "are" }
        )?;
    }
    if report.all.clips > 0 {
        writeln!(out, "\nTaxonomy {}\n{}", report.taxonomy, classes(report))?;
    }
    if let Some(durations) = report.durations {
        writeln!(
            out,
            "Clips last {:.2} s to {:.2} s, half of them at most {:.2} s",
            durations.min_s, durations.max_s, durations.median_s
        )?;
        let rates = report
            .rates
            .iter()
            .map(|r| (format!("{} Hz", r.rate_hz), r.clips));
        writeln!(out, "Sample rates: {}", parts(rates))?;
        let channels = report.channels.iter().map(|c| {
            let name = match c.channels {
                1 => "mono".to_owned(),
                2 => "stereo".to_owned(),
                n => format!("{n} channels"),
            };
            (name, c.clips)
        });
        writeln!(out, "Channels: {}", parts(channels))?;
    }
    if let Some(folds) = &report.folds {
        write_folds(report, folds, out)?;
    }
    for (severity, title) in [
        (Severity::Error, "To be mended before training"),
        (Severity::Warning, "Worth mending"),
        (Severity::Note, "Good to know"),
    ] {
        let mut of_severity = report
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .peekable();
        if of_severity.peek().is_some() {
            writeln!(out, "\n{title}")?;
        }
        of_severity.try_for_each(|finding| write_finding(finding, out))?;
    }
    writeln!(
        out,
        "\n{}",
        if report.stops_training() {
            "Training cannot begin yet."
        } else {
            "Training can begin."
        }
    )
}

fn write_finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "- {}", finding.message)?;
    for example in &finding.examples {
        writeln!(out, "    {example}")?;
    }
    if finding.count > finding.shown && finding.shown > 0 {
        writeln!(out, "    and {} more", finding.count - finding.shown)?;
    }
    writeln!(out, "  -> {}", finding.advice)
}

fn classes(report: &Report) -> TextTable {
    let columns = Columns {
        weak: report.all != report.scored,
        sources: report.all.sources != report.all.recordings,
    };
    let weak = columns.weak.then_some("weak");
    let sources = columns.sources.then_some("sources");
    let header = [
        Some("class"),
        Some("fine label"),
        Some("clips"),
        weak,
        Some("recordings"),
        sources,
        Some("length"),
    ];
    let mut rows = table(header.into_iter().flatten());
    for class in &report.classes {
        let name = format!("{} {}", class.id, class.name);
        match &class.fine[..] {
            [only] => columns.add(&mut rows, &name, &only.name, class.all, class.scored),
            several => {
                columns.add(&mut rows, &name, "", class.all, class.scored);
                for fine in several {
                    columns.add(&mut rows, "", &fine.name, fine.all, fine.scored);
                }
            }
        }
    }
    right_align(&mut rows, 2);
    rows
}

/// Which columns tell something.
struct Columns {
    weak: bool,
    sources: bool,
}

impl Columns {
    fn add(&self, rows: &mut Table, class: &str, fine: &str, all: Count, scored: Count) {
        let cells = [
            Some(class.to_owned()),
            Some(fine.to_owned()),
            Some(all.clips.to_string()),
            self.weak.then(|| (all.clips - scored.clips).to_string()),
            Some(all.recordings.to_string()),
            self.sources.then(|| all.sources.to_string()),
            Some(length(all.seconds)),
        ];
        rows.add_row(cells.into_iter().flatten());
    }
}

fn write_folds(report: &Report, folds: &FoldCounts, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nScored clips in {}", folds.description)?;
    if folds.folds.len() > MAX_FOLDS {
        let sizes = folds.folds.iter().map(|fold| fold.scored);
        let (min, max) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
        return writeln!(out, "{min} to {max} in a fold");
    }
    let names = folds.folds.iter().map(|fold| format!("fold {}", fold.name));
    let mut rows = table(std::iter::once("class".to_owned()).chain(names));
    for class in &report.classes {
        let of_class = folds.folds.iter().map(|fold| {
            let n = fold.scored_of_class.get(class.id);
            n.map_or_else(String::new, ToString::to_string)
        });
        rows.add_row(std::iter::once(format!("{} {}", class.id, class.name)).chain(of_class));
    }
    let sums = folds.folds.iter().map(|fold| fold.scored.to_string());
    rows.add_row(std::iter::once("all".to_owned()).chain(sums));
    right_align(&mut rows, 1);
    writeln!(out, "{rows}")
}

/// Numbers stand below each other from this column on.
fn right_align(rows: &mut Table, from: usize) {
    for column in rows.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// How many there are of each, as far as the line allows.
fn parts(counts: impl Iterator<Item = (String, usize)>) -> String {
    let counts: Vec<_> = counts.collect();
    if let [(only, _)] = &counts[..] {
        return format!("{only} throughout");
    }
    let shown = &counts[..counts.len().min(MAX_RATES)];
    let mut text: Vec<String> = shown
        .iter()
        .map(|(name, clips)| format!("{name} ({clips})"))
        .collect();
    if counts.len() > shown.len() {
        text.push(format!("{} others", counts.len() - shown.len()));
    }
    text.join(", ")
}

/// A length of time in the unit that people would use.
fn length(seconds: f64) -> String {
    match seconds {
        s if s < 99.95 => format!("{s:.1} s"),
        s if s < 5_970.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}
