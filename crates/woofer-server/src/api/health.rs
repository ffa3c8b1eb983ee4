use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Code, Problem, ProblemBody};
use crate::service::Service;

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
}

const WELL: Health = Health { status: "ok" };

/// Whether the service lives; when it does not it should be started anew.
#[utoipa::path(
    get, path = "/health/live", tag = "Health",
    responses((status = 200, body = Health), (status = 503, body = ProblemBody))
)]
pub async fn live(State(service): State<Service>) -> Result<Json<Health>, Problem> {
    match service.pool().illness() {
        None => Ok(Json(WELL)),
        Some(reason) => Err(Problem::new(Code::NotReady, reason)),
    }
}

/// Whether the service may be asked.
#[utoipa::path(
    get, path = "/health/ready", tag = "Health",
    responses((status = 200, body = Health), (status = 503, body = ProblemBody))
)]
pub async fn ready(State(service): State<Service>) -> Result<Json<Health>, Problem> {
    match service.readiness() {
        Ok(()) => Ok(Json(WELL)),
        Err(reason) => Err(Problem::new(Code::NotReady, reason)),
    }
}
