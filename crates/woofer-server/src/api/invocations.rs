use axum::extract::{Request, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::answers::{NamedPrediction, Prediction};
use super::refusals::Refusals;
use super::request::{Asked, ModelQuery, Recording, UNNAMED, list_of, text_of};
use crate::compute::Heard;
use crate::http::{Code, Path, Problem, Query, Reply, wanted};
use crate::models::ServedModel;
use crate::service::Service;

/// Names the model of an endpoint of several.
const TARGET_MODEL: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-model");

/// What is heard in a recording, as `SageMaker` asks and as the original system answers.
///
/// The body is a file of any readable format. The answer is `{"label": 3, "probability": [...]}` as `text/json`, or by
/// `Accept` the same with names (`application/json`), on a line that ends (`application/jsonlines`), or as a row of
/// label and probabilities (`text/csv`, with a row of names before it for `text/csv; header=present`).
///
/// Where models come and go (the multi-model API), the header `X-Amzn-SageMaker-Target-Model` names the model as well;
/// elsewhere it means nothing here.
#[utoipa::path(
    post, path = "/invocations", tag = "SageMaker",
    params(
        ModelQuery,
        ("X-Amzn-SageMaker-Target-Model" = Option<String>, Header,
            description = "The model's name, with the multi-model API on; the query goes before."),
    ),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content(
            (Prediction = "text/json"), (NamedPrediction = "application/json"),
            (NamedPrediction = "application/jsonlines"), (String = "text/csv"),
        )),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn invocations(
    State(service): State<Service>,
    Query(query): Query<ModelQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let target = match service.model_root() {
        Some(_) => text_of(request.headers(), &TARGET_MODEL)?,
        None => None,
    };
    predict(&service, query.model.or(target).as_deref(), request).await
}

/// The same at the path by which Amazon's own clients ask, so that they can be pointed here (`endpoint_url`) and what
/// is written for the cloud runs on one's own machine.
///
/// The endpoint's name means nothing; the header `X-Amzn-SageMaker-Target-Model` names the model.
#[utoipa::path(
    post, path = "/endpoints/{endpoint}/invocations", tag = "SageMaker",
    params(
        ("endpoint" = String, Path, description = "Anything."),
        ("X-Amzn-SageMaker-Target-Model" = Option<String>, Header, description = "The model's name."),
    ),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content(
            (Prediction = "text/json"), (NamedPrediction = "application/json"),
            (NamedPrediction = "application/jsonlines"), (String = "text/csv"),
        )),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn endpoint(
    State(service): State<Service>,
    Path(_endpoint): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let model = text_of(request.headers(), &TARGET_MODEL)?;
    predict(&service, model.as_deref(), request).await
}

/// The answer of one model to a request like that of `/invocations`.
pub async fn predict(service: &Service, model: Option<&str>, request: Request) -> Result<Response, Problem> {
    let asked = Asked::of(service, model)?;
    let reply = wanted(list_of(request.headers(), &header::ACCEPT)?.as_deref())?;
    let upload = asked.audio(service, request).await?;
    let heard = asked.score(service, UNNAMED, upload, false, false).await?;
    written(reply, &asked.model, &heard)
}

fn written(reply: Reply, model: &ServedModel, heard: &Heard) -> Result<Response, Problem> {
    let defect = |error: serde_json::Error| Problem::new(Code::Internal, error.to_string());
    let (kind, text) = match reply {
        Reply::Original => (
            "text/json",
            serde_json::to_string(&Prediction::of(heard)).map_err(defect)?,
        ),
        Reply::Json => (
            "application/json",
            serde_json::to_string(&NamedPrediction::of(model, heard)).map_err(defect)?,
        ),
        Reply::JsonLines => (
            "application/jsonlines",
            serde_json::to_string(&NamedPrediction::of(model, heard)).map_err(defect)? + "\n",
        ),
        Reply::Csv { header } => ("text/csv; charset=utf-8", csv(model, heard, header)),
    };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn csv(model: &ServedModel, heard: &Heard, header: bool) -> String {
    let Prediction { label, probability } = Prediction::of(heard);
    let numbers: Vec<String> = probability.iter().map(ToString::to_string).collect();
    let row = format!("{label},{}\n", numbers.join(","));
    if !header {
        return row;
    }
    let names: Vec<String> = model.classes.iter().map(|name| csv_field(name)).collect();
    format!("label,{}\n{row}", names.join(","))
}

/// A field of a CSV row, in quotes where it needs them (RFC 4180).
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::csv_field;

    #[test]
    fn commas_and_quotes_stay_within_their_field() {
        assert_eq!(csv_field("Dishes, \"pots\""), "\"Dishes, \"\"pots\"\"\"");
        assert_eq!(csv_field("Bird"), "Bird");
    }
}
