//! The API of the service's own and that of Hugging Face, by requests without a socket.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::{ask, form, get, noise, post, ready, tone};
use woofer::ModelSource;
use woofer::audio::wav_bytes;
use woofer_server::{Service, Settings, Token};

#[tokio::test]
async fn a_recording_gets_its_classes_best_first() {
    let (service, _) = ready(Settings::default()).await;
    let answer = post(
        &service,
        "/v1/classify",
        &[("content-type", "audio/wav")],
        tone(0.5),
    )
    .await;
    let json = answer.json();
    assert_eq!(
        (&json["schema_version"], &json["model"]),
        (&1.into(), &"ear".into())
    );
    let file = &json["files"][0];
    assert_eq!(
        (&file["name"], &file["error"], &file["repairs"]),
        (&().into(), &().into(), &().into())
    );
    assert_eq!(file["duration_s"], 1.0);
    let scores: Vec<f64> = file["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class["score"].as_f64().unwrap())
        .collect();
    assert!(
        scores.len() == 3 && scores.is_sorted_by(|a, b| a >= b),
        "{scores:?}"
    );
    assert!(file.get("windows").is_none());
    let answer = post(
        &service,
        "/v1/classify?top_k=1&timeline=true&model=ear",
        &[],
        tone(0.5),
    )
    .await;
    let file = &answer.json()["files"][0];
    assert_eq!(file["classes"].as_array().unwrap().len(), 1);
    let windows = file["windows"].as_array().unwrap();
    assert_eq!((windows.len(), &windows[0]["offset_s"]), (1, &1.0.into()));
    assert_eq!(windows[0]["classes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_are_told_of_each_mode_by_the_models_own_rules() {
    let (service, _) = ready(Settings::default()).await;
    // The ear tells five seconds at a time: loud ones, which are too few but for sensitive mode, between quiet ones.
    let mut gains = [0.0; 15];
    gains[5..10].fill(0.9);
    let sound = noise(&gains);
    let answer = post(&service, "/v1/classify?events=true&top_k=1", &[], sound.clone()).await;
    let file = &answer.json()["files"][0];
    assert!(file.get("windows").is_none());
    let events = |mode: &str| {
        let of_mode = file["events"][mode].as_array().unwrap();
        let labels = of_mode
            .iter()
            .map(|event| event["label"].as_str().unwrap().to_owned());
        labels.collect::<Vec<_>>()
    };
    assert_eq!(events("sensitive"), ["Quiet", "Loud", "Quiet"]);
    assert_eq!(events("balanced"), ["Quiet", "Quiet"]);
    assert_eq!(events("quiet"), events("balanced"));
    let first = &file["events"]["sensitive"][1];
    let of_event = |key: &str| first[key].as_f64().unwrap();
    let (onset_s, offset_s) = (of_event("onset_s"), of_event("offset_s"));
    assert_eq!((onset_s, offset_s), (5.0, 10.0));
    assert!((0.5..=1.0).contains(&of_event("score")), "{first}");
    // Together with the windows, of which each event begins and ends with one; and neither unless it is asked for.
    let both = post(
        &service,
        "/v1/classify?events=true&timeline=true",
        &[],
        sound.clone(),
    )
    .await;
    let windows = both.json()["files"][0]["windows"].as_array().unwrap().clone();
    assert!(windows.iter().any(|window| window["onset_s"] == onset_s));
    assert!(windows.iter().any(|window| window["offset_s"] == offset_s));
    let none = post(&service, "/v1/classify?timeline=true", &[], sound).await;
    assert!(none.json()["files"][0].get("events").is_none());
}

#[tokio::test]
async fn a_model_without_thresholds_tells_events_of_no_mode() {
    let loader = std::sync::Arc::new(support::Ears::default());
    let service = Service::start(Settings::default(), loader).unwrap();
    service
        .load(&[ModelSource::Path("/m/plain".into())])
        .await
        .unwrap();
    let answer = post(&service, "/v1/classify?events=true", &[], tone(0.5)).await;
    assert_eq!(answer.json()["files"][0]["events"], serde_json::json!({}));
    let answer = post(&service, "/v1/classify?events=perhaps", &[], tone(0.5)).await;
    assert_eq!(answer.code(), (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn of_several_files_a_broken_one_spoils_no_other() {
    let (service, _) = ready(Settings::default()).await;
    let (kind, body) = form(&[
        ("a.wav", &tone(0.5)),
        ("C:\\x\\b.txt", b"no sound"),
        ("c.wav", &tone(0.01)),
    ]);
    let answer = post(&service, "/v1/classify", &[("content-type", &kind)], body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let files = &answer.json()["files"];
    assert_eq!(
        (&files[0]["name"], &files[1]["name"]),
        (&"a.wav".into(), &"b.txt".into())
    );
    assert_eq!(files[0]["classes"][0]["label"], "Quiet");
    assert_eq!(files[1]["error"]["code"], "not_audio");
    assert!(files[1]["error"]["message"].as_str().unwrap().contains("b.txt"));
    assert_eq!(files[2]["error"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_single_broken_file_is_the_answer() {
    let (service, _) = ready(Settings::default()).await;
    let (kind, body) = form(&[("b.txt", b"no sound")]);
    let answer = post(&service, "/v1/classify", &[("content-type", &kind)], body).await;
    assert_eq!(answer.code(), (422, "not_audio".to_owned()));
    for (body, code) in [
        (Vec::new(), "empty_audio"),
        (b"no sound".to_vec(), "not_audio"),
        (b"\x1a\x45\xdf\xa3 a film".to_vec(), "unsupported_audio"),
        (tone(0.5)[..44].to_vec(), "damaged_audio"),
    ] {
        let answer = post(&service, "/v1/classify", &[], body).await;
        assert_eq!(answer.code(), (422, code.to_owned()), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_broken_request_is_told_what_is_wrong_with_it() {
    let (service, _) = ready(Settings::default()).await;
    for (path, headers, status, code, part) in [
        ("/v1/classify?top_k=0", vec![], 400, "bad_request", "top_k"),
        ("/v1/classify?top=3", vec![], 400, "bad_request", "`top`"),
        (
            "/v1/classify?timeline=perhaps",
            vec![],
            400,
            "bad_request",
            "timeline",
        ),
        ("/v1/classify?model=cat", vec![], 404, "unknown_model", "ear"),
        (
            "/v1/classify",
            vec![("content-type", "text/plain")],
            415,
            "unsupported_media_type",
            "text/plain",
        ),
        (
            "/v1/classify",
            vec![("content-type", "multipart/form-data")],
            400,
            "bad_request",
            "boundary",
        ),
        (
            "/v1/classify",
            vec![("content-type", "multipart/form-data; boundary=x")],
            400,
            "bad_request",
            "form",
        ),
        ("/v1/nothing", vec![], 404, "not_found", "/v1/nothing"),
        ("/ping", vec![], 405, "method_not_allowed", "POST"),
    ] {
        let answer = post(&service, path, &headers, tone(0.5)).await;
        assert_eq!(answer.code(), (status, code.to_owned()), "{path} {headers:?}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(part), "{path}: {message}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let part = "--edge\r\nContent-Disposition: form-data; name=\"top_k\"\r\n\r\n3\r\n--edge--\r\n";
    let kind = "multipart/form-data; boundary=edge";
    let answer = post(&service, "/v1/classify", &[("content-type", kind)], part).await;
    assert!(
        answer.status == 400 && answer.text().contains("query"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn models_are_listed_and_asked_by_name() {
    let loader = std::sync::Arc::new(support::Ears::default());
    let service = Service::start(Settings::default(), loader).unwrap();
    let sources = ["/m/left", "/m/right", "/n/left"].map(|path| ModelSource::Path(path.into()));
    service.load(&sources).await.unwrap();
    let models = get(&service, "/v1/models").await.json();
    let names: Vec<_> = models["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["name"].clone())
        .collect();
    assert_eq!(names, ["left", "left-2", "right"]);
    assert_eq!(models["models"][0]["rest"], "Other");
    let answer = post(
        &service,
        "/invocations?model=right",
        &[("accept", "application/json")],
        tone(0.5),
    )
    .await;
    assert_eq!(answer.json()["model"], "right");
}

#[tokio::test]
async fn hugging_faces_paths_answer_in_its_shape() {
    let (service, _) = ready(Settings::default()).await;
    for path in ["/models/ear", "/hf-inference/models/anyone/ear", "/"] {
        let raw = post(&service, path, &[("content-type", "audio/x-wav")], tone(0.5)).await;
        let list = raw.json();
        assert!(
            list.as_array().is_some_and(|list| list.len() == 3),
            "{path}: {list}"
        );
        assert!(list[0]["label"].is_string() && list[0]["score"].as_f64() >= list[1]["score"].as_f64());
        let body = serde_json::json!({"inputs": STANDARD.encode(tone(0.5)), "parameters": {"top_k": 2}});
        let json = post(
            &service,
            path,
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await;
        assert_eq!(json.json().as_array().unwrap()[..], list.as_array().unwrap()[..2]);
    }
    for body in [
        "{",
        r#"{"inputs": "?"}"#,
        r#"{"inputs": "", "parameters": {"top_k": 0}}"#,
    ] {
        let answer = post(
            &service,
            "/models/ear",
            &[("content-type", "application/json")],
            body,
        )
        .await;
        assert_eq!(answer.code(), (400, "bad_request".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_recording_too_short_for_a_picture_is_no_defect() {
    let (service, _) = ready(Settings::default()).await;
    for samples in [1, 2, 40, 200, 399, 400, 401, 1000] {
        let sound = wav_bytes(&vec![0.25; samples], 16_000);
        let preview = post(&service, "/v1/preview", &[], sound.clone()).await;
        let status = preview.status.as_u16();
        assert!([200, 422].contains(&status), "{samples}: {:?}", preview.json());
        assert!(samples > 1 || status == 422);
        if status == 422 {
            assert_eq!(preview.json()["error"]["code"], "empty_audio");
        }
        let scored = post(&service, "/v1/classify", &[], sound).await;
        assert_eq!(scored.status.as_u16(), 200, "{samples}: {:?}", scored.json());
    }
}

#[tokio::test]
async fn a_preview_shows_what_a_recording_is_and_looks_like() {
    let (service, _) = ready(Settings::default()).await;
    let preview = post(&service, "/v1/preview", &[], tone(0.5)).await.json();
    assert_eq!(
        (&preview["duration_s"], &preview["rate_hz"]),
        (&1.0.into(), &16_000.into())
    );
    assert_eq!(
        (&preview["container"], &preview["codec"]),
        (&"WAV".into(), &"pcm_s16le".into())
    );
    let peaks = preview["peaks"].as_array().unwrap();
    let highest = peaks
        .iter()
        .map(|pair| pair[1].as_f64().unwrap())
        .fold(0.0, f64::max);
    assert!((highest - 0.5).abs() < 0.01, "{highest}");
    let png = STANDARD
        .decode(preview["log_mel"]["png"].as_str().unwrap())
        .unwrap();
    assert!(png.starts_with(b"\x89PNG") && preview["log_mel"]["bands"] == 64);
    let wav = post(&service, "/v1/wav", &[], tone(0.5)).await;
    assert!(wav.header("content-type") == "audio/wav" && wav.body.len() == tone(0.5).len());
}

#[tokio::test]
async fn metrics_count_requests_refusals_sound_and_classes() {
    let (service, _) = ready(Settings::default()).await;
    post(&service, "/v1/classify", &[], tone(0.5)).await;
    post(&service, "/v1/classify", &[], "no sound").await;
    post(&service, "/no/such/../path", &[], "x").await;
    let text = get(&service, "/metrics").await.text();
    for line in [
        "woofer_http_requests_total{method=\"POST\",route=\"/v1/classify\",status=\"200\"} 1",
        "woofer_http_requests_total{method=\"POST\",route=\"/v1/classify\",status=\"422\"} 1",
        "woofer_http_requests_total{method=\"POST\",route=\"none\",status=\"404\"} 1",
        "woofer_problems_total{code=\"not_audio\"} 1",
        // The warm-up clip counts too: it takes the same way.
        "woofer_audio_seconds_total 2",
        "woofer_clips_total{class=\"Quiet\",model=\"ear\"} 2",
        "woofer_queue_length 0",
        "woofer_held_bytes 0",
        "woofer_models 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    assert!(
        text.contains("woofer_http_request_duration_seconds_bucket{route=\"/v1/classify\",le=\"0.005\"}")
    );
}

#[tokio::test]
async fn a_token_is_asked_of_everyone_but_health_checks_and_the_page() {
    let settings = Settings {
        token: Token::new("let-me-in"),
        ..Settings::default()
    };
    let (service, _) = ready(settings).await;
    for path in [
        "/ping",
        "/health/live",
        "/health/ready",
        "/",
        "/page.js",
        "/page.css",
        "/wave.js",
        "/recorder.js",
        "/icon.svg",
    ] {
        assert_eq!(get(&service, path).await.status, 200, "{path}");
    }
    for path in ["/metrics", "/v1/models", "/openapi.json", "/models"] {
        let answer = get(&service, path).await;
        assert_eq!(answer.code(), (401, "unauthorized".to_owned()), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for path in ["/invocations", "/", "/ping"] {
        assert_eq!(post(&service, path, &[], tone(0.5)).await.status, 401, "{path}");
    }
    let with = async |token: &str| {
        post(&service, "/invocations", &[("authorization", token)], tone(0.5))
            .await
            .status
    };
    assert_eq!(with("Bearer let-me-in").await, 200);
    assert_eq!(with("bearer let-me-in").await, 200);
    assert_eq!(with("Bearer let-me").await, 401);
    assert_eq!(with("Basic let-me-in").await, 401);
}

#[tokio::test]
async fn pages_of_other_origins_are_let_in_only_where_it_is_said() {
    let preflight = || {
        Request::options("/v1/classify")
            .header("origin", "https://good.example")
            .header("access-control-request-method", "POST")
            .body(Body::empty())
            .unwrap()
    };
    let (closed, _) = ready(Settings::default()).await;
    assert_eq!(
        ask(&closed, preflight())
            .await
            .header("access-control-allow-origin"),
        ""
    );
    let settings = Settings {
        cors_origins: vec!["https://good.example".to_owned()],
        ..Settings::default()
    };
    let (open, _) = ready(settings).await;
    assert_eq!(
        ask(&open, preflight())
            .await
            .header("access-control-allow-origin"),
        "https://good.example"
    );
    let bad = [("origin", "https://bad.example")];
    assert_eq!(
        post(&open, "/v1/classify", &bad, tone(0.5))
            .await
            .header("access-control-allow-origin"),
        ""
    );
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let (service, _) = ready(Settings::default()).await;
    let page = get(&service, "/").await;
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    for path in [
        "/",
        "/page.js",
        "/page.css",
        "/wave.js",
        "/recorder.js",
        "/icon.svg",
    ] {
        let file = get(&service, path).await;
        assert!(
            file.status == 200 && file.header("x-content-type-options") == "nosniff",
            "{path}"
        );
        let foreign = file.text().replace("http://www.w3.org/2000/svg", "");
        assert!(
            !foreign.contains("http://") && !foreign.contains("https://"),
            "{path} names another host"
        );
        let again = Request::get(path).header("if-none-match", file.header("etag"));
        assert_eq!(
            ask(&service, again.body(Body::empty()).unwrap()).await.status,
            304,
            "{path}"
        );
    }
    for reference in ["page.css", "page.js", "icon.svg"] {
        assert!(page.text().contains(&format!("\"{reference}\"")), "{reference}");
    }
}

#[tokio::test]
async fn the_openapi_document_tells_of_every_route_and_every_code() {
    let (service, _) = ready(Settings::default()).await;
    let document = get(&service, "/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths: BTreeSet<&String> = document["paths"].as_object().unwrap().keys().collect();
    let expected = [
        "/",
        "/endpoints/{endpoint}/invocations",
        "/execution-parameters",
        "/health/live",
        "/health/ready",
        "/hf-inference/models/{owner}/{model}",
        "/invocations",
        "/metrics",
        "/models",
        "/models/{model}",
        "/models/{model}/invoke",
        "/ping",
        "/v1/classify",
        "/v1/models",
        "/v1/preview",
        "/v1/wav",
    ]
    .map(str::to_owned);
    assert_eq!(paths, expected.iter().collect());
    let codes = document["components"]["schemas"]["Code"].to_string();
    for code in [
        "queue_full",
        "body_too_large",
        "unsupported_media_type",
        "damaged_audio",
        "too_long",
        "timeout",
    ] {
        assert!(codes.contains(code), "{code}: {codes}");
    }
}
