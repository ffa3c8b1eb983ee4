use std::borrow::Cow;
use std::num::NonZeroU16;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use base64::engine::general_purpose::STANDARD;
use base64::{Engine, decoded_len_estimate};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answers::{Score, ranked};
use super::refusals::Refusals;
use super::request::{Asked, Recording, UNNAMED, text_of};
use crate::http::{Code, MediaType, Path, Problem, Query, Upload, memory_full};
use crate::service::Service;

/// A recording in JSON, as Hugging Face's clients send it when they have parameters.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HuggingFaceInput<'a> {
    /// The file in base64.
    #[serde(borrow)]
    #[schema(value_type = String)]
    inputs: Cow<'a, str>,
    parameters: Option<HuggingFaceParameters>,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct HuggingFaceParameters {
    /// Only the so many best classes [default: all].
    #[schema(minimum = 1)]
    top_k: Option<u32>,
}

/// What is wanted, for whoever sends the bare recording; what the JSON says goes before.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HuggingFaceQuery {
    /// Only the so many best classes [default: all].
    #[param(minimum = 1, maximum = 65535, value_type = Option<u16>)]
    top_k: Option<NonZeroU16>,
}

/// What is heard in a recording, in Hugging Face's shape: best first.
#[utoipa::path(
    post, path = "/models/{model}", tag = "Hugging Face",
    params(("model" = String, Path, description = "The model's name, from /v1/models."), HuggingFaceQuery),
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
    Query(query): Query<HuggingFaceQuery>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, Some(&model), &query, request).await
}

/// The same on the path of Hugging Face's router; the owner of the model means nothing here.
#[utoipa::path(
    post, path = "/hf-inference/models/{owner}/{model}", tag = "Hugging Face",
    params(
        ("owner" = String, Path, description = "Anything."),
        ("model" = String, Path, description = "The model's name, from /v1/models."),
        HuggingFaceQuery,
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
    Query(query): Query<HuggingFaceQuery>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, Some(&model), &query, request).await
}

/// The same as a dedicated endpoint answers: at the root, by the first model.
#[utoipa::path(
    post, path = "/", tag = "Hugging Face",
    params(HuggingFaceQuery),
    request_body(content(
        (Recording = "audio/*"), (Recording = "application/octet-stream"), (HuggingFaceInput = "application/json"),
    )),
    responses(
        (status = 200, body = Vec<Score>),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn endpoint(
    State(service): State<Service>,
    Query(query): Query<HuggingFaceQuery>,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    answer(&service, None, &query, request).await
}

async fn answer(
    service: &Service,
    model: Option<&str>,
    query: &HuggingFaceQuery,
    request: Request,
) -> Result<Json<Vec<Score>>, Problem> {
    let asked = Asked::of(service, model)?;
    let kind = text_of(request.headers(), &header::CONTENT_TYPE)?;
    let is_json = kind.is_some_and(|kind| MediaType::of(&kind).is("application/json"));
    let (upload, top_k) = if is_json {
        from_json(&asked.body(service, request).await?)?
    } else {
        (asked.audio(service, request).await?, None)
    };
    let of_query = || query.top_k.map(|k| usize::from(k.get()));
    let top_k = top_k.or_else(of_query).unwrap_or(usize::MAX);
    let heard = asked.score(service, UNNAMED, upload, false, false).await?;
    Ok(Json(ranked(&asked.model, &heard.clip.scores, top_k)))
}

/// The recording in a JSON, and how many classes are wanted.
fn from_json(text: &Upload) -> Result<(Upload, Option<usize>), Problem> {
    let bad = |message: String| Problem::new(Code::BadRequest, message);
    // A text with escapes is kept once more without them, and once more as it is put together.
    let mut copies = text.another_hold();
    if text.bytes.contains(&b'\\') && !copies.grow(text.bytes.len().saturating_mul(2)) {
        return Err(memory_full());
    }
    let input: HuggingFaceInput<'_> = serde_json::from_slice(&text.bytes)
        .map_err(|error| bad(format!("the JSON is not as it should be: {error}")))?;
    let top_k = match input.parameters.and_then(|parameters| parameters.top_k) {
        None => None,
        Some(0) => return Err(bad("top_k is 0; at least 1 is allowed".to_owned())),
        Some(k) => Some(usize::try_from(k).unwrap_or(usize::MAX)),
    };
    let mut decoded = text.another_hold();
    if !decoded.grow(decoded_len_estimate(input.inputs.len())) {
        return Err(memory_full());
    }
    let bytes = STANDARD
        .decode(input.inputs.as_bytes())
        .map_err(|error| bad(format!("inputs is no base64: {error}")))?;
    Ok((Upload::counted(bytes, decoded), top_k))
}
