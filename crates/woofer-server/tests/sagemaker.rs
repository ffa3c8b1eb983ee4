//! The contract of SageMaker, by requests without a socket.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use support::{Ears, ask, get, post, ready, tone};
use woofer::{ModelLoader, ModelSource};
use woofer_server::{MultiModel, Service, Settings};

#[tokio::test]
async fn ping_is_503_until_the_model_has_answered_and_200_after() {
    let loader: Arc<dyn ModelLoader> = Arc::new(Ears::default());
    let service = Service::start(Settings::default(), loader).unwrap();
    let before = get(&service, "/ping").await;
    assert_eq!(before.code(), (503, "not_ready".to_owned()));
    let early = post(&service, "/invocations", &[], tone(0.5)).await;
    assert_eq!(early.code(), (503, "not_ready".to_owned()));
    assert_eq!(get(&service, "/health/live").await.status, 200);
    assert_eq!(get(&service, "/health/ready").await.status, 503);
    service.load(&[ModelSource::BuiltIn]).await.unwrap();
    let after = get(&service, "/ping").await;
    assert_eq!((after.status.as_u16(), after.body.len()), (200, 0));
    assert_eq!(get(&service, "/health/ready").await.status, 200);
}

#[tokio::test]
async fn a_model_that_is_refused_leaves_the_service_unready_and_says_why() {
    let loader: Arc<dyn ModelLoader> = Arc::new(Ears::default());
    let service = Service::start(Settings::default(), loader).unwrap();
    let error = service
        .load(&[ModelSource::Path("/m/none".into())])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no such model"), "{error}");
    let ping = get(&service, "/ping").await;
    assert_eq!(ping.status, 503);
    assert!(ping.text().contains("no such model"), "{}", ping.text());
}

#[tokio::test]
async fn an_invocation_is_answered_as_the_original_system_answers() {
    let (service, _) = ready(Settings::default()).await;
    let answer = post(&service, "/invocations", &[], tone(0.5)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/json");
    let json = answer.json();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["label", "probability"]);
    let probability: Vec<f64> = json["probability"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_f64().unwrap())
        .collect();
    let label = usize::try_from(json["label"].as_u64().unwrap()).unwrap();
    assert_eq!(probability.len(), 3);
    assert!(probability.iter().all(|p| *p <= probability[label]));
}

#[tokio::test]
async fn accept_chooses_among_json_with_names_lines_and_csv() {
    let (service, _) = ready(Settings::default()).await;
    let accept = async |kind: &str| post(&service, "/invocations", &[("accept", kind)], tone(0.5)).await;
    let json = accept("application/json").await;
    assert_eq!(json.header("content-type"), "application/json");
    let (label, names) = (&json.json()["label"], &json.json()["names"]);
    let place = usize::try_from(label.as_u64().unwrap()).unwrap();
    assert_eq!(names.as_array().unwrap().len(), 3);
    assert_eq!(json.json()["name"], names[place]);
    let lines = accept("application/jsonlines").await;
    assert!(lines.text().ends_with("}\n") && lines.text().lines().count() == 1);
    assert_eq!(lines.json()["probability"], json.json()["probability"]);
    let csv = accept("text/csv; header=present").await.text();
    let rows: Vec<Vec<&str>> = csv.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(rows[0], ["label", "Loud", "Quiet", "Other"]);
    assert_eq!(rows[1][0], label.to_string());
    assert_eq!(rows[1][1], json.json()["probability"][0].to_string());
    assert_eq!(
        accept("text/csv").await.text(),
        csv.lines().nth(1).unwrap().to_owned() + "\n"
    );
    assert_eq!(
        accept("image/png").await.code(),
        (406, "not_acceptable".to_owned())
    );
}

#[tokio::test]
async fn amazons_own_clients_can_be_pointed_here() {
    let (service, _) = ready(Settings::default()).await;
    let path = "/endpoints/my-endpoint/invocations";
    let answer = post(&service, path, &[("accept", "application/json")], tone(0.5)).await;
    assert_eq!(answer.json()["model"], "ear");
    let with = async |model: &str| {
        post(
            &service,
            path,
            &[("x-amzn-sagemaker-target-model", model)],
            tone(0.5),
        )
        .await
    };
    assert_eq!(with("ear").await.status, 200);
    assert_eq!(with("cat").await.code(), (404, "unknown_model".to_owned()));
}

#[tokio::test]
async fn execution_parameters_tell_what_suits_a_batch_transform() {
    let with = async |workers: usize, held_mib: usize| {
        let mut settings = Settings {
            workers: NonZeroUsize::new(workers),
            ..Settings::default()
        };
        settings.limits.held_bytes = held_mib << 20;
        let (service, _) = ready(settings).await;
        get(&service, "/execution-parameters").await.json()
    };
    let json = with(1, 256).await;
    assert_eq!(json["MaxConcurrentTransforms"], 2);
    assert_eq!(json["BatchStrategy"], "SINGLE_RECORD");
    assert_eq!(json["MaxPayloadInMB"], 100);
    // What is advised has room: so many bodies at a time are held.
    let json = with(8, 256).await;
    assert_eq!(
        (&json["MaxConcurrentTransforms"], &json["MaxPayloadInMB"]),
        (&16.into(), &16.into())
    );
    assert_eq!(with(8, 1).await["MaxPayloadInMB"], 1);
}

