use axum::body::HttpBody;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use tokio::time::{Instant, timeout_at};

use super::request::Asked;
use crate::http::{Code, Meter, Problem, Upload, too_large, too_slow};
use crate::service::Service;

/// Bytes of a form that belong to no file: boundaries and the heads of parts.
const MAX_FRAME_BYTES: usize = 256 << 10;

/// Longest file name that is given back, in characters.
const MAX_NAME: usize = 200;

/// A file of a form.
pub struct FormFile {
    pub name: String,
    pub upload: Upload,
}

/// The files of a form, which share the limit of a body.
pub async fn files(service: &Service, asked: &Asked, request: Request) -> Result<Vec<FormFile>, Problem> {
    let limits = &service.settings().limits;
    let (head, body) = request.into_parts();
    let promised = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if promised > limits.body_bytes.saturating_add(MAX_FRAME_BYTES) {
        return Err(too_large(limits.body_bytes));
    }
    let (meter, body) = Meter::of(body, limits.body_bytes, MAX_FRAME_BYTES, service.held().hold());
    let request = Request::from_parts(head, body);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    let mut files: Vec<FormFile> = Vec::new();
    let mut left = limits.body_bytes;
    let latest = || asked.deadline.min(Instant::now() + limits.body_pause);
    let broken = |error: MultipartError| {
        let bad = || {
            Problem::new(
                Code::BadRequest,
                format!("the form is broken: {}", error.body_text()),
            )
        };
        meter.problem().unwrap_or_else(bad)
    };
    loop {
        meter.seek();
        let field = timeout_at(latest(), form.next_field())
            .await
            .map_err(|_| too_slow())?;
        let Some(mut field) = field.map_err(broken)? else {
            break;
        };
        meter.found();
        if files.len() == limits.files {
            let message = format!("the form holds more than {} files", limits.files);
            return Err(Problem::new(Code::BadRequest, message));
        }
        let name = file_name(&field, files.len())?;
        let mut upload = Upload::empty(service.held());
        loop {
            let chunk = timeout_at(latest(), field.chunk())
                .await
                .map_err(|_| too_slow())?;
            let Some(chunk) = chunk.map_err(broken)? else {
                break;
            };
            if chunk.len() > left {
                return Err(too_large(limits.body_bytes));
            }
            left -= chunk.len();
            upload.push_counted(&chunk, meter.given_out(chunk.len()));
        }
        files.push(FormFile { name, upload });
    }
    if files.is_empty() {
        return Err(Problem::new(Code::BadRequest, "the form holds no file"));
    }
    Ok(files)
}

/// The name of a part's file: what a browser sent, without folders.
fn file_name(field: &Field<'_>, place: usize) -> Result<String, Problem> {
    let Some(name) = field.file_name() else {
        let part = field.name().unwrap_or_default();
        let message = format!(
            "the form's part {part:?} is no file; top_k, timeline, events and model go into the query"
        );
        return Err(Problem::new(Code::BadRequest, message));
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Ok(if name.is_empty() {
        format!("file {}", place + 1)
    } else {
        name
    })
}
