use std::path::{Path as FilePath, PathBuf};

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use woofer::ModelSource;

use super::invocations::predict;
use super::refusals::Refusals;
use super::request::Recording;
use crate::http::{Code, Path, Problem, ProblemBody, Query, Upload, read_body};
use crate::models::ServedModel;
use crate::service::Service;

/// Longest name of a model, in bytes.
const MAX_NAME: usize = 256;

/// Most bytes of a request to load a model.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// A model to load.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoadRequest {
    /// The name under which it will be asked.
    #[schema(min_length = 1, max_length = 256)]
    model_name: String,
    /// Its folder on this machine.
    url: String,
}

/// A model that is loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadedEntry {
    #[serde(rename = "modelName")]
    name: String,
    #[serde(rename = "modelUrl")]
    url: String,
}

/// The models that are loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadedList {
    models: Vec<LoadedEntry>,
    /// Where the next page begins, if there is one.
    #[serde(rename = "nextPageToken", skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// Which of the models.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most so many [default: 100].
    #[param(minimum = 1, maximum = 65535, value_type = Option<u16>)]
    limit: Option<std::num::NonZeroU16>,
    /// What the page before said.
    next_page_token: Option<String>,
}

impl LoadedEntry {
    fn of(model: &ServedModel) -> Self {
        Self {
            name: model.name.clone(),
            url: model.url.clone(),
        }
    }
}

