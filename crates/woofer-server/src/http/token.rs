use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::problem::{Code, Problem};
use crate::service::Service;

/// What is open to everyone: health checks, which carry no token, and the page, which asks for one.
const OPEN: [&str; 9] = [
    "/ping",
    "/health/live",
    "/health/ready",
    "/",
    "/page.css",
    "/page.js",
    "/wave.js",
    "/recorder.js",
    "/icon.svg",
];

/// Lets only those through who bring the token, where one is set.
pub async fn require_token(State(service): State<Service>, request: Request, next: Next) -> Response {
    let Some(token) = &service.settings().token else {
        return next.run(request).await;
    };
    let is_open =
        OPEN.contains(&request.uri().path()) && [Method::GET, Method::HEAD].contains(request.method());
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()).and_then(bearer);
    if is_open || given.is_some_and(|given| same(given, token.text())) {
        return next.run(request).await;
    }
    let message = "this service asks for a token: send the header Authorization: Bearer TOKEN";
    Problem::new(Code::Unauthorized, message).into_response()
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether two texts are the same, in a time that tells nothing of where they differ.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    a.iter().zip(b.iter()).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_token_passes() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("", "abc"));
        assert_eq!(bearer("bearer  x"), Some("x"));
        assert_eq!(bearer("Basic x"), None);
    }
}
