use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use woofer::audio::AudioError;
use woofer::pipeline::PipelineError;
use woofer::with_causes;

/// Why a request is not answered as it wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub message: String,
    /// Seconds after which to try again.
    pub retry_after_s: Option<u64>,
}

/// Why a request is not answered as it wishes, for programs: these words stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: the query, a header or the form is not as it should be.
    BadRequest,
    /// 401: the bearer token is missing or wrong.
    Unauthorized,
    /// 404: there is nothing at this path.
    NotFound,
    /// 404: no such model is loaded.
    UnknownModel,
    /// 405: the path has other methods.
    MethodNotAllowed,
    /// 406: none of the accepted types can be sent.
    NotAcceptable,
    /// 408: the body came too slowly.
    BodyTimeout,
    /// 409: a model of that name is loaded already.
    ModelExists,
    /// 413: the body is too large.
    BodyTooLarge,
    /// 415: the body's type is no audio.
    UnsupportedMediaType,
    /// 422: the body is empty, or the recording too short for a picture.
    EmptyAudio,
    /// 422: the content is no audio.
    NotAudio,
    /// 422: the content is audio of a kind that cannot be read.
    UnsupportedAudio,
    /// 422: the audio is damaged.
    DamagedAudio,
    /// 422: the recording lasts too long.
    TooLong,
    /// 422: the model at the address is refused.
    BadModel,
    /// 429: too many recordings wait already.
    QueueFull,
    /// 429: too many bytes are held already.
    MemoryFull,
    /// 500: a defect of the service.
    Internal,
    /// 503: no model is ready yet.
    NotReady,
    /// 503: too many connections.
    TooManyConnections,
    /// 504: scoring took too long.
    Timeout,
    /// 507: no room for another model.
    ModelsFull,
}

impl Code {
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::UnknownModel => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::ModelExists => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::EmptyAudio
            | Self::NotAudio
            | Self::UnsupportedAudio
            | Self::DamagedAudio
            | Self::TooLong
            | Self::BadModel => StatusCode::UNPROCESSABLE_ENTITY,
            Self::QueueFull | Self::MemoryFull => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotReady | Self::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::ModelsFull => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    /// The word that programs see.
    pub fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            _ => "internal".to_owned(),
        }
    }
}

/// What is sent in place of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    pub error: ProblemWords,
}

/// Why, for programs and for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemWords {
    pub code: Code,
    /// For people; names the bad value and what is allowed.
    pub message: String,
}

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn body(self) -> ProblemBody {
        let (code, message) = (self.code, self.message);
        ProblemBody {
            error: ProblemWords { code, message },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, retry) = (self.code.status(), self.code, self.retry_after_s);
        let mut response = (status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if code == Code::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(code);
        response
    }
}

impl From<AudioError> for Problem {
    fn from(error: AudioError) -> Self {
        let code = match &error {
            AudioError::Empty { .. } => Code::EmptyAudio,
            AudioError::NotAudio { .. } => Code::NotAudio,
            AudioError::Unsupported { .. } | AudioError::Rate { .. } | AudioError::Channels { .. } => {
                Code::UnsupportedAudio
            }
            AudioError::TooLong { .. } => Code::TooLong,
            AudioError::Stopped { .. } => Code::Timeout,
            AudioError::Resample { .. } | AudioError::ResampleRate { .. } => Code::Internal,
            _ => Code::DamagedAudio,
        };
        Self::new(code, with_causes(&error))
    }
}

impl From<PipelineError> for Problem {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Audio(error) => error.into(),
            PipelineError::Classifier(_) => Self::new(Code::Internal, error.to_string()),
        }
    }
}