/// The models that are loaded, as `SageMaker`'s multi-model API lists them.
#[utoipa::path(
    get, path = "/models", tag = "SageMaker multi-model",
    params(PageQuery),
    responses(
        (status = 200, body = LoadedList),
        (status = 400, description = "The query is broken.", body = ProblemBody),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn list(
    State(service): State<Service>,
    Query(query): Query<PageQuery>,
) -> Result<Json<LoadedList>, Problem> {
    let mut all = service.models().all();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let after = query.next_page_token.as_deref();
    let limit = query.limit.map_or(100, |k| usize::from(k.get()));
    let mut rest = all
        .iter()
        .filter(|model| after.is_none_or(|name| model.name.as_str() > name));
    let models: Vec<LoadedEntry> = rest
        .by_ref()
        .take(limit)
        .map(|model| LoadedEntry::of(model))
        .collect();
    let more = rest.next().is_some();
    Ok(Json(LoadedList {
        next_page_token: models.last().map(|last| last.name.clone()).filter(|_| more),
        models,
    }))
}

/// Loads a model that lies on this machine, below the folder that the service was started with.
#[utoipa::path(
    post, path = "/models", tag = "SageMaker multi-model",
    request_body(content((LoadRequest = "application/json"))),
    responses(
        (status = 200, body = LoadedEntry),
        (status = 400, description = "The JSON is not as it should be.", body = ProblemBody),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
        (status = 404, description = "The multi-model API is off.", body = ProblemBody),
        (status = 408, description = "The body came too slowly.", body = ProblemBody),
        (status = 409, description = "A model of that name is loaded.", body = ProblemBody),
        (status = 413, description = "The body is too large.", body = ProblemBody),
        (status = 422, description = "The model is refused.", body = ProblemBody),
        (status = 429, description = "Too much waits already.", body = ProblemBody),
        (status = 504, description = "Others were loaded all the time, or the model did not answer in time.", body = ProblemBody),
        (status = 507, description = "No room for another.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn load(State(service): State<Service>, request: Request) -> Result<Json<LoadedEntry>, Problem> {
    let root = service.model_root().ok_or_else(off)?;
    let LoadRequest { model_name, url } = load_request(&service, request).await?;
    if model_name.is_empty() || model_name.len() > MAX_NAME || model_name.contains(char::is_control) {
        let message = format!("model_name must have 1 to {MAX_NAME} bytes and no control characters");
        return Err(Problem::new(Code::BadRequest, message));
    }
    let max = service.settings().limits.models;
    service.models().check_room(&model_name, max)?;
    let path = inside(&root, &url)?;
    let turn = service.turn_to_load().await?;
    // While it waited, another may have taken the name or the room.
    service.models().check_room(&model_name, max)?;
    let refused = |reason: String| Problem::new(Code::BadModel, reason);
    let (model, turn) = service
        .read_model(ModelSource::Path(path), turn)
        .await
        .map_err(refused)?;
    let model = service.models().add(&model_name, &url, model, max)?;
    drop(turn);
    if let Err(problem) = service.warm_up(&model).await {
        service.models().remove_this(&model);
        return Err(problem);
    }
    tracing::info!(model = model.name, "loaded");
    Ok(Json(LoadedEntry::of(&model)))
}

async fn load_request(service: &Service, request: Request) -> Result<LoadRequest, Problem> {
    let mut limits = service.settings().limits.clone();
    limits.body_bytes = limits.body_bytes.min(MAX_REQUEST_BYTES);
    let body: Upload = read_body(
        request.into_body(),
        None,
        &limits,
        service.held(),
        service.deadline(),
    )
    .await?;
    serde_json::from_slice(&body.bytes).map_err(|error| {
        let message = format!(
            "the JSON is not as it should be: {error}; wanted is {{\"model_name\": \"...\", \"url\": \"...\"}}"
        );
        Problem::new(Code::BadRequest, message)
    })
}

/// The real path of a model, which must be below the folder of models.
fn inside(root: &FilePath, url: &str) -> Result<PathBuf, Problem> {
    let refused = |why: &str| {
        let message = format!("{url:?}: {why}; only what is below {} is loaded", root.display());
        Problem::new(Code::BadModel, message)
    };
    let path = url.strip_prefix("file://").unwrap_or(url);
    let outside = || refused("is not there, or lies elsewhere");
    let root = root.canonicalize().map_err(|_| outside())?;
    let path = root.join(path).canonicalize().map_err(|_| outside())?;
    if path == root || !path.starts_with(&root) {
        return Err(outside());
    }
    Ok(path)
}

/// What is known of a loaded model.
#[utoipa::path(
    get, path = "/models/{model}", tag = "SageMaker multi-model",
    params(("model" = String, Path, description = "The model's name.")),
    responses(
        (status = 200, body = LoadedEntry),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
        (status = 404, description = "No such model is loaded.", body = ProblemBody),
        (status = 503, description = "No model is loaded.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn describe(
    State(service): State<Service>,
    Path(model): Path<String>,
) -> Result<Json<LoadedEntry>, Problem> {
    Ok(Json(LoadedEntry::of(&*service.models().get(Some(&model))?)))
}

/// Unloads a model.
#[utoipa::path(
    delete, path = "/models/{model}", tag = "SageMaker multi-model",
    params(("model" = String, Path, description = "The model's name.")),
    responses(
        (status = 200, description = "It is unloaded.", body = LoadedList),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
        (status = 404, description = "No such model is loaded, or the multi-model API is off.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn unload(
    State(service): State<Service>,
    Path(model): Path<String>,
) -> Result<Json<LoadedList>, Problem> {
    if service.model_root().is_none() {
        return Err(off());
    }
    service.models().remove(&model)?;
    tracing::info!(model, "unloaded");
    list(
        State(service),
        Query(PageQuery {
            limit: None,
            next_page_token: None,
        }),
    )
    .await
}

/// What is heard in a recording by a model; as `/invocations`.
#[utoipa::path(
    post, path = "/models/{model}/invoke", tag = "SageMaker multi-model",
    params(("model" = String, Path, description = "The model's name.")),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content(
            (super::answers::Prediction = "text/json"), (super::answers::NamedPrediction = "application/json"),
            (super::answers::NamedPrediction = "application/jsonlines"), (String = "text/csv"),
        )),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn invoke(
    State(service): State<Service>,
    Path(model): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    predict(&service, Some(&model), request).await
}

fn off() -> Problem {
    Problem::new(
        Code::NotFound,
        "the multi-model API is off; start woofer serve with --multi-model FOLDER",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_folder_of_models_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("models");
        std::fs::create_dir_all(root.join("a/model")).unwrap();
        std::fs::create_dir(dir.path().join("models2")).unwrap();
        std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
        let absolute = root.join("a/model").display().to_string();
        for good in ["a/model", "a", &absolute, &format!("file://{absolute}")] {
            assert!(inside(&root, good).is_ok(), "{good}");
        }
        let beside = dir.path().join("models2").display().to_string();
        for bad in [
            "",
            ".",
            "..",
            "a/../..",
            "../models2",
            &beside,
            "/etc",
            "link",
            "link/ssl",
            "none",
            "\0",
        ] {
            assert_eq!(inside(&root, bad).unwrap_err().code, Code::BadModel, "{bad:?}");
        }
    }
}
