//! Where bytes come from: a regular file, memory, or a stream that cannot be rewound.

use std::fs::{File, FileType};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

use super::error::AudioError;
use super::foreign::ForeignInput;

/// The most bytes that may be read before the first sample: a header that never ends must not be followed for ever.
const MAX_HEADER_BYTES: u64 = 64 << 20;

/// The largest stream that is held in memory, for the containers that must be rewound.
const MAX_HELD_BYTES: u64 = 64 << 20;

enum Kind {
    File(File, PathBuf),
    Memory(Cursor<Bytes>),
    /// `head` holds bytes that were looked at in advance; those from `taken` on are still to be read.
    Stream {
        head: Vec<u8>,
        taken: usize,
        inner: Box<dyn Read + Send + Sync>,
    },
}

/// Bytes in memory that two readers may share.
#[derive(Clone)]
struct Bytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Where bytes come from, with a name for messages.
pub(super) struct Source {
    name: String,
    kind: Kind,
    /// Where the audio file proper begins, behind tags.
    base: u64,
    /// Where it ends, before tags; `None` for "where the bytes end".
    end: Option<u64>,
    pos: u64,
    /// Bytes that may still be read; shared, because Symphonia takes the source away.
    budget: Arc<AtomicU64>,
    may_seek: bool,
}

