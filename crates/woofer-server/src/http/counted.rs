use std::io::{self, Cursor, ErrorKind, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;

use super::body::memory_full;
use super::held_bytes::{HeldBytes, Hold};
use super::problem::{Code, Problem};

/// Bytes of an answer that are given to a connection at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Bytes for which room is made at first.
const FIRST_BYTES: usize = 4 << 10;

/// The bytes of an answer, counted among those that are held from the first of them until the last is sent or the
/// connection is gone.
///
/// It is written to as a file is; beyond what may be held that fails.
#[derive(Debug)]
pub struct Counted {
    bytes: Cursor<Vec<u8>>,
    hold: Hold,
}

impl Counted {
    /// No bytes as yet.
    pub fn new(hold: Hold) -> Self {
        Self {
            bytes: Cursor::default(),
            hold,
        }
    }

    /// An answer in JSON.
    pub fn json(answer: &impl Serialize, held: &Arc<HeldBytes>) -> Result<Self, Problem> {
        let mut counted = Self::new(held.hold());
        match serde_json::to_writer(&mut counted, answer) {
            Ok(()) => Ok(counted),
            Err(error) if error.is_io() => Err(memory_full()),
            Err(error) => Err(Problem::new(Code::Internal, error.to_string())),
        }
    }

    /// The answer to send.
    pub fn into_answer(mut self, kind: &'static str) -> Response {
        let bytes = self.bytes.get_mut();
        let before = bytes.capacity();
        bytes.shrink_to_fit();
        drop(self.hold.split(before - bytes.capacity()));
        let pieces = Pieces {
            rest: Bytes::from_owner(self),
        };
        ([(header::CONTENT_TYPE, kind)], Body::new(pieces)).into_response()
    }

    /// Makes room for so many bytes more, if they may be held.
    fn make_room(&mut self, more: usize) -> io::Result<()> {
        let place = usize::try_from(self.bytes.position()).unwrap_or(usize::MAX);
        let bytes = self.bytes.get_mut();
        let wanted = place.saturating_add(more);
        if wanted <= bytes.capacity() {
            return Ok(());
        }
        let grown = bytes.capacity() + bytes.capacity() / 2;
        let capacity = wanted.max(grown).max(FIRST_BYTES);
        if !self.hold.grow(capacity - bytes.capacity()) {
            return Err(ErrorKind::OutOfMemory.into());
        }
        bytes.reserve_exact(capacity - bytes.len());
        Ok(())
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get_ref()
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_room(bytes.len())?;
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Counted {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(place)
    }
}

/// An answer that is sent piece by piece, so that a connection takes no more of it than it can pass on.
struct Pieces {
    rest: Bytes,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.rest.len().min(PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn an_answer_is_counted_until_the_last_of_it_is_dropped() {
        let held = HeldBytes::new(1 << 20);
        let mut counted = Counted::new(held.hold());
        let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        counted.write_all(&bytes).unwrap();
        assert!((bytes.len()..=bytes.len() * 3 / 2).contains(&held.used()));
        let body = counted.into_answer("audio/wav").into_body();
        assert_eq!(body.size_hint().exact(), Some(400_000));
        assert_eq!(held.used(), 400_000);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let sent = runtime.block_on(body.collect()).unwrap();
        // Somebody has the pieces still.
        assert!(held.used() >= bytes.len());
        assert_eq!(sent.to_bytes(), bytes);
        assert_eq!(held.used(), 0);
    }

    #[test]
    fn an_answer_that_may_not_be_held_is_429() {
        let held = HeldBytes::new(10_000);
        let long = vec![0.5; 10_000];
        assert_eq!(Counted::json(&long, &held).unwrap_err().code, Code::MemoryFull);
        assert_eq!(held.used(), 0);
        assert_eq!(Counted::json(&[0.5], &held).unwrap().as_ref(), b"[0.5]");
    }
}
