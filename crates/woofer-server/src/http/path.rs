use axum::extract::{FromRequestParts, Path as AxumPath};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// The variable parts of a request's path, or a problem that says what is wrong with them.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(parts)) => Ok(Self(parts)),
            Err(error) => Err(Problem::new(
                Code::BadRequest,
                format!("path: {}", error.body_text()),
            )),
        }
    }
}
