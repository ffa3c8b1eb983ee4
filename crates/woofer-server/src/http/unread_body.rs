use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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
struct Shared(Arc<Mutex<Body>>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

/// Reads what a refused request still sends, within limits, before the refusal is sent.
///
/// A connection that is closed while the other side still writes is reset, and the reset overtakes the answer.
pub async fn finish_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let mut shared = Shared(Arc::new(Mutex::new(body)));
    let mut response = next
        .run(Request::from_parts(head, Body::new(shared.clone())))
        .await;
    if !shared.is_end_stream() && !drain(&mut shared, MAX_DRAINED, PATIENCE).await {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
