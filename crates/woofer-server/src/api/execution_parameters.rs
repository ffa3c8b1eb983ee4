use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::ProblemBody;
use crate::service::Service;

/// What suits a batch transform job.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionParameters {
    /// Requests at a time.
    max_concurrent_transforms: usize,
    /// A recording a request.
    batch_strategy: &'static str,
    /// Largest body in MiB.
    #[serde(rename = "MaxPayloadInMB")]
    max_payload_in_mb: usize,
}

/// What suits a batch transform job, as `SageMaker` asks.
#[utoipa::path(
    get, path = "/execution-parameters", tag = "SageMaker",
    responses(
        (status = 200, body = ExecutionParameters),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn execution_parameters(State(service): State<Service>) -> Json<ExecutionParameters> {
    let limits = &service.settings().limits;
    // One is read while another is scored.
    let concurrent = (2 * service.pool().workers()).min(limits.queue).max(1);
    // As many bodies must find room at the same time.
    let payload = limits.body_bytes.min(limits.held_bytes / concurrent);
    Json(ExecutionParameters {
        max_concurrent_transforms: concurrent,
        batch_strategy: "SINGLE_RECORD",
        max_payload_in_mb: (payload >> 20).clamp(1, 100),
    })
}
