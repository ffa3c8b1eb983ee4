use utoipa::IntoResponses;

use crate::http::ProblemBody;

/// How a recording that is sent may be refused; for the document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "stands in the document only")]
pub enum Refusals {
    /// The query, a header or the body is broken.
    #[response(status = 400)]
    BadRequest(ProblemBody),
    /// The token is missing or wrong.
    #[response(status = 401)]
    Unauthorized(ProblemBody),
    /// No such model is loaded.
    #[response(status = 404)]
    UnknownModel(ProblemBody),
    /// None of the accepted types can be sent.
    #[response(status = 406)]
    NotAcceptable(ProblemBody),
    /// The body came too slowly.
    #[response(status = 408)]
    BodyTimeout(ProblemBody),
    /// The body is too large.
    #[response(status = 413)]
    BodyTooLarge(ProblemBody),
    /// The body's type is no audio.
    #[response(status = 415)]
    UnsupportedMediaType(ProblemBody),
    /// The body cannot be decoded, or lasts too long.
    #[response(status = 422)]
    Unreadable(ProblemBody),
    /// Too much waits already; `Retry-After` tells the seconds after which to try again.
    #[response(status = 429)]
    Full(ProblemBody),
    /// No model is ready.
    #[response(status = 503)]
    NotReady(ProblemBody),
    /// It took too long.
    #[response(status = 504)]
    Timeout(ProblemBody),
}
