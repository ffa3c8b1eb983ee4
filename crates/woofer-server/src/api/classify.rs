use std::num::NonZeroU16;

use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answers::{ClassifyAnswer, Details, FileAnswer, SCHEMA_VERSION};
use super::form::{self, FormFile};
use super::refusals::Refusals;
use super::request::{Asked, Recording, UNNAMED, is_form};
use crate::http::{Code, Counted, Problem, Query};
use crate::service::Service;

/// What is wanted of recordings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClassifyQuery {
    /// The model's name, from `/v1/models` [default: the first there].
    model: Option<String>,
    /// Only the so many best classes [default: all].
    #[param(minimum = 1, maximum = 65535, value_type = Option<u16>)]
    top_k: Option<NonZeroU16>,
    /// Whether the scores of each window of the network are wanted too.
    #[serde(default)]
    timeline: bool,
    /// Whether events are wanted, of each mode that the model has thresholds for.
    #[serde(default)]
    events: bool,
}

/// A form with files; the names of its parts mean nothing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands in the document only")]
pub struct Form {
    file: Vec<Recording>,
}

/// What is heard in recordings.
///
/// The body is one file, or a form (`multipart/form-data`) with several. Of several, one that cannot be scored gets an
/// error of its own and the others their scores; of a single one the error is the answer.
#[utoipa::path(
    post, path = "/v1/classify", tag = "Woofer",
    params(ClassifyQuery),
    request_body(content(
        (Recording = "audio/*"), (Recording = "application/octet-stream"), (Form = "multipart/form-data"),
    )),
    responses(
        (status = 200, body = ClassifyAnswer),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn classify(
    State(service): State<Service>,
    Query(query): Query<ClassifyQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::of(&service, query.model.as_deref())?;
    let details = Details {
        top_k: query.top_k.map_or(usize::MAX, |k| usize::from(k.get())),
        timeline: query.timeline,
        events: query.events,
    };
    let files = if is_form(request.headers()) {
        let files = form::files(&service, &asked, request).await?;
        score_all(&service, &asked, files, details).await?
    } else {
        let upload = asked.audio(&service, request).await?;
        let heard = asked
            .score(&service, UNNAMED, upload, details.need_windows(), false)
            .await?;
        vec![FileAnswer::of(None, &asked.model, &heard, details)]
    };
    let answer = ClassifyAnswer {
        schema_version: SCHEMA_VERSION,
        model: asked.model.name.clone(),
        files,
    };
    Ok(Counted::json(&answer, service.held())?.into_answer("application/json"))
}

/// Scores the files of a form, as many at a time as there are workers.
///
/// Only the first may find the queue full: once a request is let in, the rest of it waits for its turn.
async fn score_all(
    service: &Service,
    asked: &Asked,
    files: Vec<FormFile>,
    details: Details,
) -> Result<Vec<FileAnswer>, Problem> {
    let single = files.len() == 1;
    let one = |(place, file): (usize, FormFile)| async move {
        let FormFile { name, upload } = file;
        let scored = asked.score(service, &name, upload, details.need_windows(), place > 0);
        match scored.await {
            Ok(heard) => Ok(FileAnswer::of(Some(name), &asked.model, &heard, details)),
            Err(problem) if single || is_of_request(problem.code) => Err(problem),
            Err(problem) => Ok(FileAnswer::failed(Some(name), problem.code, problem.message)),
        }
    };
    futures_util::stream::iter(files.into_iter().enumerate().map(one))
        .buffered(service.pool().workers())
        .try_collect()
        .await
}

/// Whether a problem is the whole request's and not that of one file.
const fn is_of_request(code: Code) -> bool {
    matches!(code, Code::QueueFull | Code::Timeout | Code::NotReady)
}
