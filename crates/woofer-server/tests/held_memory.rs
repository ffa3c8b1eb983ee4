//! That all that is held for requests is counted and bounded: forms, JSON, and answers until they are sent.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use axum::body::{Body, Bytes};
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use futures_util::stream;
use support::{form, metric, noise, post, ready, tone, until};
use tower::ServiceExt;
use woofer_server::{Service, Settings};

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=edge");

/// A body in pieces, after which nothing comes if it `hangs`.
fn pieces(bytes: &[u8], size: usize, hangs: bool) -> Body {
    let pieces: Vec<_> = bytes
        .chunks(size)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    let pieces = stream::iter(pieces);
    if hangs {
        Body::from_stream(pieces.chain(stream::pending()))
    } else {
        Body::from_stream(pieces)
    }
}

async fn limited(held_bytes: usize) -> Service {
    let mut settings = Settings::default();
    settings.limits.held_bytes = held_bytes;
    ready(settings).await.0
}

#[tokio::test]
async fn a_form_that_never_comes_to_a_part_is_refused_early() {
    let (service, _) = ready(Settings::default()).await;
    let preamble = vec![b'A'; 200_000];
    let mut head = b"--edge\r\nContent-Disposition: form-data; name=\"f\"; filename=\"".to_vec();
    head.extend(&preamble);
    let padding = [b"--edge".to_vec(), vec![b' '; 200_000]].concat();
    for body in [preamble, head, padding] {
        let answer = post(&service, "/v1/classify", &[FORM], pieces(&body, 4_096, false)).await;
        assert_eq!(answer.code(), (400, "bad_request".to_owned()));
        assert!(
            answer.text().contains("no part begins within 16384 bytes"),
            "{}",
            answer.text()
        );
    }
    until(&service, "woofer_held_bytes", 0.0).await;
}

#[tokio::test]
async fn what_the_reader_of_a_form_keeps_is_counted() {
    let (service, _) = ready(Settings::default()).await;
    let asking = {
        let service = service.clone();
        let body = pieces(&[b'A'; 12_000], 1_000, true);
        tokio::spawn(async move { post(&service, "/v1/classify", &[FORM], body).await })
    };
    until(&service, "woofer_held_bytes", 12_000.0).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    until(&service, "woofer_held_bytes", 0.0).await;
    let service = limited(40_000).await;
    let body = pieces(&vec![b'A'; 50_000], 50_000, false);
    let answer = post(&service, "/v1/classify", &[FORM], body).await;
    assert_eq!(answer.code(), (429, "memory_full".to_owned()));
}

#[tokio::test]
async fn a_form_reads_the_same_in_pieces_of_any_size() {
    let (service, _) = ready(Settings::default()).await;
    let (kind, body) = form(&[
        ("a.wav", &tone(0.5)),
        ("b.wav", &noise(&[0.9])),
        ("c.wav", &tone(0.01)),
    ]);
    let kind = [("content-type", kind.as_str())];
    let whole = post(&service, "/v1/classify", &kind, body.clone()).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    for size in [1, 7, 1_000, 65_536] {
        let answer = post(&service, "/v1/classify", &kind, pieces(&body, size, false)).await;
        assert_eq!(answer.json(), whole.json(), "{size}");
    }
    until(&service, "woofer_held_bytes", 0.0).await;
}

#[tokio::test]
async fn the_copies_of_a_json_are_counted() {
    let sound = STANDARD.encode(noise(&[0.5]));
    let plain = format!(r#"{{"inputs": "{sound}"}}"#);
    let escaped = plain.replace('/', "\\/");
    let (decoded, slack) = (sound.len() * 3 / 4, 2_000);
    for (body, enough) in [
        (&plain, plain.len() + decoded + slack),
        (&escaped, 3 * escaped.len() + decoded + slack),
    ] {
        for (held, status) in [(enough, 200), (enough - decoded, 429)] {
            let service = limited(held.max(40_000)).await;
            let json = [("content-type", "application/json")];
            let answer = post(&service, "/models/ear", &json, body.clone()).await;
            assert_eq!(answer.status, status, "{}", answer.text());
            until(&service, "woofer_held_bytes", 0.0).await;
        }
    }
}

#[tokio::test]
async fn an_answer_is_counted_until_it_is_taken() {
    let service = limited(150_000).await;
    let ask = async || {
        let request = Request::post("/v1/wav").body(Body::from(tone(0.1))).unwrap();
        service.router().oneshot(request).await.unwrap()
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    assert!(metric(&service, "woofer_held_bytes").await >= 2.0 * 32_044.0);
    let third = ask().await;
    let refused = (third.status().as_u16(), ask().await.status().as_u16());
    assert_eq!(refused, (200, 429));
    drop((first, second, third));
    until(&service, "woofer_held_bytes", 0.0).await;
    assert_eq!(ask().await.status(), 200);
}

#[tokio::test]
async fn a_wav_for_which_there_is_no_room_is_429() {
    // The body has room, it with its WAV has not.
    let service = limited(50_000).await;
    let answer = post(&service, "/v1/wav", &[], tone(0.1)).await;
    assert_eq!(answer.code(), (429, "memory_full".to_owned()));
    assert_eq!(post(&service, "/v1/classify", &[], tone(0.1)).await.status, 200);
    until(&service, "woofer_held_bytes", 0.0).await;
}
