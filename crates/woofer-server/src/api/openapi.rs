use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
};

/// The document before the routes are added.
pub fn document() -> OpenApi {
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = ComponentsBuilder::new().security_scheme("token", SecurityScheme::Http(token));
    let info = InfoBuilder::new()
        .title("Woofer")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Names what is heard in recordings: barking, howling, alarms, breaking glass and more. Every error is JSON \
             with a code that stays.",
        ))
        .contact(Some(ContactBuilder::new().url(Some(env!("CARGO_PKG_REPOSITORY"))).build()))
        .license(Some(LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build()));
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components.build()))
        .build()
}

/// The document as JSON.
pub fn text(document: &OpenApi) -> String {
    // It holds strings and numbers only, which always become JSON.
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// The document as an answer.
pub fn answer(text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}
