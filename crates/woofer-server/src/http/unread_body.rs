use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use super::body::drain;

/// Bytes that are read to no purpose so that a refusal arrives.
const MAX_DRAINED: usize = 128 << 20;

/// Time in which they are read.
const PATIENCE: Duration = Duration::from_secs(5);

/// A body that stays within reach while a handler reads it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Asked>>);

struct Asked {
    body: Body,
    /// Whether the handler asked for any of it.
    ever: bool,
}

impl Shared {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut asked = self.asked();
        asked.ever = true;
        Pin::new(&mut asked.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.asked().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.asked().body.size_hint()
    }
}

/// Reads what a refused request still sends, within limits, before the refusal is sent.
///
/// A connection that is closed while the other side still writes is reset, and the reset overtakes the answer. One that
/// waits to be asked for its body (`Expect: 100-continue`, RFC 9110, 10.1.1) and was not is not asked for it in vain.
pub async fn finish_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let waits = head
        .headers
        .get(header::EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let mut shared = Shared(Arc::new(Mutex::new(Asked { body, ever: false })));
    let mut response = next
        .run(Request::from_parts(head, Body::new(shared.clone())))
        .await;
    let is_done = async {
        let unasked = waits && !shared.asked().ever;
        shared.is_end_stream() || (!unasked && drain(&mut shared, MAX_DRAINED, PATIENCE).await)
    };
    if !is_done.await {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
