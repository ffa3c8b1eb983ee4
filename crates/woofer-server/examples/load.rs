//! Loads a service with one recording over and over, and prints how it does: the figures of docs/benchmarks.md.
//!
//! ```sh
//! cargo run --release --package woofer-server --example load -- 127.0.0.1:8080 clip.wav CONNECTIONS SECONDS [RATE]
//! ```
//!
//! Without a rate each connection asks again as soon as it has its answer. With a rate, requests a second, the
//! connections share it and ask whether or not the service keeps up: an overload, if the rate is above what it can do.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for a person at a terminal, who sees where it stops"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How often each status came, and the seconds that each 200 took.
#[derive(Default)]
struct Tally {
    statuses: BTreeMap<String, usize>,
    took_s: Vec<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, file, connections, seconds, rest @ ..] = arguments.as_slice() else {
        println!("usage: load HOST:PORT FILE CONNECTIONS SECONDS [RATE]");
        return;
    };
    let sound = std::fs::read(file).unwrap();
    let connections: u32 = connections.parse().unwrap();
    let seconds = Duration::from_secs_f64(seconds.parse().unwrap());
    let rate: Option<f64> = rest.first().map(|rate| rate.parse().unwrap());
    let head = format!(
        "POST /invocations HTTP/1.1\r\nHost: {address}\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\n\r\n",
        sound.len()
    );
    let request: Arc<[u8]> = [head.into_bytes(), sound].concat().into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let started = Instant::now();
    let tally = runtime.block_on(async {
        let tasks: Vec<_> = (0..connections)
            .map(|place| {
                let (address, request) = (address.clone(), Arc::clone(&request));
                let every = rate.map(|rate| Duration::from_secs_f64(f64::from(connections) / rate));
                let first = every.map_or(Duration::ZERO, |every| every * place / connections);
                tokio::spawn(ask(address, request, started + seconds, first, every))
            })
            .collect();
        let mut all = Tally::default();
        for task in tasks {
            let tally = task.await.unwrap();
            all.took_s.extend(tally.took_s);
            for (status, count) in tally.statuses {
                *all.statuses.entry(status).or_default() += count;
            }
        }
        all
    });
    report(tally, connections, started.elapsed().as_secs_f64());
}

fn report(mut tally: Tally, connections: u32, took_s: f64) {
    tally.took_s.sort_by(f64::total_cmp);
    let quantile = |q: f64| {
        let place = (q * tally.took_s.len() as f64) as usize;
        tally
            .took_s
            .get(place)
            .or(tally.took_s.last())
            .copied()
            .unwrap_or(f64::NAN)
            * 1e3
    };
    println!(
        "{connections} connections, {took_s:.1} s: {:.1} answers a second, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; {:?}",
        tally.took_s.len() as f64 / took_s,
        quantile(0.5),
        quantile(0.99),
        quantile(1.0),
        tally.statuses
    );
}

/// One connection until the end, opened anew when it breaks.
async fn ask(
    address: String,
    request: Arc<[u8]>,
    end: Instant,
    first: Duration,
    every: Option<Duration>,
) -> Tally {
    let mut tally = Tally::default();
    let mut stream = None;
    let mut due = Instant::now() + first;
    while due < end && Instant::now() < end {
        if let Some(every) = every {
            tokio::time::sleep_until(due.into()).await;
            // What could not be asked in time is not made up for: the rate is an upper bound.
            due = Instant::now().max(due + every);
        }
        let asked = Instant::now();
        let status = match exchange(&mut stream, &address, &request).await {
            Ok(status) => status,
            Err(error) => {
                stream = None;
                error.kind().to_string()
            }
        };
        if status == "200" {
            tally.took_s.push(asked.elapsed().as_secs_f64());
        }
        *tally.statuses.entry(status).or_default() += 1;
    }
    tally
}

/// Sends the request and reads the answer; its status.
async fn exchange(
    stream: &mut Option<BufReader<TcpStream>>,
    address: &str,
    request: &[u8],
) -> std::io::Result<String> {
    if stream.is_none() {
        *stream = Some(BufReader::new(TcpStream::connect(address).await?));
    }
    let Some(open) = stream else {
        return Err(std::io::ErrorKind::NotConnected.into());
    };
    open.get_mut().write_all(request).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(open.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next());
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    open.read_exact(&mut body).await?;
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    if head.contains("connection: close") {
        *stream = None;
    }
    Ok(status)
}
