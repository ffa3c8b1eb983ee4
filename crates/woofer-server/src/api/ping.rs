use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::http::{Code, Problem, ProblemBody};
use crate::service::Service;

/// Whether the service is ready, as `SageMaker` asks: 200 once the model has answered a warm-up clip.
///
/// With the multi-model API on, the service is ready without any model.
#[utoipa::path(
    get, path = "/ping", tag = "SageMaker",
    responses(
        (status = 200, description = "Ready."),
        (status = 503, description = "Not ready, and why.", body = ProblemBody),
    )
)]
pub async fn ping(State(service): State<Service>) -> Response {
    match service.readiness() {
        Ok(()) => StatusCode::OK.into_response(),
        Err(reason) => Problem::new(Code::NotReady, reason).into_response(),
    }
}
