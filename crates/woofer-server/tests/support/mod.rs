//! What the tests of the service share: a model without a network, and ways to ask without a socket.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test may stop where it stands, and each uses a part of this"
)]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use woofer::audio::wav_bytes;
use woofer::events::{EventRule, Mode, ModeThresholds};
use woofer::features::{Examples, FrontEnd};
use woofer::taxonomy::ClassScores;
use woofer::{Activation, Classifier, ClassifierError, Label, LoadedModel, Logits, ModelLoader, ModelSource};
use woofer_server::{Service, Settings};

/// A gate that stops the network of a model while it is shut.
#[derive(Default)]
pub struct Gate {
    shut: Mutex<bool>,
    moved: Condvar,
    /// Batches that reached the network.
    pub reached: AtomicUsize,
}

impl Gate {
    pub fn shut(&self) {
        *self.shut.lock().unwrap() = true;
    }

    pub fn open(&self) {
        *self.shut.lock().unwrap() = false;
        self.moved.notify_all();
    }

    fn pass(&self) {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let mut shut = self.shut.lock().unwrap();
        while *shut {
            shut = self.moved.wait(shut).unwrap();
        }
    }
}

/// A classifier of three labels: how loud a segment is, how quiet, and a tenth.
pub struct Ear {
    labels: Vec<Label>,
    pub gate: Arc<Gate>,
    /// Whether a segment that is loud makes it panic.
    pub panics: Arc<AtomicBool>,
}

impl Classifier for Ear {
    fn front_end(&self) -> FrontEnd {
        FrontEnd::Vggish
    }

    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn activation(&self) -> Activation {
        Activation::Sigmoid
    }

    fn logits(&self, batch: &[Examples]) -> Result<Vec<Logits>, ClassifierError> {
        self.gate.pass();
        let one = |examples: &Examples| {
            let values = examples.values();
            let loud = values.iter().sum::<f32>() / values.len() as f32;
            assert!(
                !(self.panics.load(Ordering::SeqCst) && values.iter().any(|value| *value > 3.5)),
                "a segment that is too loud"
            );
            Logits::new(3, vec![loud, -loud, -2.2])
        };
        Ok(batch.iter().map(one).collect())
    }
}

/// Loads ears: any path that does not end in `none`; one that ends in `slow` slowly.
#[derive(Default)]
pub struct Ears {
    pub gate: Arc<Gate>,
    pub panics: Arc<AtomicBool>,
    /// Models that are being loaded, the most that were at a time, and all that were.
    pub loading: AtomicUsize,
    pub most_loading: AtomicUsize,
    pub loads: AtomicUsize,
}

impl ModelLoader for Ears {
    fn load(&self, source: &ModelSource) -> Result<LoadedModel, ClassifierError> {
        let name = match source {
            ModelSource::BuiltIn => "ear".to_owned(),
            ModelSource::Path(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
        };
        self.loads.fetch_add(1, Ordering::SeqCst);
        let loading = self.loading.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_loading.fetch_max(loading, Ordering::SeqCst);
        if name == "slow" {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.loading.fetch_sub(1, Ordering::SeqCst);
        if name == "none" {
            return Err("none: there is no such model".into());
        }
        let classes = ["Loud", "Quiet", "Other"].map(str::to_owned).to_vec();
        let label = |name: &String| Label {
            id: name.clone(),
            name: name.clone(),
        };
        Ok(LoadedModel {
            rules: rules(&name, &classes),
            name,
            description: "an ear".to_owned(),
            rest: Some(2),
            classifier: Arc::new(Ear {
                labels: classes.iter().map(label).collect(),
                gate: Arc::clone(&self.gate),
                panics: Arc::clone(&self.panics),
            }),
            classes,
            class_scores: ClassScores::Labels,
        })
    }
}

/// Loud and quiet count from a half on, and what is loud lasts six seconds but in sensitive mode; a model named `plain` has no thresholds.
fn rules(name: &str, classes: &[String]) -> Vec<(Mode, EventRule)> {
    if name == "plain" {
        return Vec::new();
    }
    let thresholds = ModeThresholds::default();
    let rule = |mode| (mode, thresholds.rule(mode, classes, Some(2), vec![6.0, 0.0, 0.0]));
    Mode::ALL.map(rule).into()
}

/// A service with one ear, ready.
pub async fn ready(settings: Settings) -> (Service, Arc<Ears>) {
    let ears = Arc::new(Ears::default());
    let service = Service::start(settings, Arc::clone(&ears) as Arc<dyn ModelLoader>).unwrap();
    service.load(&[ModelSource::BuiltIn]).await.unwrap();
    (service, ears)
}

/// A second of a tone.
pub fn tone(gain: f32) -> Vec<u8> {
    let samples: Vec<f32> = (0..16_000u16)
        .map(|t| (f32::from(t) * 0.5).sin() * gain)
        .collect();
    wav_bytes(&samples, 16_000)
}

/// White noise that is so loud in each second.
pub fn noise(gains: &[f32]) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = move || {
        // The constants of "Numerical Recipes".
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((state >> 16) as u16) / 32_768.0 - 1.0
    };
    let samples: Vec<f32> = (0..16_000 * gains.len())
        .map(|t| next() * gains[t / 16_000])
        .collect();
    wav_bytes(&samples, 16_000)
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the code of a refusal.
    pub fn code(&self) -> (u16, String) {
        let code = self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.status.as_u16(), code)
    }
}

pub async fn ask(service: &Service, request: Request<Body>) -> Answer {
    let response = service.router().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    Answer {
        status: head.status,
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

pub async fn get(service: &Service, path: &str) -> Answer {
    ask(service, Request::get(path).body(Body::empty()).unwrap()).await
}

pub async fn post(service: &Service, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ask(service, request.body(body.into()).unwrap()).await
}

/// A form of files: its content type and its body.
pub fn form(files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, content) in files {
        body.extend_from_slice(
            format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

/// Settings with one worker.
pub fn one_worker() -> Settings {
    Settings {
        workers: NonZeroUsize::new(1),
        ..Settings::default()
    }
}

/// Asks in the background.
pub fn asking(service: &Service, body: Vec<u8>) -> tokio::task::JoinHandle<Answer> {
    let service = service.clone();
    tokio::spawn(async move { post(&service, "/v1/classify", &[], body).await })
}

/// A number of `/metrics`.
pub async fn metric(service: &Service, name: &str) -> f64 {
    let text = get(service, "/metrics").await.text();
    let line = text.lines().find(|line| line.split(' ').next() == Some(name));
    line.unwrap_or_default()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .unwrap_or(f64::NAN)
}

/// Waits until it comes to a value.
pub async fn until(service: &Service, name: &str, value: f64) {
    let reached = async {
        while (metric(service, name).await - value).abs() > f64::EPSILON {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let came = timeout(Duration::from_secs(20), reached).await;
    assert!(came.is_ok(), "{name} never came to {value}");
}

/// Lets the worker take a first recording and stand before the shut gate with it.
pub async fn occupied(service: &Service, ears: &Ears) -> tokio::task::JoinHandle<Answer> {
    ears.gate.shut();
    let reached = ears.gate.reached.load(Ordering::SeqCst);
    let first = asking(service, tone(0.1));
    while ears.gate.reached.load(Ordering::SeqCst) == reached {
        sleep(Duration::from_millis(2)).await;
    }
    first
}
