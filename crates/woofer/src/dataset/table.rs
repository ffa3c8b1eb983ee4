//! A CSV file, record by record, with limits on what it may hold.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::ByteRecord;

use super::error::DatasetError;

/// Most rows of a list.
pub(super) const MAX_ROWS: usize = 5_000_000;

/// Longest record in bytes; it may go over several lines when it is quoted.
const MAX_RECORD: usize = 64 << 10;

const TOO_LONG: &str = "longer than 64 KiB; is a quotation mark left open?";

/// What the reader takes from the file at once; a record may begin at the end of it.
const BUFFER: usize = 64 << 10;

/// A CSV file with a header.
pub(crate) struct Table {
    reader: csv::Reader<Rationed>,
    file: String,
    /// Names of the columns, without blanks around them.
    pub header: Vec<String>,
    record: ByteRecord,
    rows: usize,
}

/// Ends the reading of a record that goes on for too long.
struct Rationed {
    file: File,
    left: usize,
    /// The file's end has been met, so that no line end stands behind the record being read.
    ended: bool,
}

impl Read for Rationed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let n = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(n);
        self.ended |= n == 0;
        Ok(n)
    }
}

impl Table {
    /// Opens the file and reads its header.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let file = File::open(path).map_err(|e| DatasetError::unreadable(path, e))?;
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // With its own idea of line ends, the reader counts lines wrongly behind a carriage return.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(Rationed {
                file,
                left: 0,
                ended: false,
            });
        let mut table = Self {
            reader,
            file: path.display().to_string(),
            header: Vec::new(),
            record: ByteRecord::new(),
            rows: 0,
        };
        if table.next()?.is_none() {
            return Err(table.header_fault("is empty; the first line names the columns".to_owned()));
        }
        table.rows = 0;
        let names = table
            .record
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned());
        table.header = names.collect();
        // An unnamed column is what pandas calls its index; it says nothing here and may stand once.
        let mut sorted: Vec<&String> = table.header.iter().collect();
        sorted.sort_unstable();
        if let Some([twice, ..]) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let twice = quoted(twice);
            return Err(table.header_fault(format!("column {twice} stands twice in the header")));
        }
        Ok(table)
    }

    /// The next record and the line on which it begins, counted from 1.
    pub fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>, DatasetError> {
        loop {
            self.reader.get_mut().left = MAX_RECORD;
            let before = self.reader.position().line();
            let more = match self.reader.read_byte_record(&mut self.record) {
                Ok(more) => more,
                Err(error) => return Err(self.refused(before, error)),
            };
            if !more {
                return Ok(None);
            }
            self.drop_carriage_return();
            // Lines without anything in them were passed over, so the record's own end is what tells where it began.
            let within = self.record.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
            let is_ended = u64::from(!self.reader.get_ref().ended);
            let line = self.reader.position().line().saturating_sub(within + is_ended);
            if self.record.as_slice().len() > MAX_RECORD {
                return Err(self.limit(line, TOO_LONG.to_owned()));
            }
            if self.record.as_slice().is_empty() && self.record.len() == 1 {
                continue;
            }
            if self.rows == MAX_ROWS {
                return Err(self.limit(line, format!("more than {MAX_ROWS} rows")));
            }
            self.rows += 1;
            return Ok(Some((line, &self.record)));
        }
    }

    /// Takes away the carriage return of a Windows line end.
    fn drop_carriage_return(&mut self) {
        let last = self.record.len().saturating_sub(1);
        if let Some(field) = self.record.get(last).and_then(|field| field.strip_suffix(b"\r")) {
            let field = field.to_vec();
            self.record.truncate(last);
            self.record.push_field(&field);
        }
    }

    fn refused(&self, line: u64, error: csv::Error) -> DatasetError {
        match error.into_kind() {
            csv::ErrorKind::Io(e) if e.kind() == io::ErrorKind::FileTooLarge => {
                self.limit(line, TOO_LONG.to_owned())
            }
            csv::ErrorKind::Io(source) => DatasetError::Unreadable {
                file: self.file.clone(),
                source,
            },
            other => self.limit(line, format!("{other:?}")),
        }
    }

    /// The place of a column, by its name in lower case.
    pub fn column(&self, name: &str) -> Option<usize> {
        let exact = self.header.iter().position(|column| column == name);
        exact.or_else(|| {
            self.header
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
        })
    }

    /// What is wrong with the header: `reason`, unless it is no text at all.
    pub fn header_fault(&self, reason: String) -> DatasetError {
        let header = self.header.join(", ");
        let reason = if is_text(&header) {
            reason
        } else {
            format!(
                "is no text in UTF-8, and wanted is a CSV file whose first line names the columns; it begins with {}",
                quoted(&header)
            )
        };
        DatasetError::Header {
            file: self.file.clone(),
            reason,
        }
    }

    fn limit(&self, line: u64, reason: String) -> DatasetError {
        DatasetError::Limit {
            file: self.file.clone(),
            line,
            reason,
        }
    }
}

/// Whether names of columns can be text: binary files have other control characters than blanks, and what is no UTF-8.
fn is_text(header: &str) -> bool {
    let is_odd = |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_ascii_whitespace());
    !header.contains(is_odd)
}

/// A text between quotation marks, escaped, and no more of it than tells which it is.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 100;
    let mut escaped = text.escape_debug();
    let start: String = escaped.by_ref().take(SHOWN).collect();
    let rest = if escaped.next().is_some() { " ..." } else { "" };
    format!("\"{start}{rest}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, DatasetError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut table = Table::open(&path)?;
        let mut rows = vec![(0, table.header.clone())];
        while let Some((line, record)) = table.next()? {
            let fields = record.iter().map(|f| String::from_utf8_lossy(f).into_owned());
            rows.push((line, fields.collect()));
        }
        Ok(rows)
    }

    #[test]
    fn byte_order_mark_line_ends_quotes_and_empty_lines_are_understood() {
        let rows = table(
            b"\xef\xbb\xbfpath, label\r\n\"a,\"\"b\"\"\",1\r\n\r\n\"two\nlines\",2\r\n\n\nlast,\"3\"\r\nx,4",
        )
        .unwrap();
        let expected: [(u64, [&str; 2]); 5] = [
            (0, ["path", "label"]),
            (2, ["a,\"b\"", "1"]),
            (4, ["two\nlines", "2"]),
            (8, ["last", "3"]),
            (9, ["x", "4"]),
        ];
        assert_eq!(
            rows,
            expected.map(|(line, fields)| (line, fields.map(String::from).to_vec()))
        );
    }

    #[test]
    fn an_open_quotation_mark_does_not_read_the_whole_file() {
        let mut text = b"path,label\nb,2\n\"a,1\n".to_vec();
        text.resize(4 << 20, b'x');
        let error = table(&text).unwrap_err().to_string();
        assert!(
            error.contains("t.csv, line 3") && error.contains("quotation mark"),
            "{error}"
        );
    }

    #[test]
    fn many_records_just_below_the_limit_are_read() {
        let row = format!("{},1\n", "y".repeat(60_000));
        let rows = table(format!("path,label\n{}", row.repeat(40)).as_bytes()).unwrap();
        assert_eq!(rows.len(), 41);
    }

    #[test]
    fn an_empty_file_and_a_column_twice_are_refused() {
        for (text, part) in [("", "is empty"), ("a,b,a\n", "\"a\" stands twice")] {
            let error = table(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
