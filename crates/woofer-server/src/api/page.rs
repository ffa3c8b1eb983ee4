use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use woofer::hexadecimal;

use crate::service::Service;

/// Nothing but the page's own files, pictures made in it and sounds of the person who looks.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A file of the page: its path, type and content.
type PageFile = (&'static str, &'static str, &'static [u8]);

const INDEX: PageFile = (
    "/",
    "text/html; charset=utf-8",
    include_bytes!("../../../../web/index.html"),
);

const FILES: [PageFile; 5] = [
    (
        "/page.css",
        "text/css; charset=utf-8",
        include_bytes!("../../../../web/page.css"),
    ),
    (
        "/page.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../../web/page.js"),
    ),
    (
        "/wave.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../../web/wave.js"),
    ),
    (
        "/recorder.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../../web/recorder.js"),
    ),
    (
        "/icon.svg",
        "image/svg+xml",
        include_bytes!("../../../../web/icon.svg"),
    ),
];

/// A page to try the service: drop a recording, or record one.
#[utoipa::path(
    get, path = "/", tag = "Page",
    responses(
        (status = 200, content((String = "text/html"))),
        (status = 304, description = "It is as the browser has it."),
    )
)]
pub async fn index(headers: HeaderMap) -> Response {
    send(&headers, INDEX)
}

/// The routes of what the page is made of.
pub fn routes() -> Router<Service> {
    FILES.iter().fold(Router::new(), |router, &file| {
        router.route(
            file.0,
            get(move |headers: HeaderMap| async move { send(&headers, file) }),
        )
    })
}

fn send(headers: &HeaderMap, (_, kind, content): PageFile) -> Response {
    let tag = format!("\"{}\"", hexadecimal(&Sha256::digest(content)));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value == tag.as_str());
    let common = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, kind)], content).into_response()
}