impl Source {
    /// Opens a regular file.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        let file = path.display().to_string();
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => AudioError::NotFound { file: file.clone() },
            _ => AudioError::Open {
                file: file.clone(),
                source,
            },
        };
        // Asked before opening: to open a pipe would wait for its other end.
        let metadata = std::fs::metadata(path).map_err(refused)?;
        if !metadata.is_file() {
            return Err(AudioError::NotAFile {
                file,
                kind: kind_of(metadata.file_type()),
            });
        }
        let handle = File::open(path).map_err(refused)?;
        Ok(Self::new(file, Kind::File(handle, path.to_owned())))
    }

    /// Takes bytes in memory.
    pub fn from_bytes(bytes: Arc<Vec<u8>>, name: &str) -> Self {
        Self::new(name.into(), Kind::Memory(Cursor::new(Bytes(bytes))))
    }

    /// Takes a stream that cannot be rewound.
    pub fn from_stream(inner: Box<dyn Read + Send + Sync>, name: &str) -> Self {
        Self::new(
            name.into(),
            Kind::Stream {
                head: Vec::new(),
                taken: 0,
                inner,
            },
        )
    }

    fn new(name: String, kind: Kind) -> Self {
        let budget = Arc::new(AtomicU64::new(MAX_HEADER_BYTES));
        Self {
            name,
            kind,
            base: 0,
            end: None,
            pos: 0,
            budget,
            may_seek: false,
        }
    }

    /// The same bytes from their start once more, for another decoder; none for a stream, which cannot go back.
    pub fn again(&self) -> Option<ForeignInput> {
        match &self.kind {
            Kind::File(_, path) => Some(ForeignInput::File(path.clone())),
            Kind::Memory(bytes) => {
                let bytes = Cursor::new(bytes.get_ref().clone());
                Some(ForeignInput::Stream(Box::new(bytes)))
            }
            Kind::Stream { .. } => None,
        }
    }

    /// All that has not been taken yet, for another decoder; a file from its start.
    pub fn into_foreign(self) -> ForeignInput {
        self.budget().lift();
        self.again()
            .unwrap_or_else(|| ForeignInput::Stream(Box::new(self)))
    }

    /// The name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The error for a failed read.
    pub fn read_error(&self, source: io::Error) -> AudioError {
        AudioError::Read {
            file: self.name.clone(),
            source,
        }
    }

    /// A handle to lift the limit on header bytes once the header has been read.
    pub fn budget(&self) -> Budget {
        Budget(Arc::clone(&self.budget))
    }

    /// True when the source can go back.
    pub fn can_rewind(&self) -> bool {
        !matches!(self.kind, Kind::Stream { .. })
    }

    /// Lets [`MediaSource::is_seekable`] say that the source can go back, if it can.
    ///
    /// Symphonia guesses a length from the bit rate for seekable MP3 and ADTS and trims by that guess, so only the
    /// containers that need to seek are told.
    pub fn allow_seeking(&mut self) {
        self.may_seek = self.can_rewind();
    }

    /// Undoes [`Source::allow_seeking`].
    pub fn forbid_seeking(&mut self) {
        self.may_seek = false;
    }

    /// Looks at up to `len` bytes from here on without taking them; fewer only at the end.
    pub fn peek(&mut self, len: usize) -> io::Result<Vec<u8>> {
        if let Kind::Stream { head, taken, inner } = &mut self.kind {
            let missing = len.saturating_sub(head.len() - *taken);
            inner.by_ref().take(missing as u64).read_to_end(head)?;
            let unread = head.get(*taken..).unwrap_or_default();
            return Ok(unread.get(..len).unwrap_or(unread).to_vec());
        }
        let start = self.pos;
        let mut bytes = Vec::new();
        self.by_ref().take(len as u64).read_to_end(&mut bytes)?;
        self.jump(start)?;
        Ok(bytes)
    }

    /// Goes back to the start of the audio file proper; a stream cannot.
    pub fn rewind_to_base(&mut self) -> io::Result<()> {
        self.jump(self.base)
    }

    /// Goes back to the start of the audio file proper; a stream gives `head`, what was peeked there, once more.
    ///
    /// False when a stream has gone on beyond `head`.
    pub fn rewind_with(&mut self, head: &[u8]) -> io::Result<bool> {
        let Kind::Stream {
            head: kept, taken, ..
        } = &mut self.kind
        else {
            return self.jump(self.base).map(|()| true);
        };
        let consumed = usize::try_from(self.pos - self.base).unwrap_or(usize::MAX);
        let Some(consumed) = head.get(..consumed) else {
            return Ok(false);
        };
        let unread = kept.get(*taken..).unwrap_or_default();
        *kept = [consumed, unread].concat();
        *taken = 0;
        self.pos = self.base;
        Ok(true)
    }

    /// Passes over `len` bytes; stops at the end without an error.
    pub fn skip(&mut self, len: u64) -> io::Result<()> {
        if self.can_rewind() {
            return self.jump(self.pos.saturating_add(len));
        }
        io::copy(&mut self.by_ref().take(len), &mut io::sink()).map(drop)
    }

    /// Declares that the audio file proper begins here.
    pub fn begin_here(&mut self) {
        self.base = self.pos;
    }

    /// Cuts off the last `len` bytes; a source of unknown length stays as it is.
    pub fn cut_end(&mut self, len: u64) {
        if let Some(end) = self.total_len() {
            self.end = Some(end.saturating_sub(len).max(self.base));
        }
    }

    /// The last `len` bytes, and the position is kept; `None` for a stream or when there are fewer.
    pub fn peek_end(&mut self, len: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(start) = self
            .total_len()
            .and_then(|end| end.checked_sub(len))
            .filter(|at| *at >= self.base)
        else {
            return Ok(None);
        };
        let back = self.pos;
        self.jump(start)?;
        let mut bytes = Vec::new();
        self.by_ref().take(len).read_to_end(&mut bytes)?;
        self.jump(back)?;
        Ok(Some(bytes))
    }

    /// Bytes from here to the end; `None` for a stream.
    pub fn remaining(&self) -> Option<u64> {
        self.total_len().map(|end| end.saturating_sub(self.pos))
    }

    /// Reads a stream to its end, so that it can be rewound.
    pub fn hold_in_memory(&mut self, container: &'static str) -> Result<(), AudioError> {
        if self.can_rewind() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.budget().lift();
        let result = self.by_ref().take(MAX_HELD_BYTES + 1).read_to_end(&mut bytes);
        result.map_err(|error| self.read_error(error))?;
        if bytes.len() as u64 > MAX_HELD_BYTES {
            return Err(AudioError::StreamTooLarge {
                file: self.name.clone(),
                container,
                limit_mib: MAX_HELD_BYTES >> 20,
            });
        }
        *self = Self::from_bytes(Arc::new(bytes), &self.name);
        Ok(())
    }

    fn total_len(&self) -> Option<u64> {
        let len = match &self.kind {
            Kind::File(file, _) => file.metadata().ok()?.len(),
            Kind::Memory(bytes) => bytes.get_ref().0.len() as u64,
            Kind::Stream { .. } => return None,
        };
        Some(self.end.map_or(len, |end| end.min(len)))
    }

    /// Goes to an absolute position.
    fn jump(&mut self, pos: u64) -> io::Result<()> {
        match &mut self.kind {
            Kind::File(file, _) => file.seek(SeekFrom::Start(pos))?,
            Kind::Memory(bytes) => bytes.seek(SeekFrom::Start(pos))?,
            Kind::Stream { .. } => return Err(io::ErrorKind::Unsupported.into()),
        };
        self.pos = pos;
        Ok(())
    }
}

