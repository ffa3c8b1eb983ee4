//! What a service that stays up does with too much, too large, too slow, broken and malicious.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use proptest::prelude::*;
use support::{Ears, ask, asking, form, get, metric, noise, occupied, one_worker, post, ready, tone, until};
use tokio::time::{sleep, timeout};
use woofer_server::{Service, Settings};

#[tokio::test]
async fn a_full_queue_is_answered_at_once_and_what_waits_is_scored_in_batches() {
    let mut settings = one_worker();
    settings.limits.queue = 6;
    let (service, ears) = ready(settings).await;
    let first = occupied(&service, &ears).await;
    let waiting: Vec<_> = (0..6).map(|_| asking(&service, tone(0.1))).collect();
    until(&service, "woofer_queue_length", 6.0).await;
    let refused = post(&service, "/v1/classify", &[], tone(0.1)).await;
    assert_eq!(refused.code(), (429, "queue_full".to_owned()));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(get(&service, "/ping").await.status, 200);
    let reached = ears.gate.reached.load(Ordering::SeqCst);
    ears.gate.open();
    assert_eq!(first.await.unwrap().status, 200);
    let mut answers = Vec::new();
    for answer in waiting {
        answers.push(answer.await.unwrap().json());
    }
    // Six that waited, in batches of four and two.
    assert_eq!(ears.gate.reached.load(Ordering::SeqCst) - reached, 2);
    let alone = post(&service, "/v1/classify", &[], tone(0.1)).await.json();
    assert!(
        answers.iter().all(|answer| *answer == alone),
        "{answers:?} {alone}"
    );
    until(&service, "woofer_queue_length", 0.0).await;
    until(&service, "woofer_held_bytes", 0.0).await;
}

#[tokio::test]
async fn a_short_recording_does_not_wait_for_a_long_one_of_its_batch() {
    let (service, ears) = ready(one_worker()).await;
    let first = occupied(&service, &ears).await;
    let answered = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    let sounds = [
        ("long", noise(&[0.1; 40])),
        ("broken", b"no sound".to_vec()),
        ("short", tone(0.1)),
    ];
    for (number, (name, sound)) in [1.0, 2.0, 3.0].into_iter().zip(sounds) {
        let (asked, answered) = (service.clone(), Arc::clone(&answered));
        waiting.push(tokio::spawn(async move {
            let answer = post(&asked, "/v1/classify", &[], sound).await;
            answered.lock().unwrap().push((name, answer.status.as_u16()));
        }));
        until(&service, "woofer_queue_length", number).await;
    }
    ears.gate.open();
    assert_eq!(first.await.unwrap().status, 200);
    for one in waiting {
        one.await.unwrap();
    }
    let answered = answered.lock().unwrap().clone();
    assert_eq!(answered, [("broken", 422), ("short", 200), ("long", 200)]);
}

