//! How it stands with a plan, for people.

use std::io::Write;
use std::path::Path;

use comfy_table::CellAlignment;
use woofer_fetch::audioset::Status;

use crate::output::table;

/// Writes the table of classes and what is done, gone and left.
pub fn write(status: &Status, folder: &Path, out: &mut impl Write) -> std::io::Result<()> {
    let mut rows = table(["class", "fine label", "clips", "planned"]);
    for column in 2..4 {
        if let Some(column) = rows.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for label in &status.labels {
        let (done, planned) = (label.done.to_string(), label.planned.to_string());
        rows.add_row([label.class.clone(), label.fine.clone(), done, planned]);
    }
    writeln!(out, "{rows}\n")?;
    writeln!(
        out,
        "done   {} of {} clips, {} of {} of sound, {} in {}",
        status.done,
        status.cuts,
        duration(status.done_s),
        duration(status.planned_s),
        size(status.bytes as f64),
        folder.display()
    )?;
    if status.shortened > 0 {
        writeln!(
            out,
            "       {} of them end before planned, with their video",
            status.shortened
        )?;
    }
    for (name, count, reasons) in [
        ("gone ", status.gone, &status.gone_reasons),
        ("retry", status.retry, &status.retry_reasons),
    ] {
        if count > 0 {
            let reasons = reasons
                .iter()
                .map(|(reason, count)| format!("{count} {}", reason.meaning()));
            writeln!(out, "{name}  {count}: {}", reasons.collect::<Vec<_>>().join(", "))?;
        }
    }
    if status.untried > 0 {
        writeln!(out, "left   {} not tried yet", status.untried)?;
    }
    Ok(())
}

/// A length as people say it.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.0} s")
    } else if seconds < 3_600.0 {
        format!("{:.1} min", seconds / 60.0)
    } else {
        format!("{:.2} h", seconds / 3_600.0)
    }
}

/// A number of bytes as people say it.
pub fn size(bytes: f64) -> String {
    if bytes < 1e6 {
        format!("{:.0} kB", bytes / 1e3)
    } else if bytes < 1e9 {
        format!("{:.0} MB", bytes / 1e6)
    } else {
        format!("{:.1} GB", bytes / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_said_in_fitting_units() {
        assert_eq!([3.2, 90.0, 4_500.0].map(duration), ["3 s", "1.5 min", "1.25 h"]);
        assert_eq!([3.2e3, 16e6, 2.5e9].map(size), ["3 kB", "16 MB", "2.5 GB"]);
    }
}
