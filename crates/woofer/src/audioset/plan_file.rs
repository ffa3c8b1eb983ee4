use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use super::error::AudioSetError;
use super::plan::{Plan, PlannedCut};
use super::time::{Ms, format_seconds, parse_seconds};
use crate::dataset::Table;

const COLUMNS: [&str; 12] = [
    "file",
    "class",
    "fine",
    "video",
    "start_s",
    "end_s",
    "mid",
    "name",
    "clip_start_s",
    "event_start_s",
    "event_end_s",
    "weak",
];
/// The columns that a plan cannot do without.
const NEEDED: usize = 6;
/// The longest cut that is made.
const LONGEST_MS: Ms = 60_000;
/// Faults that an error lists.
const LISTED: usize = 5;

impl Plan {
    /// Writes the plan as a CSV table with times in seconds.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_csv(&self, to: impl Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(to);
        csv.write_record(COLUMNS)?;
        for cut in &self.cuts {
            csv.write_record([
                cut.file.as_str(),
                &cut.class,
                &cut.fine,
                cut.video.as_str(),
                &format_seconds(cut.start_ms),
                &format_seconds(cut.end_ms),
                &cut.mid,
                &cut.name,
                &cut.clip_start_ms.map_or_else(String::new, format_seconds),
                &format_seconds(cut.onset_ms),
                &format_seconds(cut.offset_ms),
                if cut.weak { "1" } else { "0" },
            ])?;
        }
        csv.flush()
    }

    /// Reads a plan, also one that was edited: rows may be removed, moved, added and changed, columns moved.
    ///
    /// Only `file`, `class`, `fine`, `video`, `start_s` and `end_s` are needed.
    ///
    /// # Errors
    /// The file cannot be read, a column is missing, it has no rows, or a row has a bad value; the first are named with
    /// their lines.
    pub fn open(path: &Path) -> Result<Self, AudioSetError> {
        let mut table = Table::open(path)?;
        let places = COLUMNS.map(|column| table.column(column));
        if let Some(missing) = (0..NEEDED).find(|i| places[*i].is_none()) {
            let reason = format!(
                "there is no column {}; a plan has {}, as `woofer audioset plan` writes it",
                COLUMNS[missing],
                COLUMNS[..NEEDED].join(", ")
            );
            return Err(AudioSetError::file(path, reason));
        }
        let mut cuts: Vec<PlannedCut> = Vec::new();
        let mut lines_of: HashMap<String, u64> = HashMap::new();
        let mut faults = Vec::new();
        let mut fault_count = 0;
        while let Some((line, record)) = table.next()? {
            let value = |column: usize| {
                let value = places
                    .get(column)
                    .copied()
                    .flatten()
                    .and_then(|place| record.get(place));
                value.map_or(Ok(""), |value| std::str::from_utf8(value).map(str::trim))
            };
            let cut = read_cut(value).and_then(|cut| match lines_of.insert(cut.file.clone(), line) {
                Some(first) => Err(format!("file {:?} stands on line {first} too", cut.file)),
                None => Ok(cut),
            });
            match cut {
                Ok(cut) => cuts.push(cut),
                Err(reason) => {
                    fault_count += 1;
                    if faults.len() < LISTED {
                        faults.push(format!("line {line}: {reason}"));
                    }
                }
            }
        }
        if fault_count > 0 {
            let more = match fault_count - faults.len() {
                0 => String::new(),
                more => format!("\nand {more} more"),
            };
            let reason = format!("rows cannot be used:\n{}{more}", faults.join("\n"));
            return Err(AudioSetError::file(path, reason));
        }
        if cuts.is_empty() {
            return Err(AudioSetError::file(path, "the plan has no rows"));
        }
        cuts.sort_by(|a, b| (a.video, a.start_ms, &a.file).cmp(&(b.video, b.start_ms, &b.file)));
        Ok(Self { cuts })
    }
}

fn read_cut<'a>(value: impl Fn(usize) -> Result<&'a str, std::str::Utf8Error>) -> Result<PlannedCut, String> {
    let text = |column: usize| value(column).map_err(|_| format!("{} is not UTF-8", COLUMNS[column]));
    let text = |column: usize| match text(column)? {
        // They could steer a terminal.
        text if text.contains(char::is_control) => Err(format!(
            "{} is {text:?}; control characters are not allowed",
            COLUMNS[column]
        )),
        text => Ok(text),
    };
    let filled = |column: usize| match text(column)? {
        "" => Err(format!("{} is empty", COLUMNS[column])),
        text => Ok(text.to_owned()),
    };
    let seconds = |column: usize| {
        let text = text(column)?;
        let ms = parse_seconds(text.as_bytes());
        ms.ok_or_else(|| {
            format!(
                "{} is {text:?}; allowed is a number of seconds from 0 on",
                COLUMNS[column]
            )
        })
    };
    let if_told = |column: usize| match text(column)? {
        "" => Ok(None),
        _ => seconds(column).map(Some),
    };
    let file = filled(0)?;
    if !is_file_name(&file) {
        return Err(format!(
            "file is {file:?}; allowed are letters, digits, - and _, and .wav at the end"
        ));
    }
    let (start_ms, end_ms) = (seconds(4)?, seconds(5)?);
    if end_ms <= start_ms || end_ms - start_ms > LONGEST_MS {
        return Err(format!(
            "from {} s to {} s; a cut ends after it begins and has at most {} s",
            format_seconds(start_ms),
            format_seconds(end_ms),
            LONGEST_MS / 1_000
        ));
    }
    let weak = match text(11)? {
        "" | "0" => false,
        "1" => true,
        other => return Err(format!("weak is {other:?}; allowed is 0 or 1")),
    };
    Ok(PlannedCut {
        file,
        class: filled(1)?,
        fine: filled(2)?,
        video: filled(3)?.parse()?,
        start_ms,
        end_ms,
        mid: text(6)?.to_owned(),
        name: text(7)?.to_owned(),
        clip_start_ms: if_told(8)?,
        onset_ms: if_told(9)?.unwrap_or_default(),
        offset_ms: if_told(10)?.unwrap_or_default(),
        weak,
    })
}

