use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use woofer::render::pooled_png;

use super::answers::{SCHEMA_VERSION, repairs, rounded};
use super::refusals::Refusals;
use super::request::{Asked, ModelQuery, Recording, UNNAMED};
use crate::compute::{Outcome, Seen, Task};
use crate::http::{Code, Counted, Problem, Query};
use crate::service::Service;

/// What a recording is and looks like.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    schema_version: u32,
    /// Length in seconds.
    duration_s: f64,
    /// Sample rate of the file.
    rate_hz: u32,
    /// Channels of the file.
    channels: usize,
    /// The file's format, told by its content.
    container: String,
    codec: String,
    /// What had to be mended in the recording, if anything.
    repairs: Option<String>,
    /// The lowest and the highest sample of each of so many equal parts, from -1 to 1.
    peaks: Vec<[f64; 2]>,
    /// What the network sees.
    log_mel: Picture,
}

/// A picture of a log-mel spectrogram: time from left to right, low bands at the bottom.
#[derive(Debug, Serialize, ToSchema)]
pub struct Picture {
    /// A PNG in base64.
    png: String,
    bands: usize,
    /// Lowest frequency of the lowest band.
    low_hz: f64,
    /// Highest frequency of the highest band.
    high_hz: f64,
}

/// What a recording is and looks like: its waveform, and its log-mel spectrogram as the model's network sees it.
#[utoipa::path(
    post, path = "/v1/preview", tag = "Woofer",
    params(ModelQuery),
    request_body(content((Recording = "audio/*"), (Recording = "application/octet-stream"))),
    responses(
        (status = 200, body = PreviewAnswer),
        Refusals,
    ),
    security((), ("token" = []))
)]
pub async fn preview(
    State(service): State<Service>,
    Query(query): Query<ModelQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = Asked::of(&service, query.model.as_deref())?;
    let upload = asked.audio(&service, request).await?;
    let outcome = service
        .hear(
            &asked.model,
            UNNAMED,
            upload,
            Task::Preview,
            false,
            asked.deadline,
        )
        .await?;
    let Outcome::Seen(seen) = outcome else {
        return Err(Problem::new(Code::Internal, "another task was done"));
    };
    let spec = asked.model.front_end().spec();
    let Seen { overview, .. } = &*seen;
    if overview.log_mel.columns().len() == 0 {
        let seconds = overview.duration_s;
        return Err(Problem::new(
            Code::EmptyAudio,
            format!(
                "the recording lasts {seconds:.4} s, which is too short for a picture; /v1/classify takes it"
            ),
        ));
    }
    let png = pooled_png(&overview.log_mel).map_err(|e| Problem::new(Code::Internal, e.to_string()))?;
    // A column is the negative of its lowest sample, and its highest.
    let peak = |column: &[f32]| {
        let reach = |place: usize| f64::from(column.get(place).copied().unwrap_or_default());
        [-reach(0), reach(1)].map(|x| rounded(x, 1e4))
    };
    let answer = PreviewAnswer {
        schema_version: SCHEMA_VERSION,
        duration_s: rounded(overview.duration_s, 1e3),
        rate_hz: seen.rate_hz,
        channels: seen.channels,
        container: seen.container.to_owned(),
        codec: seen.codec.clone(),
        repairs: repairs(seen.repairs),
        peaks: overview.waveform.columns().map(peak).collect(),
        log_mel: Picture {
            png: STANDARD.encode(png),
            bands: overview.log_mel.width(),
            low_hz: spec.f_min_hz,
            high_hz: spec.f_max_hz,
        },
    };
    Ok(Counted::json(&answer, service.held())?.into_answer("application/json"))
}
