//! A small HTTP server whose every answer a test decides.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Counted from 0.
    pub number: usize,
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

impl Request {
    /// The first byte that was asked for.
    pub fn from(&self) -> usize {
        let range = self.range.as_deref().unwrap_or("bytes=0-");
        range
            .strip_prefix("bytes=")
            .unwrap()
            .trim_end_matches('-')
            .parse()
            .unwrap()
    }
}

/// A server on this machine; it ends with the test's process.
pub struct Server {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request by what `answer` writes; the connection is closed after it.
    pub fn start(answer: impl Fn(&Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (heard, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut request = read_request(&stream);
                {
                    let mut heard = heard.lock().unwrap();
                    request.number = heard.len();
                    heard.push(request.clone());
                }
                let answer = Arc::clone(&answer);
                let mut stream = stream;
                thread::spawn(move || answer(&request, &mut stream));
            }
        });
        Self { port, requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Request {
    let mut request = Request::default();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("GET ") {
            rest.split(' ').next().unwrap().clone_into(&mut request.path);
        }
        if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "range" => request.range = Some(value.to_owned()),
                "if-range" => request.if_range = Some(value.to_owned()),
                _ => {}
            }
        }
    }
    request
}

/// Writes a head: a status line and headers.
pub fn head(stream: &mut TcpStream, status: &str, headers: &[(&str, &str)]) {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    let _ = stream.write_all(text.as_bytes());
}

/// Writes an answer as a good server does: the rest of the file from the byte that was asked for. It stops after
/// `at_most` bytes.
pub fn serve(stream: &mut TcpStream, request: &Request, file: &[u8], tag: &str, at_most: usize) {
    let known = request.if_range.as_deref().is_none_or(|wanted| wanted == tag);
    let from = if known { request.from() } else { 0 };
    let rest = &file[from..];
    let length = rest.len().to_string();
    let range = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
    let mut headers = vec![("Content-Length", length.as_str()), ("ETag", tag)];
    if from > 0 {
        headers.push(("Content-Range", &range));
    }
    head(
        stream,
        if from > 0 { "206 Partial Content" } else { "200 OK" },
        &headers,
    );
    let _ = stream.write_all(&rest[..rest.len().min(at_most)]);
}

/// Bytes that differ everywhere.
pub fn bytes(len: usize) -> Vec<u8> {
    (0u32..)
        .map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[1] ^ i.to_le_bytes()[0])
        .take(len)
        .collect()
}
