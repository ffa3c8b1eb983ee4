use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::answers::{NamedPrediction, Prediction};
use super::request::{Asked, ModelQuery, Recording, UNNAMED, text_of};
use crate::compute::Heard;
use crate::http::{Code, Problem, ProblemBody, Query, Reply, wanted};
use crate::models::ServedModel;
use crate::service::Service;

/// What is heard in a recording, as `SageMaker` asks and as the original system answers.
///
/// The body is a file of any readable format. The answer is `{"label": 3, "probability": [...]}` as `text/json`, or by
/// `Accept` the same with names (`application/json`), on a line that ends (`application/jsonlines`), or as a row of
/// label and probabilities (`text/csv`, with a row of names before it for `text/csv; header=present`).
#[utoipa::path(
    post, path = "/invocations", tag = "SageMaker",
    params(ModelQuery),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, content(
            (Prediction = "text/json"), (NamedPrediction = "application/json"),
            (NamedPrediction = "application/jsonlines"), (String = "text/csv"),
        )),
        (status = 400, description = "The query, a header or the body is broken.", body = ProblemBody),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
        (status = 404, description = "No such model is loaded.", body = ProblemBody),
        (status = 406, description = "None of the accepted types can be sent.", body = ProblemBody),
        (status = 408, description = "The body came too slowly.", body = ProblemBody),
        (status = 413, description = "The body is too large.", body = ProblemBody),
        (status = 415, description = "The body's type is no audio.", body = ProblemBody),
        (status = 422, description = "The body cannot be decoded.", body = ProblemBody),
        (status = 429, description = "Too much waits already.", body = ProblemBody,
            headers(("Retry-After" = u64, description = "Seconds."))),
        (status = 503, description = "No model is ready.", body = ProblemBody),
        (status = 504, description = "Scoring took too long.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn invocations(
    State(service): State<Service>,
    Query(query): Query<ModelQuery>,
    request: Request,
) -> Result<Response, Problem> {
    predict(&service, query.model.as_deref(), request).await
}

/// The answer of one model to a request like that of `/invocations`.
pub async fn predict(service: &Service, model: Option<&str>, request: Request) -> Result<Response, Problem> {
    let asked = Asked::of(service, model)?;
    let reply = wanted(text_of(request.headers(), &header::ACCEPT)?.as_deref())?;
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
