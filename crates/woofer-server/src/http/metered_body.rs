use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use super::body::{memory_full, too_large};
use super::held_bytes::Hold;
use super::problem::{Code, Problem};

/// Bytes in which the reader of a form must come upon a part: what precedes it, its boundary and its head.
const MAX_SOUGHT: usize = 16 << 10;

/// What the reader of a form takes from a body, counted as it takes it: it keeps what it takes until it has come upon a
/// part or its end.
#[derive(Clone)]
pub struct Meter(Arc<Mutex<Taken>>);

struct Taken {
    /// What the reader keeps.
    hold: Hold,
    /// Bytes that may still come.
    left: usize,
    /// Bytes that may come in all, for the message.
    max: usize,
    /// Bytes that were taken since a part is looked for; none while one is read.
    sought: Option<usize>,
    /// Why the body was ended.
    problem: Option<Problem>,
}

impl Meter {
    /// A body of at most `max` bytes beside `frame` bytes of boundaries and heads, and its meter.
    pub fn of(body: Body, max: usize, frame: usize, hold: Hold) -> (Self, Body) {
        let meter = Self(Arc::new(Mutex::new(Taken {
            hold,
            left: max.saturating_add(frame),
            max,
            sought: Some(0),
            problem: None,
        })));
        let body = Metered {
            body,
            meter: meter.clone(),
            gave: false,
        };
        (meter, Body::new(body))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the next part is looked for.
    pub fn seek(&self) {
        self.taken().sought = Some(0);
    }

    /// Notes that a part was found.
    pub fn found(&self) {
        self.taken().sought = None;
    }

    /// The share of so many bytes that the reader gave out.
    pub fn given_out(&self, bytes: usize) -> Hold {
        self.taken().hold.split(bytes)
    }

    /// Why the body was ended, if it was.
    pub fn problem(&self) -> Option<Problem> {
        self.taken().problem.clone()
    }
}

impl Taken {
    fn count(&mut self, bytes: usize) -> Result<(), Problem> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| too_large(self.max))?;
        if self.sought.is_some_and(|sought| sought > MAX_SOUGHT) {
            let message = format!(
                "the form is broken: no part begins within {MAX_SOUGHT} bytes; what precedes a part and its head may have as many"
            );
            return Err(Problem::new(Code::BadRequest, message));
        }
        if let Some(sought) = &mut self.sought {
            *sought += bytes;
        }
        if self.hold.grow(bytes) {
            Ok(())
        } else {
            Err(memory_full())
        }
    }
}

/// A body whose pieces are counted, and taken one at a time: after each the reader looks at what it has.
struct Metered {
    body: Body,
    meter: Meter,
    /// Whether a piece was given at the last call.
    gave: bool,
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if std::mem::take(&mut self.gave) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            let mut taken = self.meter.taken();
            if let Err(problem) = taken.count(bytes) {
                let error = axum::Error::new(std::io::Error::other(problem.message.clone()));
                taken.problem = Some(problem);
                return Poll::Ready(Some(Err(error)));
            }
            drop(taken);
            self.gave = true;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
