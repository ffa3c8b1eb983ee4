use rayon::prelude::*;
use woofer::Classifier;
use woofer::audio::AudioReader;
use woofer::dataset::Row;
use woofer::features::{Examples, LogMelPlan};
use woofer::pipeline::{SegmentReader, Stretch};
use woofer_nn::Model;

use crate::progress::Progress;

/// What the frozen backbone says of each segment of each row, or why a row cannot be read.
pub fn of_rows(model: &Model, rows: &[Row], progress: &Progress) -> Vec<Result<Vec<Vec<f32>>, String>> {
    let plan = LogMelPlan::new(model.front_end());
    let of_row = |row: &Row| -> Result<Vec<Vec<f32>>, String> {
        let named = |e: woofer::audio::AudioError| crate::logging::with_causes(&e);
        let mut reader = AudioReader::open(&row.path).map_err(named)?;
        let stretch = Stretch {
            onset_s: row.onset_s,
            offset_s: row.offset_s,
        };
        let mut segments = SegmentReader::new(&mut reader, model.front_end(), stretch).map_err(named)?;
        let mut summaries = Vec::new();
        while let Some(segment) = segments.next_segment().map_err(named)? {
            summaries.push(model.summary(&Examples::new(&plan, &segment.samples)));
        }
        if summaries.is_empty() {
            return Err(format!("{}: {stretch} holds no sound", row.path.display()));
        }
        Ok(summaries)
    };
    rows.par_iter()
        .map(|row| {
            let summaries = of_row(row);
            progress.file_done();
            summaries
        })
        .collect()
}
