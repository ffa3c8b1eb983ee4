use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::http::{Code, Problem, ProblemBody};
use crate::service::Service;

/// How the service does, as Prometheus reads it.
#[utoipa::path(
    get, path = "/metrics", tag = "Health",
    responses(
        (status = 200, content((String = "text/plain"))),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn metrics(State(service): State<Service>) -> Result<Response, Problem> {
    let metrics = service.metrics();
    metrics
        .held_bytes
        .set(i64::try_from(service.held().used()).unwrap_or(i64::MAX));
    let text = metrics
        .text()
        .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response())
}
