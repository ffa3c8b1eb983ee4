use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

use crate::compute::{Heard, Outcome, Task};
use crate::http::{Code, MediaType, Problem, Upload, check_audio_type, read_body};
use crate::models::ServedModel;
use crate::service::Service;

/// The name of a recording that came without one.
pub const UNNAMED: &str = "body";

/// A recording as it is sent: the bytes of a file of any readable format.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Recording(#[expect(dead_code, reason = "stands in the document only")] Vec<u8>);

/// Which model is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ModelQuery {
    /// Its name, from `/v1/models` [default: the first there].
    pub model: Option<String>,
}

/// The text of a header.
pub fn text_of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    headers
        .get(name)
        .map(|value| {
            let text = value.to_str().map(str::to_owned);
            text.map_err(|_| no_text(name))
        })
        .transpose()
}

/// The text of a header that is a list, which may stand on several lines (RFC 9110, 5.3).
pub fn list_of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    let lines: Result<Vec<&str>, _> = headers.get_all(name).iter().map(HeaderValue::to_str).collect();
    let lines = lines.map_err(|_| no_text(name))?;
    Ok((!lines.is_empty()).then(|| lines.join(", ")))
}

fn no_text(name: &HeaderName) -> Problem {
    Problem::new(Code::BadRequest, format!("the header {name} is no text"))
}

/// Whether a form was sent.
pub fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| MediaType::of(kind).is("multipart/form-data"))
}

/// A request for a model: which, and until when it must be answered.
pub struct Asked {
    pub model: Arc<ServedModel>,
    pub deadline: Instant,
}

impl Asked {
    /// The request of a model that is ready.
    pub fn of(service: &Service, model: Option<&str>) -> Result<Self, Problem> {
        if service.model_root().is_none() {
            service
                .readiness()
                .map_err(|reason| Problem::new(Code::NotReady, reason).retry_after(1))?;
        }
        Ok(Self {
            model: service.models().get(model)?,
            deadline: service.deadline(),
        })
    }

    /// The body of a request, which must be of a type that may be audio.
    pub async fn audio(&self, service: &Service, request: Request) -> Result<Upload, Problem> {
        let kind = text_of(request.headers(), &header::CONTENT_TYPE)?;
        check_audio_type(kind.as_deref())?;
        self.body(service, request).await
    }

    /// The body of a request, whatever its type.
    pub async fn body(&self, service: &Service, request: Request) -> Result<Upload, Problem> {
        let promised = text_of(request.headers(), &header::CONTENT_LENGTH)?;
        let promised = promised.and_then(|length| length.parse().ok());
        let limits = &service.settings().limits;
        read_body(
            request.into_body(),
            promised,
            limits,
            service.held(),
            self.deadline,
        )
        .await
    }

    /// Scores a recording; with `patient` it waits for a place in the queue.
    pub async fn score(
        &self,
        service: &Service,
        name: &str,
        upload: Upload,
        timeline: bool,
        patient: bool,
    ) -> Result<Heard, Problem> {
        let task = Task::Score { timeline };
        let outcome = service
            .hear(&self.model, name, upload, task, patient, self.deadline)
            .await?;
        match outcome {
            Outcome::Heard(heard) => Ok(heard),
            Outcome::Seen(_) | Outcome::Wav(_) => Err(Problem::new(Code::Internal, "another task was done")),
        }
    }
}
