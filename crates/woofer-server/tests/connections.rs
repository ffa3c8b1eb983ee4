//! Over real sockets at 127.0.0.1: what hyper and the system do with connections.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use support::{Ears, ready, tone};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use woofer_server::{Listener, Settings, serve};

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
    ears: std::sync::Arc<Ears>,
}

async fn served(settings: Settings) -> Served {
    let (service, ears) = ready(settings).await;
    let listener = Listener::bind("127.0.0.1", 0).unwrap();
    let address = listener.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(serve(listener, service, async {
        let _ = stopped.await;
    }));
    Served {
        address,
        stop,
        ended,
        ears,
    }
}

fn quick() -> Settings {
    let mut settings = Settings::default();
    settings.limits.header = Duration::from_millis(300);
    settings.limits.body_pause = Duration::from_millis(300);
    settings
}

fn head(path: &str, length: usize) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

/// Everything that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the connection was not closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn answer(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    rest(&mut stream).await
}

/// The answer to a head that is refused before all of it is sent, upon which the connection may be closed.
async fn answer_while_sending(address: SocketAddr, head: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    if let Err(error) = stream.write_all(head).await {
        let closed = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
        assert!(closed.contains(&error.kind()), "{error}");
    }
    rest(&mut stream).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_answered_and_the_connection_used_again() {
    let served = served(quick()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let sound = tone(0.1);
    for _ in 0..2 {
        stream
            .write_all(&head("/invocations", sound.len()))
            .await
            .unwrap();
        stream.write_all(&sound).await.unwrap();
        let mut bytes = vec![0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        assert!(
            text.starts_with("HTTP/1.1 200") && text.contains("\"probability\""),
            "{text}"
        );
    }
    // Nothing more is asked, so it is closed.
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_and_idle_connections_are_closed_and_hinder_nobody() {
    let served = served(quick()).await;
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(TcpStream::connect(served.address).await.unwrap());
    }
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(b"POST /invocations HTTP/1.1\r\nX-Slow: ")
        .await
        .unwrap();
    let sound = tone(0.1);
    let request = [head("/invocations", sound.len()), sound].concat();
    assert!(answer(served.address, &request).await.starts_with("HTTP/1.1 200"));
    rest(&mut slow).await;
    for stream in &mut idle {
        assert_eq!(rest(stream).await, "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_shorter_than_it_says_is_408_and_one_that_drips_too() {
    let served = served(quick()).await;
    let request = [head("/invocations", 100_000), tone(0.1)].concat();
    let text = answer(served.address, &request).await;
    assert!(
        text.starts_with("HTTP/1.1 408") && text.contains("body_timeout"),
        "{text}"
    );
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&head("/invocations", 100_000)).await.unwrap();
    stream.write_all(b"RIFF").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_longer_than_it_says_is_cut_and_the_rest_is_no_request() {
    let served = served(quick()).await;
    let sound = tone(0.1);
    let request = [head("/invocations", sound.len() - 100), sound].concat();
    let text = answer(served.address, &request).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 200").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_too_large_or_no_http_are_refused() {
    let served = served(quick()).await;
    let many = "X-Header: y\r\n".repeat(100);
    let text = answer(
        served.address,
        format!("GET /ping HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes(),
    )
    .await;
    assert!(text.starts_with("HTTP/1.1 431"), "{text}");
    let long = "y".repeat(1_000_000);
    let text = answer_while_sending(
        served.address,
        format!("GET /ping HTTP/1.1\r\nX: {long}\r\n\r\n").as_bytes(),
    )
    .await;
    assert!(text.starts_with("HTTP/1.1 431"), "{text}");
    let text = answer(served.address, b"\x16\x03\x01 hello\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    let text = answer(
        served.address,
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    )
    .await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_arrives_though_the_body_is_still_being_sent() {
    let mut settings = quick();
    settings.limits.body_bytes = 1_000_000;
    let served = served(settings).await;
    let body = vec![0; 20_000_000];
    for (path, status) in [("/invocations", "413"), ("/nothing", "404"), ("/ping", "405")] {
        let request = [head(path, body.len()), body.clone()].concat();
        let text = answer(served.address, &request).await;
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_to_be_asked_for_a_body_that_is_refused_is_not_asked() {
    let mut settings = quick();
    settings.limits.body_bytes = 1_000_000;
    settings.token = woofer_server::Token::new("let-me-in");
    let served = served(settings).await;
    let ask = async |headers: &str, length: usize, body: &[u8]| {
        let head = format!(
            "POST /v1/classify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Expect: 100-continue\r\n{headers}\r\n"
        );
        answer(served.address, &[head.as_bytes(), body].concat()).await
    };
    let token = "Authorization: Bearer let-me-in\r\n";
    let form = format!("{token}Content-Type: multipart/form-data; boundary=edge\r\n");
    for (headers, status) in [("", "401"), (token, "413"), (&form, "413")] {
        let text = ask(headers, 50_000_000, b"").await;
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")), "{text}");
        assert!(
            text.to_ascii_lowercase().contains("\r\nconnection: close"),
            "{text}"
        );
    }
    let sound = tone(0.1);
    let text = ask(token, sound.len(), &sound).await;
    assert!(
        text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_taken_in_time_is_broken_off_and_held_no_longer() {
    let mut settings = quick();
    settings.limits.answer = Duration::from_millis(500);
    let served = served(settings).await;
    // More than the system keeps for a connection.
    let sound = woofer::audio::wav_bytes(&vec![0.1; 16_000 * 500], 16_000);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = [head("/v1/wav", sound.len()), sound.clone()].concat();
    stream.write_all(&request).await.unwrap();
    let mut first = vec![0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(first, b"HTTP/1.1 200");
    let metrics = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let given_back = async {
        while !answer(served.address, metrics)
            .await
            .contains("\nwoofer_held_bytes 0\n")
        {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(15), given_back).await.unwrap();
    let mut rest = Vec::new();
    // The end may be a reset.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest))
        .await
        .unwrap();
    assert!(rest.len() < sound.len(), "{}", rest.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_too_many_is_told_so() {
    let mut settings = quick();
    settings.limits.connections = 2;
    let served = served(settings).await;
    let first = TcpStream::connect(served.address).await.unwrap();
    let second = TcpStream::connect(served.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let text = answer(served.address, b"").await;
    assert!(
        text.starts_with("HTTP/1.1 503") && text.contains("too_many_connections"),
        "{text}"
    );
    drop((first, second));
    let ping = b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let again = async { while !answer(served.address, ping).await.starts_with("HTTP/1.1 200") {} };
    timeout(Duration::from_secs(10), again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_told_to_stop_finishes_what_is_under_way() {
    let served = served(Settings::default()).await;
    served.ears.gate.shut();
    let reached = || served.ears.gate.reached.load(std::sync::atomic::Ordering::SeqCst);
    let before = reached();
    let sound = tone(0.1);
    let request = [head("/invocations", sound.len()), sound].concat();
    let address = served.address;
    let under_way = tokio::spawn(async move { answer(address, &request).await });
    while reached() == before {
        sleep(Duration::from_millis(2)).await;
    }
    served.stop.send(()).unwrap();
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), refused).await.unwrap();
    assert!(!served.ended.is_finished());
    served.ears.gate.open();
    assert!(under_way.await.unwrap().starts_with("HTTP/1.1 200"));
    timeout(Duration::from_secs(10), served.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
