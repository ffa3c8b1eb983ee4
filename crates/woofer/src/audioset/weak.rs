use std::collections::HashSet;
use std::path::Path;

use super::error::AudioSetError;
use super::faults::{RowFault, RowFaults};
use super::lines::Lines;
use super::time::{Ms, parse_seconds};
use super::video::{SegmentId, VideoId};

/// The longest segment that is read; AudioSet's have ten seconds, the last of a video may have less.
const LONGEST_MS: Ms = 10_500;

/// A row of a weak table: a stretch of a video, and what is heard somewhere in it.
#[derive(Debug, Clone, Copy)]
pub struct WeakRow<'a> {
    /// The clip.
    pub segment: SegmentId,
    /// How long it lasts: at most ten seconds.
    pub length_ms: Ms,
    mids: &'a str,
}

impl<'a> WeakRow<'a> {
    /// The mids of what is heard, each once.
    pub fn mids(&self) -> impl Iterator<Item = &'a str> {
        let mut seen = HashSet::new();
        let mids = self.mids.split(',').map(str::trim);
        mids.filter(move |mid| !mid.is_empty() && seen.insert(*mid))
    }
}

/// What a weak table holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WeakCount {
    /// Rows that can be used.
    pub rows: usize,
    /// Rows that cannot.
    pub faults: RowFaults,
}

/// Reads a table of ten-second segments row by row: `YTID, start_seconds, end_seconds, "mid,mid,..."` under lines that
/// begin with `#`, as `balanced_train_segments.csv`, `unbalanced_train_segments.csv` and `eval_segments.csv` are.
///
/// Rows that cannot be used are passed over and counted.
///
/// # Errors
/// The file cannot be read, a line is longer than 64 KiB, or not one row can be used.
pub fn read_weak(path: &Path, mut each: impl FnMut(WeakRow<'_>)) -> Result<WeakCount, AudioSetError> {
    let mut lines = Lines::open(path)?;
    let mut count = WeakCount::default();
    while let Some((number, line)) = lines.next()? {
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match row(line) {
            Ok(row) => {
                count.rows += 1;
                each(row);
            }
            Err(fault) => count.faults.push(fault, number, line),
        }
    }
    if count.rows == 0 {
        let first = count
            .faults
            .sentences()
            .next()
            .unwrap_or_else(|| "there is none".to_owned());
        let reason =
            format!("not one row is like --PJHxphWEs, 30.000, 40.000, \"/m/09x0r,/t/dd00088\": {first}");
        return Err(AudioSetError::file(path, reason));
    }
    Ok(count)
}

fn row(line: &[u8]) -> Result<WeakRow<'_>, RowFault> {
    let mut values = line.splitn(4, |b| *b == b',').map(<[u8]>::trim_ascii);
    let mut next = || values.next().ok_or(RowFault::TooFewValues);
    let (video, start, end, mids) = (next()?, next()?, next()?, next()?);
    let video = VideoId::from_bytes(video).ok_or(RowFault::BadClip)?;
    let start_ms = parse_seconds(start).ok_or(RowFault::BadTime)?;
    let end_ms = parse_seconds(end).ok_or(RowFault::BadTime)?;
    if end_ms < start_ms {
        return Err(RowFault::Reversed);
    }
    if end_ms - start_ms > LONGEST_MS {
        return Err(RowFault::OutsideClip);
    }
    if end_ms == start_ms {
        return Err(RowFault::Empty);
    }
    let mids = std::str::from_utf8(mids).map_err(|_| RowFault::UnknownLabel)?;
    Ok(WeakRow {
        segment: SegmentId { video, start_ms },
        length_ms: (end_ms - start_ms).min(super::strong::CLIP_MS),
        mids: mids.trim_matches('"'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_form_is_read() {
        let text = "# Segments csv created Sun Mar  5 10:54:25 2017\n# num_ytids=2\n\
            # YTID, start_seconds, end_seconds, positive_labels\n\
            --PJHxphWEs, 30.000, 40.000, \"/m/09x0r,/t/dd00088,/m/09x0r\"\r\n\
            -0RWZT-miFs, 420.000, 423.500, \"/m/03v3yw\"\n\
            bad, 1, 2, \"/m/1\"\n-0RWZT-miFs, 9, 8, \"/m/1\"\n-0RWZT-miFs, 9, 9, \"/m/1\"\n-0RWZT-miFs, 0, 60, \"/m/1\"\n\
            -0RWZT-miFs, x, 9, \"/m/1\"\n-0RWZT-miFs, 9\n";
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut rows = Vec::new();
        let count = read_weak(file.path(), |row| {
            let mids: Vec<_> = row.mids().collect();
            rows.push(format!("{} {} {}", row.segment, row.length_ms, mids.join(" ")));
        })
        .unwrap();
        assert_eq!(
            rows,
            [
                "--PJHxphWEs_30000 10000 /m/09x0r /t/dd00088",
                "-0RWZT-miFs_420000 3500 /m/03v3yw"
            ]
        );
        let kinds = [
            RowFault::BadClip,
            RowFault::Reversed,
            RowFault::Empty,
            RowFault::OutsideClip,
            RowFault::BadTime,
            RowFault::TooFewValues,
        ];
        assert_eq!(kinds.map(|fault| count.faults.of(fault)), [1; 6]);
    }

    #[test]
    fn the_longest_line_gives_each_of_its_labels_once_in_their_order() {
        let names: Vec<String> = (0..10_000).map(|i| format!("{i:x}")).collect();
        let mids = format!("{}, 1 ,,ff", names.join(","));
        let segment = SegmentId {
            video: "abcdefghijk".parse().unwrap(),
            start_ms: 0,
        };
        let row = WeakRow {
            segment,
            length_ms: 1,
            mids: &mids,
        };
        assert!(row.mids().eq(names.iter().map(String::as_str)));
    }

    #[test]
    fn a_strong_table_is_not_taken_for_a_weak_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "segment_id\tstart_time_seconds\nb0RFKhbpFJA_0\t0.0\n",
        )
        .unwrap();
        let error = read_weak(file.path(), |_| {}).unwrap_err().to_string();
        assert!(
            error.contains("not one row is like") && error.contains("line 1"),
            "{error}"
        );
    }
}
