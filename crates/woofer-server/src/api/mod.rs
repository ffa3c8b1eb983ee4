//! The ways to ask, one a file; all go over [`Service::hear`](crate::Service).

mod answers;
mod classify;
mod execution_parameters;
mod form;
mod health;
mod hugging_face;
mod invocations;
mod metrics;
mod model_list;
mod multi_model;
mod openapi;
mod page;
mod ping;
mod preview;
mod refusals;
mod request;
mod wav;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Code, Problem, answer_of_panic, finish_body, require_token, watch};
use crate::service::Service;

impl Service {
    /// All routes, with everything around them.
    pub fn router(&self) -> Router {
        let (router, document) = documented().split_for_parts();
        let text = openapi::text(&document);
        let router = router
            .merge(page::routes())
            .route(
                "/openapi.json",
                axum::routing::get(move || async move { openapi::answer(text.clone()) }),
            )
            .fallback(nothing_here)
            .method_not_allowed_fallback(other_method)
            .layer(from_fn_with_state(self.clone(), require_token))
            .layer(DefaultBodyLimit::disable())
            .layer(CatchPanicLayer::custom(answer_of_panic))
            .layer(from_fn(finish_body))
            .layer(from_fn(no_sniffing));
        let router = match cors(&self.settings().cors_origins) {
            Some(cors) => router.layer(cors),
            None => router,
        };
        router
            .layer(from_fn_with_state(self.clone(), watch))
            .with_state(self.clone())
    }
}

fn documented() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::document())
        .routes(routes!(ping::ping))
        .routes(routes!(invocations::invocations))
        .routes(routes!(invocations::endpoint))
        .routes(routes!(execution_parameters::execution_parameters))
        .routes(routes!(classify::classify))
        .routes(routes!(preview::preview))
        .routes(routes!(wav::wav))
        .routes(routes!(model_list::model_list))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(multi_model::list, multi_model::load))
        .routes(routes!(
            multi_model::describe,
            multi_model::unload,
            hugging_face::model
        ))
        .routes(routes!(multi_model::invoke))
        .routes(routes!(hugging_face::owned_model))
        .routes(routes!(page::index, hugging_face::endpoint))
}

fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok())
        .collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::CONTENT_TYPE, header::ACCEPT, header::AUTHORIZATION])
    })
}

async fn nothing_here(request: axum::extract::Request) -> Response {
    let path = request.uri().path();
    let message = format!("there is nothing at {path:?}; /openapi.json tells what there is");
    Problem::new(Code::NotFound, message).into_response()
}

async fn other_method(request: axum::extract::Request) -> Response {
    let message = format!(
        "{:?} does not take the method {}",
        request.uri().path(),
        request.method()
    );
    Problem::new(Code::MethodNotAllowed, message).into_response()
}

/// Keeps browsers from taking an answer for something that it is not.
async fn no_sniffing(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
