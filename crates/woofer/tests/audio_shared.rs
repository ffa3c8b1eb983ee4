//! Real recordings of ../shared are all read, with the lengths that their list states.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::Path;

use woofer::audio::{AudioReader, resample};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");

/// One line of a CSV file; fields may be quoted.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// Reads every file of a list; gives the number of files and what was wrong.
fn read_list(folder: &Path, length_column: Option<&str>) -> (usize, Vec<String>) {
    let list = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let mut lines = list.lines();
    let header = fields(lines.next().unwrap());
    let column = |name: &str| header.iter().position(|field| field == name).unwrap();
    let (path_at, length_at) = (column("path"), length_column.map(column));
    let (mut count, mut wrong) = (0, Vec::new());
    for line in lines {
        let row = fields(line);
        count += 1;
        let result = AudioReader::open(&folder.join(&row[path_at])).and_then(|mut reader| {
            let clip = reader.read_clip(3600.0)?;
            Ok((clip, reader.repairs(), reader.container()))
        });
        match result {
            Err(error) => wrong.push(error.to_string()),
            Ok((clip, repairs, container)) => {
                let stated = length_at.map(|at| row[at].parse::<f64>().unwrap());
                let length = clip.duration_s();
                if stated.is_some_and(|stated| (stated - length).abs() > 0.06) || !repairs.is_clean() {
                    wrong.push(format!(
                        "{}: {container}, {length:.3} s instead of {stated:?} s; {repairs}",
                        row[path_at]
                    ));
                }
                assert!(!resample(&clip.samples, clip.rate_hz, 16_000).unwrap().is_empty());
            }
        }
    }
    (count, wrong)
}

#[test]
#[ignore = "needs ../shared"]
fn every_recording_in_shared_audio_has_its_stated_length() {
    let (count, wrong) = read_list(&Path::new(SHARED).join("audio"), Some("duration_s"));
    println!("{count} files");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
#[ignore = "needs ../shared"]
fn every_recording_in_esc10_is_read() {
    let (count, wrong) = read_list(&Path::new(SHARED).join("esc10"), None);
    println!("{count} files");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
