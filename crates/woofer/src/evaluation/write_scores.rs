//! A score table as a CSV file.

use std::io::{self, Write};

use super::score_table::ScoreTable;

/// The columns about a clip, in the order in which they are written.
pub(super) const ABOUT: [&str; 10] = [
    "path",
    "onset_s",
    "offset_s",
    "duration_s",
    "recording",
    "source",
    "fold",
    "weak",
    "label",
    "fine",
];

impl ScoreTable {
    /// Writes a `scores.csv`; [`ScoreTable::read`] gives the same table again, bit by bit.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn write(&self, to: impl Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(to);
        let header = ABOUT.into_iter().map(str::to_owned).chain(self.columns().names());
        csv.write_record(header)?;
        let second = |s: Option<f64>| s.map_or_else(String::new, |s| s.to_string());
        for row in self.rows() {
            let class = self.columns().classes().get(row.class).map_or("", String::as_str);
            let about = [
                row.path.clone(),
                second(row.onset_s),
                second(row.offset_s),
                second(row.duration_s),
                row.recording.clone(),
                row.source.clone(),
                row.fold.clone(),
                u8::from(row.weak).to_string(),
                class.to_owned(),
                row.fine.clone(),
            ];
            let scores = row.scores.iter().map(f32::to_string);
            csv.write_record(about.into_iter().chain(scores))?;
        }
        csv.flush()
    }
}