/// Lifts the limit on header bytes.
pub(super) struct Budget(Arc<AtomicU64>);

impl Budget {
    /// From now on any number of bytes may be read.
    pub fn lift(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut room = buffer.len();
        if let Some(end) = self.end {
            room = room.min(usize::try_from(end.saturating_sub(self.pos)).unwrap_or(usize::MAX));
        }
        let budget = self.budget.load(Ordering::Relaxed);
        if budget == 0 {
            let limit = MAX_HEADER_BYTES >> 20;
            return Err(io::Error::other(format!(
                "no sample within the first {limit} MiB"
            )));
        }
        room = room.min(usize::try_from(budget).unwrap_or(usize::MAX));
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        let count = match &mut self.kind {
            Kind::File(file, _) => file.read(buffer)?,
            Kind::Memory(bytes) => bytes.read(buffer)?,
            Kind::Stream { head, taken, inner } => {
                let unread = head.get(*taken..).unwrap_or_default();
                if unread.is_empty() {
                    inner.read(buffer)?
                } else {
                    let count = unread.len().min(buffer.len());
                    let (to, from) = (buffer.get_mut(..count), unread.get(..count));
                    to.unwrap_or_default().copy_from_slice(from.unwrap_or_default());
                    *taken += count;
                    if *taken == head.len() {
                        *head = Vec::new();
                        *taken = 0;
                    }
                    count
                }
            }
        };
        self.pos += count as u64;
        if budget != u64::MAX {
            self.budget.store(budget - count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => self.base.checked_add(at),
            SeekFrom::Current(by) => self.pos.checked_add_signed(by),
            SeekFrom::End(by) => self.total_len().and_then(|end| end.checked_add_signed(by)),
        };
        let target = target
            .filter(|at| *at >= self.base)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.jump(target)?;
        Ok(target - self.base)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        self.may_seek
    }

    fn byte_len(&self) -> Option<u64> {
        self.may_seek
            .then(|| self.total_len().map(|end| end.saturating_sub(self.base)))
            .flatten()
    }
}

fn kind_of(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if file_type.is_fifo() {
            return "pipe";
        }
        if file_type.is_socket() {
            return "socket";
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            return "device";
        }
    }
    if file_type.is_dir() {
        "directory"
    } else {
        "special file"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_gives_its_peeked_bytes_again() {
        let mut source = Source::from_stream(Box::new(Cursor::new(vec![1, 2, 3, 4, 5])), "s");
        assert_eq!(source.peek(3).unwrap(), [1, 2, 3]);
        assert_eq!(source.peek(9).unwrap(), [1, 2, 3, 4, 5]);
        source.skip(1).unwrap();
        assert_eq!(source.peek(2).unwrap(), [2, 3]);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert_eq!(all, [2, 3, 4, 5]);
    }

    #[test]
    fn positions_count_from_the_base_and_stop_before_the_cut() {
        let mut source = Source::from_bytes(Arc::new((0..10).collect()), "m");
        source.skip(2).unwrap();
        source.begin_here();
        source.cut_end(3);
        source.allow_seeking();
        assert_eq!(source.byte_len(), Some(5));
        assert_eq!(source.seek(SeekFrom::End(-1)).unwrap(), 4);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert_eq!(all, [6]);
    }

    #[test]
    fn an_endless_header_meets_its_limit() {
        let mut source = Source::from_stream(Box::new(io::repeat(0)), "endless");
        let error = source.skip(u64::MAX).unwrap_err();
        assert_eq!(error.to_string(), "no sample within the first 64 MiB");
    }
}
