use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::held_bytes::{HeldBytes, Hold};
use super::problem::{Code, Problem};
use crate::settings::Limits;

use axum::body::Body;

/// What is allocated before the first byte is there, whatever the header promises.
const FIRST_ALLOCATION: usize = 256 << 10;

/// Bytes that somebody sent, counted among those that are held.
#[derive(Debug)]
pub struct Upload {
    pub bytes: Vec<u8>,
    hold: Hold,
}

impl Upload {
    pub fn empty(held: &Arc<HeldBytes>) -> Self {
        Self {
            bytes: Vec::new(),
            hold: held.hold(),
        }
    }

    /// Appends what came, as long as there is room for it in `max` bytes and among all that is held.
    pub fn push(&mut self, chunk: &[u8], max: usize) -> Result<(), Problem> {
        if chunk.len() > max.saturating_sub(self.bytes.len()) {
            return Err(too_large(max));
        }
        if !self.hold.grow(chunk.len()) {
            return Err(memory_full());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// Makes room for so many bytes more: twice of what there is, but no more than was promised.
    fn make_room(&mut self, more: usize, promised: Option<usize>) {
        let wanted = self.bytes.len().saturating_add(more);
        if wanted > self.bytes.capacity() {
            let doubled = self.bytes.len().saturating_mul(2);
            let wanted = promised
                .map_or(doubled, |promised| doubled.min(promised))
                .max(wanted);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    /// Appends what is counted already, by the share that is given.
    pub fn push_counted(&mut self, chunk: &[u8], share: Hold) {
        self.hold.join(share);
        self.bytes.extend_from_slice(chunk);
    }

    /// Bytes that are counted already, by the share that is given.
    pub const fn counted(bytes: Vec<u8>, hold: Hold) -> Self {
        Self { bytes, hold }
    }

    /// A share for something else, among the same bytes that are held.
    pub fn another_hold(&self) -> Hold {
        self.hold.another()
    }
}

/// That as many bytes are held as may be.
pub fn memory_full() -> Problem {
    let message = "the service holds as many bytes of recordings and answers as it may; try again";
    Problem::new(Code::MemoryFull, message).retry_after(1)
}

/// That a body has more than `max` bytes.
pub fn too_large(max: usize) -> Problem {
    Problem::new(
        Code::BodyTooLarge,
        format!("the body is larger than the {max} bytes allowed"),
    )
}

/// That a body came too slowly.
pub fn too_slow() -> Problem {
    Problem::new(
        Code::BodyTimeout,
        "the body came too slowly, or less came than Content-Length promised",
    )
}

/// Reads a body whole.
pub async fn read_body(
    mut body: Body,
    promised: Option<u64>,
    limits: &Limits,
    held: &Arc<HeldBytes>,
    deadline: Instant,
) -> Result<Upload, Problem> {
    let max = limits.body_bytes;
    let promised = promised.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if promised.is_some_and(|bytes| bytes > max) {
        return Err(too_large(max));
    }
    let mut upload = Upload::empty(held);
    upload
        .bytes
        .reserve_exact(promised.unwrap_or_default().min(FIRST_ALLOCATION));
    loop {
        let latest = deadline.min(Instant::now() + limits.body_pause);
        let frame = timeout_at(latest, body.frame()).await.map_err(|_| too_slow())?;
        match frame {
            None => return Ok(upload),
            Some(Ok(frame)) => {
                if let Some(chunk) = frame.data_ref() {
                    upload.make_room(chunk.len(), promised);
                    upload.push(chunk, max)?;
                }
            }
            Some(Err(error)) => {
                let message = format!("the body broke off after {} bytes: {error}", upload.bytes.len());
                return Err(Problem::new(Code::BadRequest, message));
            }
        }
    }
}

/// Throws away what is left of a body; false when it is more than is worth waiting for.
pub async fn drain(body: &mut (impl axum::body::HttpBody + Unpin), max: usize, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    let mut seen = 0;
    while let Ok(frame) = timeout_at(deadline, body.frame()).await {
        match frame {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => {
                seen += frame.data_ref().map_or(0, hyper::body::Buf::remaining);
                if seen > max {
                    return false;
                }
            }
        }
    }
    false
}
