use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::request::{Asked, ModelQuery, Recording, UNNAMED};
use crate::compute::{Outcome, Task};
use crate::http::{Code, Problem, ProblemBody, Query};
use crate::service::Service;

/// A recording as a WAV that every browser plays: 16 kHz, mono, 16 bit.
#[utoipa::path(
    post, path = "/v1/wav", tag = "Woofer",
    params(ModelQuery),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content((Recording = "audio/wav"))),
        (status = 400, description = "The query, a header or the body is broken.", body = ProblemBody),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
        (status = 404, description = "No such model is loaded.", body = ProblemBody),
        (status = 408, description = "The body came too slowly.", body = ProblemBody),
        (status = 413, description = "The body is too large.", body = ProblemBody),
        (status = 415, description = "The body's type is no audio.", body = ProblemBody),
        (status = 422, description = "The body cannot be decoded.", body = ProblemBody),
        (status = 429, description = "Too much waits already.", body = ProblemBody,
            headers(("Retry-After" = u64, description = "Seconds."))),
        (status = 503, description = "No model is ready.", body = ProblemBody),
        (status = 504, description = "It took too long.", body = ProblemBody),
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
        Outcome::Wav(bytes) => Ok(([(header::CONTENT_TYPE, "audio/wav")], bytes).into_response()),
        Outcome::Heard(_) | Outcome::Seen(_) => Err(Problem::new(Code::Internal, "another task was done")),
    }
}
