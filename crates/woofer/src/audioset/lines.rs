use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::error::AudioSetError;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 64 << 10;
const BUFFER: usize = 256 << 10;

/// The lines of a table, one at a time, without their ends and without a byte order mark.
pub(super) struct Lines {
    reader: BufReader<File>,
    file: String,
    /// A line that lies over the end of the buffer.
    joined: Vec<u8>,
    /// Bytes of the buffer that the last line took.
    used: usize,
    number: u64,
}

impl Lines {
    pub fn open(path: &Path) -> Result<Self, AudioSetError> {
        let file = File::open(path).map_err(|source| AudioSetError::unreadable(path, source))?;
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return Err(AudioSetError::unreadable(path, io::Error::other("it is no file")));
        }
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER, file),
            file: path.display().to_string(),
            joined: Vec::new(),
            used: 0,
            number: 0,
        })
    }

    /// The next line and its number, counted from 1. The last line may lack its end.
    pub fn next(&mut self) -> Result<Option<(u64, &[u8])>, AudioSetError> {
        self.reader.consume(self.used);
        self.used = 0;
        self.number += 1;
        let buffer = self.fill()?;
        if let Some(len) = buffer.iter().position(|b| *b == b'\n') {
            self.used = len + 1;
            if len > MAX_LINE {
                return Err(self.too_long());
            }
            let line = self.reader.buffer().get(..len).unwrap_or_default();
            return Ok(Some((self.number, trimmed(line, self.number))));
        }
        self.joined.clear();
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(AudioSetError::unreadable(Path::new(&self.file), source)),
            };
            if buffer.is_empty() {
                if self.joined.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = buffer.iter().position(|b| *b == b'\n');
            let piece = end.unwrap_or(buffer.len());
            if self.joined.len() + piece > MAX_LINE {
                return Err(self.too_long());
            }
            self.joined.extend_from_slice(&buffer[..piece]);
            self.reader.consume(piece + usize::from(end.is_some()));
            if end.is_some() {
                break;
            }
        }
        Ok(Some((self.number, trimmed(&self.joined, self.number))))
    }

    fn fill(&mut self) -> Result<&[u8], AudioSetError> {
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(AudioSetError::unreadable(Path::new(&self.file), source)),
            }
        }
        Ok(self.reader.buffer())
    }

    fn too_long(&self) -> AudioSetError {
        AudioSetError::Line {
            file: self.file.clone(),
            line: self.number,
            reason: format!("longer than {MAX_LINE} bytes: this is not the table"),
        }
    }

    pub fn file(&self) -> &str {
        &self.file
    }
}

fn trimmed(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match number {
        1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<(u64, String)>, AudioSetError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut lines = Lines::open(file.path())?;
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next()? {
            all.push((number, String::from_utf8_lossy(line).into_owned()));
        }
        Ok(all)
    }

    #[test]
    fn byte_order_mark_and_all_line_ends_are_taken_off() {
        let all = lines(b"\xef\xbb\xbfa\r\n\nb\n\xef\xbb\xbfc").unwrap();
        let expected = [(1, "a"), (2, ""), (3, "b"), (4, "\u{feff}c")];
        assert_eq!(all, expected.map(|(n, line)| (n, line.to_owned())));
        assert!(lines(b"").unwrap().is_empty());
        assert_eq!(lines(b"\n").unwrap(), [(1, String::new())]);
    }

    #[test]
    fn lines_over_the_end_of_the_buffer_are_whole() {
        let text: Vec<String> = (0..40_000).map(|i| "x".repeat(i % 97) + &i.to_string()).collect();
        let all = lines(text.join("\n").as_bytes()).unwrap();
        assert!(all.iter().map(|(_, line)| line).eq(&text));
        assert_eq!(all.last().unwrap().0, 40_000);
    }

    #[test]
    fn an_endless_line_is_refused_with_its_number_and_not_read_to_its_end() {
        let mut text = b"a\nb\n".to_vec();
        text.resize(20 << 20, b'x');
        for end in [&b""[..], b"\nc\n"] {
            let mut text = text.clone();
            text.extend_from_slice(end);
            let error = lines(&text).unwrap_err().to_string();
            assert!(error.contains("line 3: longer than 65536 bytes"), "{error}");
        }
        let mut longest = vec![b'y'; MAX_LINE];
        longest.push(b'\n');
        assert_eq!(lines(&longest).unwrap()[0].1.len(), MAX_LINE);
        longest.insert(0, b'y');
        assert!(lines(&longest).is_err());
    }
}
