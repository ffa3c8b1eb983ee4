use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{Code, Problem};
use crate::service::Service;

/// Counts and times a request, and notes it in the log: its path's pattern, never what was asked or sent.
pub async fn watch(State(service): State<Service>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = known_method(request.method());
    let response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status();
    let code = response.extensions().get::<Code>().copied();
    service
        .metrics()
        .answered(method, &route, status.as_u16(), code, took);
    let code = code.map(Code::word).unwrap_or_default();
    let took_ms = took.as_secs_f64() * 1e3;
    if status.is_server_error() && status != axum::http::StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(%method, route, status = status.as_u16(), code, took_ms, "failed");
    } else {
        tracing::debug!(%method, route, status = status.as_u16(), code, took_ms, "answered");
    }
    response
}

/// A method as a label: what strangers invent must not make ever new series.
fn known_method(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

/// The answer of a handler that panicked.
#[expect(clippy::needless_pass_by_value, reason = "the form that tower-http calls")]
pub fn answer_of_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = words.unwrap_or("no message"), "a handler panicked");
    Problem::new(Code::Internal, "the service has a defect; it is in its log").into_response()
}
