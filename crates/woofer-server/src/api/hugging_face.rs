use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{Score, ranked};
use super::refusals::Refusals;
use super::request::{Asked, Recording, UNNAMED, text_of};
use crate::http::{Code, MediaType, Problem, Upload};
use crate::service::Service;

/// A recording in JSON, as Hugging Face's clients send it when they have parameters.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HuggingFaceInput {
    /// The file in base64.
    inputs: String,
    #[serde(default)]
    parameters: HuggingFaceParameters,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct HuggingFaceParameters {
    /// Only the so many best classes [default: all].
    #[schema(minimum = 1)]
    top_k: Option<u32>,
}

/// What is heard in a recording, in Hugging Face's shape: best first.
#[utoipa::path(
    post, path = "/models/{model}", tag = "Hugging Face",
    params(("model" = String, Path, description = "The model's name, from /v1/models.")),
    request_body(content(
        (Recording = "audio/*"), (Recording = "application/octet-stream"), (HuggingFaceInput = "application/json"),
    )),
    responses(
        (status = 200, body = Vec<Score>),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn model(
    State(service): State<Service>,
    Path(model): Path<String>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, Some(&model), request).await
}

/// The same on the path of Hugging Face's router; the owner of the model means nothing here.
#[utoipa::path(
    post, path = "/hf-inference/models/{owner}/{model}", tag = "Hugging Face",
    params(
        ("owner" = String, Path, description = "Anything."),
        ("model" = String, Path, description = "The model's name, from /v1/models."),
    ),
    request_body(content(
        (Recording = "audio/*"), (Recording = "application/octet-stream"), (HuggingFaceInput = "application/json"),
    )),
    responses(
        (status = 200, body = Vec<Score>),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn owned_model(
    State(service): State<Service>,
    Path((_owner, model)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, Some(&model), request).await
}

/// The same as a dedicated endpoint answers: at the root, by the first model.
#[utoipa::path(
    post, path = "/", tag = "Hugging Face",
    request_body(content(
        (Recording = "audio/*"), (Recording = "application/octet-stream"), (HuggingFaceInput = "application/json"),
    )),
    responses(
        (status = 200, body = Vec<Score>),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn endpoint(State(service): State<Service>, request: Request) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, None, request).await
}

async fn answer(
    service: &Service,
    model: Option<&str>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    let asked = Asked::of(service, model)?;
    let kind = text_of(request.headers(), &header::CONTENT_TYPE)?;
    let is_json = kind.is_some_and(|kind| MediaType::of(&kind).is("application/json"));
    let (upload, top_k) = if is_json {
        let text = asked.body(service, request).await?;
        from_json(service, &text)?
    } else {
        (asked.audio(service, request).await?, usize::MAX)
    };
    let heard = asked.score(service, UNNAMED, upload, false, false).await?;
    Ok(Json(ranked(&asked.model, &heard.clip.scores, top_k)))
}

fn from_json(service: &Service, text: &Upload) -> Result<(Upload, usize), Problem> {
    let bad = |message: String| Problem::new(Code::BadRequest, message);
    let input: HuggingFaceInput = serde_json::from_slice(&text.bytes)
        .map_err(|error| bad(format!("the JSON is not as it should be: {error}")))?;
    let bytes = STANDARD
        .decode(&input.inputs)
        .map_err(|error| bad(format!("inputs is no base64: {error}")))?;
    let mut upload = Upload::empty(service.held());
    upload.push(&bytes, service.settings().limits.body_bytes)?;
    let top_k = match input.parameters.top_k {
        None => usize::MAX,
        Some(0) => return Err(bad("top_k is 0; at least 1 is allowed".to_owned())),
        Some(k) => usize::try_from(k).unwrap_or(usize::MAX),
    };
    Ok((upload, top_k))
}