#[tokio::test]
async fn what_would_wait_too_long_is_refused_though_there_are_places() {
    let mut settings = one_worker();
    settings.limits.wait = Duration::ZERO;
    let (service, ears) = ready(settings).await;
    let first = occupied(&service, &ears).await;
    // One a worker may wait, however long that takes.
    let second = asking(&service, tone(0.1));
    until(&service, "woofer_queue_length", 1.0).await;
    let refused = post(&service, "/v1/classify", &[], tone(0.1)).await;
    assert_eq!(refused.code(), (429, "queue_full".to_owned()));
    ears.gate.open();
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_form_that_was_let_in_waits_for_its_turn() {
    let mut settings = one_worker();
    settings.limits.queue = 2;
    let (service, _) = ready(settings).await;
    let sounds: Vec<Vec<u8>> = (0..20).map(|_| tone(0.1)).collect();
    let files: Vec<(&str, &[u8])> = sounds.iter().map(|sound| ("a.wav", sound.as_slice())).collect();
    let (kind, body) = form(&files);
    let answer = post(&service, "/v1/classify", &[("content-type", &kind)], body).await;
    assert_eq!(answer.json()["files"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn a_panic_is_the_answer_of_the_recording_that_caused_it_alone() {
    let (service, ears) = ready(one_worker()).await;
    ears.panics.store(true, Ordering::SeqCst);
    let first = occupied(&service, &ears).await;
    let sounds = [tone(0.01), tone(0.9), tone(0.01)];
    let waiting: Vec<_> = sounds.into_iter().map(|sound| asking(&service, sound)).collect();
    until(&service, "woofer_queue_length", 3.0).await;
    // From here on a test that fails must not hang: the gate stays open.
    ears.gate.open();
    let mut codes = vec![first.await.unwrap().status.as_u16()];
    for answer in waiting {
        codes.push(answer.await.unwrap().status.as_u16());
    }
    assert_eq!(codes, [200, 200, 500, 200]);
    assert_eq!(post(&service, "/v1/classify", &[], tone(0.01)).await.status, 200);
    assert!(metric(&service, "woofer_panics_total").await >= 1.0);
}

#[tokio::test]
async fn a_worker_that_hangs_is_replaced_and_its_request_told() {
    let mut settings = one_worker();
    settings.limits.request = Duration::from_millis(200);
    settings.limits.hang = Duration::from_millis(200);
    let (service, ears) = ready(settings).await;
    let hanging = occupied(&service, &ears).await;
    assert_eq!(hanging.await.unwrap().code(), (504, "timeout".to_owned()));
    until(&service, "woofer_lost_workers_total", 1.0).await;
    assert_eq!(get(&service, "/health/live").await.status, 200);
    ears.gate.open();
    until(&service, "woofer_queue_length", 0.0).await;
    assert_eq!(post(&service, "/v1/classify", &[], tone(0.1)).await.status, 200);
}

#[tokio::test]
async fn a_service_whose_workers_all_hang_asks_to_be_started_anew() {
    let mut settings = Settings {
        workers: NonZeroUsize::new(8),
        ..Settings::default()
    };
    settings.limits.batch = 1;
    settings.limits.request = Duration::from_millis(200);
    settings.limits.hang = Duration::from_millis(100);
    let (service, ears) = ready(settings).await;
    ears.gate.shut();
    let hanging: Vec<_> = (0..8).map(|_| asking(&service, tone(0.1))).collect();
    for answer in hanging {
        assert_eq!(answer.await.unwrap().status, 504);
    }
    until(&service, "woofer_lost_workers_total", 8.0).await;
    let ill = async { while get(&service, "/health/live").await.status != 503 {} };
    timeout(Duration::from_secs(10), ill).await.unwrap();
    ears.gate.open();
    let well = async { while get(&service, "/health/live").await.status != 200 {} };
    timeout(Duration::from_secs(10), well).await.unwrap();
}

#[tokio::test]
async fn a_time_for_requests_beyond_all_measure_is_no_defect() {
    let mut settings = one_worker();
    settings.limits.request = Duration::MAX;
    let (service, _) = ready(settings).await;
    assert_eq!(post(&service, "/v1/classify", &[], tone(0.1)).await.status, 200);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_scored() {
    let (service, ears) = ready(one_worker()).await;
    let first = occupied(&service, &ears).await;
    let gone = asking(&service, tone(0.1));
    until(&service, "woofer_queue_length", 1.0).await;
    let reached = ears.gate.reached.load(Ordering::SeqCst);
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    ears.gate.open();
    assert_eq!(first.await.unwrap().status, 200);
    until(&service, "woofer_held_bytes", 0.0).await;
    assert_eq!(ears.gate.reached.load(Ordering::SeqCst), reached);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_whether_it_tells_its_length_or_not() {
    let mut settings = Settings::default();
    settings.limits.body_bytes = 40_000;
    let (service, _) = ready(settings).await;
    let fitting = post(&service, "/v1/classify", &[], tone(0.1)).await;
    assert_eq!(fitting.status, 200);
    let large = vec![0; 40_001];
    assert_eq!(
        post(&service, "/v1/classify", &[], large.clone()).await.code(),
        (413, "body_too_large".to_owned())
    );
    let chunks = large
        .chunks(999)
        .map(|c| Ok::<_, std::io::Error>(Bytes::copy_from_slice(c)))
        .collect::<Vec<_>>();
    let streamed = Body::from_stream(futures_util::stream::iter(chunks));
    assert_eq!(
        post(&service, "/v1/classify", &[], streamed).await.code(),
        (413, "body_too_large".to_owned())
    );
    let (kind, body) = form(&[("a", &large[..20_001]), ("b", &large[..20_001])]);
    let answer = post(&service, "/v1/classify", &[("content-type", &kind)], body).await;
    assert_eq!(answer.code(), (413, "body_too_large".to_owned()));
    let lie = [("content-length", "99999999999999999999999")];
    assert_eq!(post(&service, "/v1/classify", &lie, tone(0.1)).await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_held_are_bounded_in_sum() {
    let mut settings = one_worker();
    settings.limits.held_bytes = 80_000;
    let (service, ears) = ready(settings).await;
    let first = occupied(&service, &ears).await;
    let second = asking(&service, tone(0.1));
    until(&service, "woofer_queue_length", 1.0).await;
    let refused = post(&service, "/v1/classify", &[], tone(0.1)).await;
    assert_eq!(refused.code(), (429, "memory_full".to_owned()));
    ears.gate.open();
    assert_eq!(
        (
            first.await.unwrap().status.as_u16(),
            second.await.unwrap().status.as_u16()
        ),
        (200, 200)
    );
    assert_eq!(post(&service, "/v1/classify", &[], tone(0.1)).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let mut settings = Settings::default();
    settings.limits.body_pause = Duration::from_millis(50);
    let (service, _) = ready(settings).await;
    let endless = || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    // The refusal waits a while for what may still come, so that it arrives; here nothing comes.
    for headers in [
        vec![],
        vec![("content-type", "multipart/form-data; boundary=edge")],
    ] {
        let answer = post(&service, "/v1/classify", &headers, endless()).await;
        assert_eq!(answer.code(), (408, "body_timeout".to_owned()));
        assert_eq!(answer.header("connection"), "close");
    }
}

#[tokio::test]
async fn a_recording_that_lasts_too_long_is_422_by_its_sound_and_not_its_header() {
    let mut settings = Settings::default();
    settings.limits.duration_s = 1.0;
    let (service, _) = ready(settings).await;
    let mut liar = tone(0.1);
    // The sizes of the WAV say ten hours; what is there is a second.
    liar[4..8].copy_from_slice(&1_152_000_036_u32.to_le_bytes());
    let at = liar.windows(4).position(|w| w == b"data").unwrap();
    liar[at + 4..at + 8].copy_from_slice(&1_152_000_000_u32.to_le_bytes());
    let answer = post(&service, "/v1/classify", &[], liar).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer.json()["files"][0]["repairs"]
            .as_str()
            .unwrap()
            .contains("early")
    );
    let samples = vec![0.1; 16_001];
    let long = woofer::audio::wav_bytes(&samples, 16_000);
    for path in ["/v1/classify", "/v1/preview", "/v1/wav", "/invocations"] {
        let answer = post(&service, path, &[], long.clone()).await;
        assert_eq!(answer.code(), (422, "too_long".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn what_is_compressed_and_says_that_it_lasts_too_long_is_not_even_begun() {
    let mut settings = Settings::default();
    settings.limits.duration_s = 600.0;
    let (service, ears) = ready(settings).await;
    let reached = ears.gate.reached.load(Ordering::SeqCst);
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/audio/chirp_44100_stereo.flac"
    );
    let mut flac = std::fs::read(file).unwrap();
    assert_eq!(
        post(&service, "/v1/classify", &[], flac.clone()).await.status,
        200
    );
    // The lower bits of the number of samples in STREAMINFO (RFC 9639, 8.2): some thirteen hours.
    flac[22..26].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    let answer = post(&service, "/v1/classify", &[], flac).await;
    assert_eq!(answer.code(), (422, "too_long".to_owned()), "{}", answer.text());
    assert_eq!(ears.gate.reached.load(Ordering::SeqCst), reached + 1);
}

#[tokio::test]
async fn samples_beyond_all_measure_are_damage_and_no_defect() {
    let (service, _) = ready(Settings::default()).await;
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x03\0\x01\0".to_vec();
    bytes.extend([44_100_u32, 176_400].map(u32::to_le_bytes).concat());
    bytes.extend(b"\x04\0\x20\0data");
    bytes.extend(176_400_u32.to_le_bytes());
    // They are numbers, but no Fourier transform of them is.
    bytes.extend((0..44_100).flat_map(|t| (if t % 2 == 0 { 3e38_f32 } else { -3e38 }).to_le_bytes()));
    for path in ["/v1/classify", "/v1/preview", "/v1/wav"] {
        let answer = post(&service, path, &[], bytes.clone()).await;
        assert_eq!(answer.code(), (422, "damaged_audio".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_service_that_is_dropped_lets_its_workers_go() {
    let (service, _) = ready(one_worker()).await;
    let ears = Arc::new(Ears::default());
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    for _ in 0..20 {
        let other = Service::start(one_worker(), Arc::clone(&ears) as Arc<dyn woofer::ModelLoader>).unwrap();
        other.load(&[woofer::ModelSource::BuiltIn]).await.unwrap();
    }
    let gone = async {
        while threads() > before + 8 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), gone).await.unwrap();
    assert_eq!(get(&service, "/ping").await.status, 200);
}

/// Bodies that are nearly recordings, and queries and headers of all kinds.
fn requests() -> impl Strategy<Value = (String, Vec<(&'static str, String)>, Vec<u8>)> {
    let paths = prop::sample::select(vec![
        "/v1/classify",
        "/v1/preview",
        "/v1/wav",
        "/invocations",
        "/models/ear",
        "/",
        "/models",
        "/models/ear/invoke",
        "/hf-inference/models/a/ear",
    ]);
    let query = prop::sample::select(vec![
        "",
        "?top_k=1",
        "?timeline=true",
        "?top_k=-1",
        "?model=ear",
        "?model=%00",
        "?%ff",
        "?a=b&a=b",
    ]);
    let kind = prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "audio/wav",
            "application/json",
            "multipart/form-data; boundary=edge",
            "multipart/form-data",
            ";",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,20}",
    ];
    let accept = prop_oneof![Just("*/*".to_owned()), "[ -~]{0,20}"];
    let files: Vec<Vec<u8>> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/audio"))
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    let sound = (prop::sample::select(files), any::<u64>(), 0u8..4).prop_map(|(mut bytes, seed, how)| {
        let at = usize::try_from(seed).unwrap() % bytes.len();
        match how {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= u8::try_from(seed >> 56).unwrap() | 1,
            2 => {
                let piece = bytes[at..(at + 64).min(bytes.len())].to_vec();
                bytes.splice(0..0, piece);
            }
            _ => {}
        }
        bytes
    });
    let body = prop_oneof![
        4 => sound.clone(),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => sound.prop_map(|bytes| form(&[("x", &bytes)]).1),
    ];
    (paths, query, kind, accept, body).prop_map(|(path, query, kind, accept, body)| {
        let headers = vec![("content-type", kind), ("accept", accept)];
        (format!("{path}{query}"), headers, body)
    })
}

#[test]
fn no_request_is_answered_by_a_defect() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (service, _) = runtime.block_on(ready(Settings::default()));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(256));
    let outcome = runner.run(&requests(), |(path, headers, body)| {
        let mut request = Request::post(&path);
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let answer = runtime.block_on(ask(&service, request.body(Body::from(body)).unwrap()));
        let status = answer.status.as_u16();
        prop_assert!(
            status == 200 || (400..500).contains(&status),
            "{path}: {status}: {:?}",
            answer.body
        );
        if status != 200 {
            prop_assert!(
                !answer.json()["error"]["code"]
                    .as_str()
                    .unwrap_or_default()
                    .is_empty()
            );
        }
        Ok(())
    });
    outcome.unwrap();
}
