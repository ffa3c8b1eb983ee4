//! What is odd about requests and must neither pass unseen nor be refused without need.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::{ask, get, post, ready, tone};
use woofer_server::{Settings, Token};

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_in_json_as_all_else() {
    let (service, _) = ready(Settings::default()).await;
    for path in ["/models/%ff", "/models/%ff/invoke", "/hf-inference/models/a/%ff"] {
        let answer = post(&service, path, &[], tone(0.5)).await;
        assert_eq!(answer.code(), (400, "bad_request".to_owned()), "{path}");
    }
    let answer = get(&service, "/models/%ff").await;
    assert_eq!(answer.code(), (400, "bad_request".to_owned()));
    assert!(answer.text().contains("path: "), "{}", answer.text());
}

#[tokio::test]
async fn health_checks_by_head_need_no_token_either() {
    let settings = Settings {
        token: Token::new("let-me-in"),
        ..Settings::default()
    };
    let (service, _) = ready(settings).await;
    let head = async |path: &str| {
        let request = Request::head(path).body(Body::empty()).unwrap();
        ask(&service, request).await.status.as_u16()
    };
    for path in ["/ping", "/health/live", "/health/ready"] {
        assert_eq!(head(path).await, 200, "{path}");
    }
    assert_eq!(head("/v1/models").await, 401);
}

#[tokio::test]
async fn the_document_tells_which_paths_ask_for_a_token() {
    let settings = Settings {
        token: Token::new("let-me-in"),
        ..Settings::default()
    };
    let (service, _) = ready(settings).await;
    let with_token = Request::get("/openapi.json").header("authorization", "Bearer let-me-in");
    let document = ask(&service, with_token.body(Body::empty()).unwrap())
        .await
        .json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(method) = methods.get("get") else {
            continue;
        };
        let is_open = get(&service, path).await.status != 401;
        assert_eq!(method["responses"].get("401").is_none(), is_open, "{path}");
        assert_eq!(method.get("security").is_none(), is_open, "{path}");
    }
}

#[tokio::test]
async fn parameters_of_hugging_face_may_be_null_and_top_k_in_the_query() {
    let (service, _) = ready(Settings::default()).await;
    let json = ("content-type", "application/json");
    let sound = STANDARD.encode(tone(0.5));
    let count = async |path: &str, headers: &[(&str, &str)], body: Vec<u8>| {
        let answer = post(&service, path, headers, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json().as_array().unwrap().len()
    };
    for parameters in ["null", "{}", r#"{"top_k": null}"#] {
        let body = format!(r#"{{"inputs": "{sound}", "parameters": {parameters}}}"#);
        assert_eq!(count("/models/ear", &[json], body.into()).await, 3);
    }
    // Some encoders of JSON write a slash as an escape.
    let slash = sound.replace('/', "\\/");
    assert!(slash != sound);
    let body = format!(r#"{{"inputs": "{slash}", "parameters": {{"top_k": 2}}}}"#);
    assert_eq!(count("/?top_k=1", &[json], body.into()).await, 2);
    for path in ["/models/ear", "/hf-inference/models/anyone/ear", "/"] {
        assert_eq!(count(&format!("{path}?top_k=1"), &[], tone(0.5)).await, 1);
        for query in ["top_k=0", "top=1"] {
            let answer = post(&service, &format!("{path}?{query}"), &[], tone(0.5)).await;
            assert_eq!(answer.code(), (400, "bad_request".to_owned()), "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn films_and_flac_are_taken_by_every_name_they_have() {
    let (service, _) = ready(Settings::default()).await;
    for kind in [
        "video/x-matroska",
        "video/x-msvideo",
        "video/mpeg",
        "video/3gpp",
        "video/mp2t",
        "application/flac",
        "application/x-flac",
    ] {
        let answer = post(&service, "/v1/classify", &[("content-type", kind)], tone(0.5)).await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}