fn several(root: &std::path::Path) -> (Service, Arc<Ears>) {
    for name in ["a", "b", "c", "none", "slow"] {
        std::fs::create_dir(root.join(name)).unwrap();
    }
    let mut settings = Settings {
        multi_model: Some(MultiModel {
            root: root.to_owned(),
        }),
        ..Settings::default()
    };
    settings.limits.models = 2;
    let ears = Arc::new(Ears::default());
    let service = Service::start(settings, Arc::clone(&ears) as Arc<dyn ModelLoader>).unwrap();
    (service, ears)
}

async fn load(service: &Service, name: &str, url: &str) -> support::Answer {
    let body = serde_json::json!({"model_name": name, "url": url}).to_string();
    post(service, "/models", &[("content-type", "application/json")], body).await
}

#[tokio::test]
async fn models_come_and_go_by_the_multi_model_api() {
    let root = tempfile::tempdir().unwrap();
    let (service, _) = several(root.path());
    service.load(&[]).await.unwrap();
    assert_eq!(get(&service, "/ping").await.status, 200);
    assert_eq!(
        get(&service, "/models").await.json(),
        serde_json::json!({"models": []})
    );
    assert_eq!(load(&service, "first", "a").await.status, 200);
    assert_eq!(
        load(&service, "first", "b").await.code(),
        (409, "model_exists".to_owned())
    );
    assert_eq!(
        load(&service, "second", "none").await.code(),
        (422, "bad_model".to_owned())
    );
    assert_eq!(
        load(&service, "second", "../a").await.code(),
        (422, "bad_model".to_owned())
    );
    assert_eq!(
        load(&service, "second", "/etc").await.code(),
        (422, "bad_model".to_owned())
    );
    assert_eq!(
        load(&service, "", "a").await.code(),
        (400, "bad_request".to_owned())
    );
    assert_eq!(load(&service, "second", "b").await.status, 200);
    assert_eq!(
        load(&service, "third", "c").await.code(),
        (507, "models_full".to_owned())
    );
    let page = get(&service, "/models?limit=1").await.json();
    assert_eq!(
        (
            page["models"][0]["modelName"].as_str(),
            page["nextPageToken"].as_str()
        ),
        (Some("first"), Some("first"))
    );
    let page = get(&service, "/models?limit=1&next_page_token=first")
        .await
        .json();
    assert_eq!(page["models"][0]["modelName"], "second");
    assert!(page.get("nextPageToken").is_none());
    assert_eq!(
        get(&service, "/models/second").await.json()["modelName"],
        "second"
    );
    let answer = post(&service, "/models/second/invoke", &[], tone(0.5)).await;
    assert_eq!(answer.status, 200);
    let unload = || Request::delete("/models/second").body(Body::empty()).unwrap();
    assert_eq!(ask(&service, unload()).await.status, 200);
    assert_eq!(
        ask(&service, unload()).await.code(),
        (404, "unknown_model".to_owned())
    );
    let gone = post(&service, "/models/second/invoke", &[], tone(0.5)).await;
    assert_eq!(gone.code(), (404, "unknown_model".to_owned()));
    assert_eq!(load(&service, "third", "c").await.status, 200);
}

#[tokio::test]
async fn of_many_models_that_are_to_be_loaded_at_once_no_more_are_read_than_have_room() {
    let root = tempfile::tempdir().unwrap();
    let (service, ears) = several(root.path());
    service.load(&[]).await.unwrap();
    let asked: Vec<_> = (0..20)
        .map(|number| {
            let service = service.clone();
            tokio::spawn(async move { load(&service, &format!("m{number}"), "slow").await })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in asked {
        statuses.push(answer.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses[2..].iter().all(|status| *status == 507), "{statuses:?}");
    let count = |number: &std::sync::atomic::AtomicUsize| number.load(Ordering::SeqCst);
    assert!(count(&ears.most_loading) <= 2, "{}", count(&ears.most_loading));
    // One may begin while the second is being added.
    assert!(count(&ears.loads) <= 3, "{}", count(&ears.loads));
}

#[tokio::test]
async fn the_header_of_a_target_model_counts_where_models_come_and_go() {
    let root = tempfile::tempdir().unwrap();
    let (service, _) = several(root.path());
    service.load(&[]).await.unwrap();
    for name in ["first", "second"] {
        assert_eq!(load(&service, name, "a").await.status, 200);
    }
    let json = ("accept", "application/json");
    let with = async |service: &Service, path: &str, model: &str| {
        let headers = [("x-amzn-sagemaker-target-model", model), json];
        post(service, path, &headers, tone(0.5)).await
    };
    let second = with(&service, "/invocations", "second").await;
    assert_eq!(second.json()["model"], "second");
    let unknown = with(&service, "/invocations", "zzz").await;
    assert_eq!(unknown.code(), (404, "unknown_model".to_owned()));
    let of_query = with(&service, "/invocations?model=first", "second").await;
    assert_eq!(of_query.json()["model"], "first");
    let (single, _) = ready(Settings::default()).await;
    assert_eq!(with(&single, "/invocations", "zzz").await.json()["model"], "ear");
}

#[tokio::test]
async fn accept_may_stand_on_several_lines() {
    let (service, _) = ready(Settings::default()).await;
    let lines = [("accept", "image/png"), ("accept", "text/csv")];
    let answer = post(&service, "/invocations", &lines, tone(0.5)).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
}

#[tokio::test]
async fn without_the_multi_model_api_nobody_loads_or_unloads() {
    let (service, _) = ready(Settings::default()).await;
    assert_eq!(
        load(&service, "x", "/etc").await.code(),
        (404, "not_found".to_owned())
    );
    let unload = Request::delete("/models/ear").body(Body::empty()).unwrap();
    assert_eq!(ask(&service, unload).await.code(), (404, "not_found".to_owned()));
    assert_eq!(get(&service, "/ping").await.status, 200);
}
