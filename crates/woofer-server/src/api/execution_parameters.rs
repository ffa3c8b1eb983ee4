use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

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
    responses((status = 200, body = ExecutionParameters))
)]
pub async fn execution_parameters(State(service): State<Service>) -> Json<ExecutionParameters> {
    let limits = &service.settings().limits;
    Json(ExecutionParameters {
        // One is read while another is scored.
        max_concurrent_transforms: (2 * service.pool().workers()).min(limits.queue),
        batch_strategy: "SINGLE_RECORD",
        max_payload_in_mb: (limits.body_bytes >> 20).clamp(1, 100),
    })
}
