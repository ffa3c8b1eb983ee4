//! A list written as a CSV table, in the general form.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use super::manifest::{Manifest, Row};
use crate::taxonomy::Taxonomy;

/// The columns with which every list that is written begins.
pub(crate) const LIST_COLUMNS: [&str; 6] = ["path", "label", "fine", "recording", "source", "weak"];

impl Manifest {
    /// Writes the list as a CSV table that is to lie in `folder`.
    ///
    /// Paths below `folder` are written relative to it, others in full. [`Manifest::open`] gives the same rows again.
    ///
    /// # Errors
    ///
    /// Writing fails, a path is not UTF-8, or a row's class or fine label is none of the taxonomy.
    pub fn write_csv(&self, taxonomy: &Taxonomy, folder: &Path, to: impl Write) -> io::Result<()> {
        let folder = std::path::absolute(folder)?;
        let fine_labels = taxonomy.fine_labels();
        let others: BTreeSet<&str> = self
            .rows
            .iter()
            .flat_map(|row| row.columns.keys())
            .map(String::as_str)
            .collect();
        let mut csv = csv::Writer::from_writer(to);
        let known = LIST_COLUMNS.iter().chain(&["onset_s", "offset_s"]);
        csv.write_record(known.chain(&others))?;
        for row in &self.rows {
            let invalid = |what: &str| {
                let path = row.path.display();
                io::Error::new(io::ErrorKind::InvalidData, format!("{path}: {what}"))
            };
            let class = taxonomy.classes.get(row.class);
            let class = class.ok_or_else(|| invalid("its class is none of the taxonomy"))?;
            let fine = fine_labels.get(row.fine).filter(|(class, _)| *class == row.class);
            let (_, fine) = fine.ok_or_else(|| invalid("its fine label is none of its class"))?;
            let path = relative(row, &folder)?;
            let path = path.ok_or_else(|| invalid("the path is not UTF-8"))?;
            let second = |s: Option<f64>| s.map_or_else(String::new, |s| s.to_string());
            let (weak, onset_s, offset_s) = (
                u8::from(row.weak).to_string(),
                second(row.onset_s),
                second(row.offset_s),
            );
            let known = [
                &path,
                &class.name,
                &fine.name,
                &row.recording,
                &row.source,
                &weak,
                &onset_s,
                &offset_s,
            ];
            let empty = String::new();
            let others = others.iter().map(|name| row.columns.get(*name).unwrap_or(&empty));
            csv.write_record(known.into_iter().chain(others))?;
        }
        csv.flush()
    }
}

/// The row's path from the folder; none when it is not UTF-8.
fn relative(row: &Row, folder: &Path) -> io::Result<Option<String>> {
    let path = std::path::absolute(&row.path)?;
    let path = path.strip_prefix(folder).unwrap_or(&path);
    Ok(path.to_str().map(str::to_owned))
}
