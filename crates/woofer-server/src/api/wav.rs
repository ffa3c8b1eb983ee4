use axum::extract::{Request, State};
use axum::response::Response;

use super::refusals::Refusals;
use super::request::{Asked, ModelQuery, Recording, UNNAMED};
use crate::compute::{Outcome, Task};
use crate::http::{Code, Problem, Query};
use crate::service::Service;

/// A recording as a WAV that every browser plays: 16 kHz, mono, 16 bit.
#[utoipa::path(
    post, path = "/v1/wav", tag = "Woofer",
    params(ModelQuery),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content((Recording = "audio/wav"))),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn wav(
    State(service): State<Service>,
    Query(query): Query<ModelQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::of(&service, query.model.as_deref())?;
    let upload = asked.audio(&service, request).await?;
    let outcome = service
        .hear(&asked.model, UNNAMED, upload, Task::Wav, false, asked.deadline)
        .await?;
    match outcome {
        Outcome::Wav(bytes) => Ok(bytes.into_answer("audio/wav")),
        Outcome::Heard(_) | Outcome::Seen(_) => Err(Problem::new(Code::Internal, "another task was done")),
    }
}
