use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::path::Path;

use super::error::AudioSetError;
use super::faults::{RowFault, RowFaults};
use super::lines::Lines;
use super::names::NameTable;
use super::time::{Ms, parse_seconds};
use super::video::SegmentId;

/// How long a clip of AudioSet lasts.
pub const CLIP_MS: Ms = 10_000;
/// How far an event's end may stand behind its clip's end by inaccuracy; it is then set to the clip's end.
const OVERHANG_MS: Ms = 500;

/// The columns of a strong table.
const COLUMNS: [&str; 4] = ["segment_id", "start_time_seconds", "end_time_seconds", "label"];

/// A row of a strong table, joined with the name of its label.
#[derive(Debug, Clone, Copy)]
pub struct StrongRow<'a> {
    /// The clip.
    pub segment: SegmentId,
    /// Where the event begins within the clip.
    pub onset_ms: Ms,
    /// Where it ends within the clip.
    pub offset_ms: Ms,
    /// Index into [`NameTable::labels`].
    pub label: u16,
    /// The four values as they stand in the table, with tabs between: clip, start, end, mid.
    pub text: &'a [u8],
}

/// What a strong table holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StrongCount {
    /// Rows that can be used.
    pub rows: usize,
    /// Different clips among them.
    pub clips: usize,
    /// Rows that cannot.
    pub faults: RowFaults,
}

/// Numbers that are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Reads a strong table row by row, in little memory, and calls `each` with the rows that can be used.
///
/// Rows that cannot be used are passed over and counted: see [`RowFault`].
///
/// # Errors
/// The file cannot be read, a column is missing, a line is longer than 64 KiB, not one row can be used, or `each` fails.
pub fn read_strong(
    path: &Path,
    names: &NameTable,
    mut each: impl FnMut(StrongRow<'_>) -> Result<(), AudioSetError>,
) -> Result<StrongCount, AudioSetError> {
    let mut lines = Lines::open(path)?;
    let columns = match lines.next()? {
        Some((_, header)) => Columns::find(header).map_err(|reason| AudioSetError::file(path, reason))?,
        None => return Err(AudioSetError::file(path, "is empty")),
    };
    let mut count = StrongCount::default();
    let mut clips: HashSet<SegmentId> = HashSet::new();
    let mut last_clip = None;
    let mut seen: HashSet<u64, BuildHasherDefault<AsIs>> = HashSet::default();
    let mut reordered = Vec::new();
    while let Some((number, line)) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        match columns.row(line, names, &mut reordered) {
            Ok(row) => {
                if !seen.insert(row_hash(&row)) {
                    count.faults.push(RowFault::Duplicate, number, line);
                    continue;
                }
                count.rows += 1;
                if last_clip != Some(row.segment) {
                    clips.insert(row.segment);
                    last_clip = Some(row.segment);
                }
                each(row)?;
            }
            Err(fault) => count.faults.push(fault, number, line),
        }
    }
    count.clips = clips.len();
    if count.rows == 0 {
        let first = count
            .faults
            .sentences()
            .next()
            .unwrap_or_else(|| "it has a header only".to_owned());
        return Err(AudioSetError::file(
            path,
            format!("not one row can be used: {first}"),
        ));
    }
    Ok(count)
}

fn row_hash(row: &StrongRow) -> u64 {
    let mut hasher = DefaultHasher::new();
    (row.segment, row.onset_ms, row.offset_ms, row.label).hash(&mut hasher);
    hasher.finish()
}

/// Where a table has what.
struct Columns {
    places: [usize; 4],
    /// The four columns stand at the beginning and in this order, and nothing follows.
    plain: bool,
}

impl Columns {
    fn find(header: &[u8]) -> Result<Self, String> {
        let header = String::from_utf8_lossy(header);
        let shown: String = header.chars().take(200).collect();
        let names: Vec<&str> = header.split('\t').map(str::trim).collect();
        let mut places = [0; 4];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = names.iter().position(|name| *name == column).ok_or_else(|| {
                format!(
                    "there is no column {column}; the header is {shown:?} and should have {}, with tabs between",
                    COLUMNS.join(", ")
                )
            })?;
        }
        Ok(Self {
            places,
            plain: places == [0, 1, 2, 3] && names.len() == 4,
        })
    }

    fn row<'a>(
        &self,
        line: &'a [u8],
        names: &NameTable,
        reordered: &'a mut Vec<u8>,
    ) -> Result<StrongRow<'a>, RowFault> {
        let mut values = [&b""[..]; 4];
        let mut found = 0;
        for (i, value) in line.split(|b| *b == b'\t').enumerate() {
            if let Some(column) = self.places.iter().position(|place| *place == i) {
                values[column] = value;
                found += 1;
            }
        }
        if found < 4 {
            return Err(RowFault::TooFewValues);
        }
        let [segment, onset, offset, mid] = values.map(<[u8]>::trim_ascii);
        let segment = SegmentId::from_bytes(segment).ok_or(RowFault::BadClip)?;
        let onset_ms = parse_seconds(onset).ok_or(RowFault::BadTime)?;
        let offset_ms = parse_seconds(offset).ok_or(RowFault::BadTime)?;
        let (onset_ms, offset_ms) = within_clip(onset_ms, offset_ms)?;
        let label = names.index(mid).ok_or(RowFault::UnknownLabel)?;
        let text = if self.plain {
            line
        } else {
            reordered.clear();
            for (i, value) in [values[0], onset, offset, mid].into_iter().enumerate() {
                if i > 0 {
                    reordered.push(b'\t');
                }
                reordered.extend_from_slice(value);
            }
            reordered
        };
        Ok(StrongRow {
            segment,
            onset_ms,
            offset_ms,
            label,
            text,
        })
    }
}

fn within_clip(onset_ms: Ms, offset_ms: Ms) -> Result<(Ms, Ms), RowFault> {
    if offset_ms < onset_ms {
        return Err(RowFault::Reversed);
    }
    if onset_ms >= CLIP_MS || offset_ms > CLIP_MS + OVERHANG_MS {
        return Err(RowFault::OutsideClip);
    }
    if onset_ms == offset_ms {
        return Err(RowFault::Empty);
    }
    Ok((onset_ms, offset_ms.min(CLIP_MS)))
}