/// Whether a name stays within its folder on every system.
fn is_file_name(name: &str) -> bool {
    name.strip_suffix(".wav").is_some_and(|stem| {
        (1..=80).contains(&stem.len())
            && stem
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Result<Plan, AudioSetError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.csv");
        std::fs::write(&path, text).unwrap();
        Plan::open(&path)
    }

    const HEADER: &str = "file,class,fine,video,start_s,end_s\n";

    #[test]
    fn an_edited_plan_is_read() {
        let text = "\u{feff}video,file,fine,class,end_s,start_s,note\r\n\
            -_234567890,b.wav,Bark,Dog,\"12.5\",10,mine\r\n-_234567890,a.wav,Bark,Dog, 3 ,.5,\r\n";
        let plan = read(text.as_bytes()).unwrap();
        let times: Vec<_> = plan
            .cuts
            .iter()
            .map(|c| (c.file.as_str(), c.start_ms, c.end_ms))
            .collect();
        assert_eq!(times, [("a.wav", 500, 3_000), ("b.wav", 10_000, 12_500)]);
    }

    #[test]
    fn bad_values_are_named_with_line_and_what_is_allowed() {
        let good = "a.wav,C,f,abcdefghijk,0,1\n";
        for (rows, part) in [
            (
                "../a.wav,C,f,abcdefghijk,0,1\n",
                "line 3: file is \"../a.wav\"; allowed are letters",
            ),
            ("a/b.wav,C,f,abcdefghijk,0,1\n", "file is \"a/b.wav\""),
            (".wav,C,f,abcdefghijk,0,1\n", "file is \".wav\""),
            ("a.wav,C,f,abcdefghijk,0,1\n", "\"a.wav\" stands on line 2 too"),
            ("b.wav,C,f,abc,0,1\n", "\"abc\" is no video id"),
            ("b.wav,C,f,abcdefghijk,1,1\n", "from 1.000 s to 1.000 s"),
            ("b.wav,C,f,abcdefghijk,2,1\n", "a cut ends after it begins"),
            ("b.wav,C,f,abcdefghijk,0,61\n", "at most 60 s"),
            ("b.wav,C,f,abcdefghijk,-1,1\n", "start_s is \"-1\""),
            ("b.wav,C,f,abcdefghijk,nan,1\n", "start_s is \"nan\""),
            ("b.wav,,f,abcdefghijk,0,1\n", "class is empty"),
            (
                "b.wav,\u{1b}[2J,f,abcdefghijk,0,1\n",
                "class is \"\\u{1b}[2J\"; control characters",
            ),
            ("b.wav,C,f\n", "start_s is \"\"; allowed is a number"),
        ] {
            let error = read(format!("{HEADER}{good}{rows}").as_bytes())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(part) && error.contains("plan.csv"),
                "{part}: {error}"
            );
        }
        let many = "x,y\n".repeat(20);
        let error = read(format!("{HEADER}{many}").as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains("and 15 more"), "{error}");
        for (text, part) in [
            ("file,class\n", "no column fine"),
            (HEADER, "no rows"),
            ("", "empty"),
        ] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            rows in prop::collection::vec(("[A-Za-z0-9_-]{11}", 0u32..1_000_000, 1u32..60_000, "[^\\p{C}\\p{Z}]{1,9}", any::<bool>(), any::<bool>()), 1..20)
        ) {
            let mut cuts: Vec<_> = rows.into_iter().enumerate().map(|(i, (video, start_ms, length, name, weak, told))| PlannedCut {
                file: format!("{video}_{i}.wav"),
                video: video.parse().unwrap(),
                start_ms,
                end_ms: start_ms + length,
                class: name.clone(),
                fine: name.clone(),
                mid: "/m/1".into(),
                name,
                clip_start_ms: told.then_some(start_ms),
                onset_ms: 0,
                offset_ms: length,
                weak,
            }).collect();
            let mut text = Vec::new();
            Plan { cuts: cuts.clone() }.write_csv(&mut text).unwrap();
            cuts.sort_by(|a, b| (a.video, a.start_ms, &a.file).cmp(&(b.video, b.start_ms, &b.file)));
            prop_assert_eq!(read(&text).unwrap().cuts, cuts);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&[HEADER.as_bytes(), &bytes].concat());
        }
    }
}
