use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::service::Service;

/// What the service answered to [`check`].
#[derive(Debug)]
pub struct CheckAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, which is text.
    pub body: String,
}

/// Runs a recording through the very handler of `/invocations`, without a socket.
///
/// # Errors
///
/// The answer cannot be read to its end; this is a defect.
pub async fn check(
    service: &Service,
    sound: Vec<u8>,
    accept: Option<&str>,
) -> Result<CheckAnswer, axum::Error> {
    let mut request = Request::post("/invocations").header(header::CONTENT_TYPE, "application/octet-stream");
    if let Some(accept) = accept {
        request = request.header(header::ACCEPT, accept);
    }
    if let Some(token) = &service.settings().token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.text()));
    }
    let request = request.body(Body::from(sound)).map_err(axum::Error::new)?;
    let response = service
        .router()
        .oneshot(request)
        .await
        .map_err(axum::Error::new)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(CheckAnswer {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
