//! Pages that are missing from an Ogg (RFC 3533, section 6), found while its bytes pass by.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use symphonia::core::checksum::Crc32;
use symphonia::core::io::{MediaSource, Monitor as _};

use super::source::Source;

/// Bytes of a page before the table of its segments.
const HEADER_LEN: usize = 27;

/// The most streams whose pages are counted: a file may claim any number.
const MAX_STREAMS: usize = 64;

/// The most losses that wait to be taken: those of streams that nobody reads stay.
const MAX_LOSSES: usize = 4096;

/// The granule position of a page on which no packet ends.
const NO_GRANULE: u64 = u64::MAX;

/// Pages of one stream that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LostPages {
    /// Number of the stream.
    pub serial: u32,
    /// Granule position, in frames, at the end of the last page before them.
    pub after: u64,
    /// Granule position at the end of the first page behind them, whose own sound comes before it.
    pub until: u64,
}

/// The losses that were found and not yet taken, shared with whoever decodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Losses(Arc<Mutex<VecDeque<LostPages>>>);

impl Losses {
    fn push(&self, lost: LostPages) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if losses.len() < MAX_LOSSES {
            losses.push_back(lost);
        }
    }

    /// Takes the first loss of a stream, if the packet at this granule position lies behind it.
    pub fn take(&self, serial: u32, at: u64) -> Option<LostPages> {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = losses.iter().position(|lost| lost.serial == serial)?;
        if losses.get(first)?.after > at {
            return None;
        }
        losses.remove(first)
    }
}

/// What is known of a stream.
struct Stream {
    sequence: u32,
    granule: u64,
    /// Where the sound before missing pages ended, until a page tells where it goes on.
    lost_after: Option<u64>,
}

/// Hands on the bytes of an Ogg as they are, and looks at the pages in them.
pub(super) struct PageWatch {
    source: Source,
    losses: Losses,
    streams: HashMap<u32, Stream>,
    /// Bytes that have been handed on and hold no whole page yet.
    unseen: Vec<u8>,
}

impl PageWatch {
    /// Watches a source; what is missing goes to `losses`.
    pub fn new(source: Source, losses: Losses) -> Self {
        Self {
            source,
            losses,
            streams: HashMap::new(),
            unseen: Vec::new(),
        }
    }

    /// Looks at the whole pages in `unseen`.
    fn look(&mut self) {
        let unseen = std::mem::take(&mut self.unseen);
        let mut rest = unseen.as_slice();
        loop {
            let start = rest.windows(4).position(|window| window == b"OggS");
            let Some(from_page) = start.and_then(|start| rest.get(start..)) else {
                // The last three bytes may begin a page.
                rest = rest.get(rest.len().saturating_sub(3)..).unwrap_or_default();
                break;
            };
            rest = from_page;
            let Some(page_len) = page_len(rest) else { break };
            let Some(page) = rest.get(..page_len) else { break };
            let passed = if is_sound(page) {
                self.note(page);
                page_len
            } else {
                4
            };
            rest = rest.get(passed..).unwrap_or_default();
        }
        self.unseen = rest.to_vec();
    }

    fn note(&mut self, page: &[u8]) {
        let (Some(&flags), Some(granule), Some(serial), Some(sequence)) = (
            page.get(5),
            number(page, 6).map(u64::from_le_bytes),
            number(page, 14).map(u32::from_le_bytes),
            number(page, 18).map(u32::from_le_bytes),
        ) else {
            return;
        };
        let begins = flags & 2 != 0;
        if begins {
            self.streams.remove(&serial);
        }
        if self.streams.len() >= MAX_STREAMS {
            return;
        }
        let stream = self.streams.entry(serial).or_insert(Stream {
            sequence,
            granule: 0,
            lost_after: None,
        });
        // What is recorded of a running broadcast jumps from its headers, at 0, to wherever it was.
        if sequence > stream.sequence.saturating_add(1) && stream.granule > 0 {
            stream.lost_after.get_or_insert(stream.granule);
        }
        stream.sequence = sequence;
        if granule == NO_GRANULE {
            return;
        }
        if let Some(after) = stream.lost_after.take() {
            self.losses.push(LostPages {
                serial,
                after,
                until: granule,
            });
        }
        stream.granule = granule;
    }
}

/// The length of the page that begins here; `None` when that is not to be seen yet.
fn page_len(bytes: &[u8]) -> Option<usize> {
    let segments = usize::from(*bytes.get(HEADER_LEN - 1)?);
    let table = bytes.get(HEADER_LEN..HEADER_LEN + segments)?;
    let body: usize = table.iter().map(|len| usize::from(*len)).sum();
    Some(HEADER_LEN + segments + body)
}

/// Whether version, flags and checksum are those of a page.
fn is_sound(page: &[u8]) -> bool {
    let (Some((start, rest)), Some(stated)) = (page.split_at_checked(22), number(page, 22)) else {
        return false;
    };
    let known = page.get(4) == Some(&0) && page.get(5).is_some_and(|flags| flags & 0xF8 == 0);
    known && {
        let mut crc = Crc32::new(0);
        crc.process_buf_bytes(start);
        crc.process_buf_bytes(&[0; 4]);
        crc.process_buf_bytes(rest.get(4..).unwrap_or_default());
        crc.crc() == u32::from_le_bytes(stated)
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

impl Read for PageWatch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.unseen
            .extend_from_slice(buffer.get(..count).unwrap_or_default());
        self.look();
        Ok(count)
    }
}

impl Seek for PageWatch {
    /// Refused: pages are counted in their order.
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl MediaSource for PageWatch {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
