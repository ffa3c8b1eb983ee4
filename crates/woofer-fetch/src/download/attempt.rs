//! One request and its answer.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use ureq::http::{HeaderMap, Response, header};

use super::retry::{is_passing, retry_after};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub url: String,
    /// From this byte on.
    pub from: u64,
    /// Only if the file is still this version; otherwise all of it.
    pub mark: Option<String>,
}

/// What an attempt tells, in this order: one `Begins` and any number of `Piece`s, then one of the others.
#[derive(Debug)]
pub enum Message {
    /// The answer is the file from this byte on.
    Begins(Head),
    Piece(Vec<u8>),
    /// The file is complete, as far as the server tells.
    End,
    /// The server refuses.
    Status {
        status: u16,
        after: Option<Duration>,
    },
    /// There was no answer.
    NoAnswer(ureq::Error),
    /// The answer is against the rules.
    BadAnswer(String),
    /// The answer broke off.
    BrokenOff(io::Error),
}

/// What the head of an answer says of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The answer begins with this byte of the file.
    pub from: u64,
    /// The size of the whole file.
    pub total: Option<u64>,
    pub mark: Option<String>,
    /// It is a page for people.
    pub is_web_page: bool,
    /// It is compressed, though that was not asked for.
    pub is_encoded: bool,
}

/// Starts an attempt. Whoever drops the receiver leaves it: its thread ends with the next bytes, or when none come.
pub fn start(agent: ureq::Agent, ask: Ask) -> Receiver<Message> {
    let (sender, receiver) = sync_channel(4);
    thread::spawn(move || {
        let last = run(&agent, &ask, &sender);
        // Nobody may listen any more.
        let _ = sender.send(last);
    });
    receiver
}

fn run(agent: &ureq::Agent, ask: &Ask, sender: &SyncSender<Message>) -> Message {
    let mut request = agent
        .get(&ask.url)
        .config()
        .https_only(ask.url.to_ascii_lowercase().starts_with("https:"))
        .build()
        .header(header::ACCEPT_ENCODING, "identity");
    if ask.from > 0 {
        request = request.header(header::RANGE, format!("bytes={}-", ask.from));
        if let Some(mark) = &ask.mark {
            request = request.header(header::IF_RANGE, mark);
        }
    }
    let response = match request.call() {
        Ok(response) => response,
        Err(error) => return Message::NoAnswer(error),
    };
    let status = response.status().as_u16();
    if !matches!(status, 200 | 206) {
        let after = text(response.headers(), header::RETRY_AFTER).filter(|_| is_passing(status));
        let after = after.and_then(|value| retry_after(&value, SystemTime::now()));
        return Message::Status { status, after };
    }
    match head(&response) {
        Ok(head) => {
            if sender.send(Message::Begins(head)).is_err() {
                return Message::End;
            }
        }
        Err(reason) => return Message::BadAnswer(reason),
    }
    match pass_on(response.into_body().into_reader(), sender) {
        Ok(()) => Message::End,
        Err(error) => Message::BrokenOff(error),
    }
}

fn pass_on(mut body: impl Read, sender: &SyncSender<Message>) -> io::Result<()> {
    loop {
        let mut piece = vec![0; 64 << 10];
        let n = match body.read(&mut piece) {
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        piece.truncate(n);
        if n == 0 || sender.send(Message::Piece(piece)).is_err() {
            return Ok(());
        }
    }
}

fn head<B>(response: &Response<B>) -> Result<Head, String> {
    let headers = response.headers();
    let length = text(headers, header::CONTENT_LENGTH).and_then(|length| length.trim().parse::<u64>().ok());
    let (from, total) = if response.status().as_u16() == 206 {
        let range = text(headers, header::CONTENT_RANGE).unwrap_or_default();
        parse_content_range(&range).ok_or_else(|| format!("status 206 with the range {range:?}"))?
    } else {
        (0, length)
    };
    let strong_tag = text(headers, header::ETAG).filter(|tag| !tag.starts_with("W/"));
    let starts = |name, value: &str| text(headers, name).is_some_and(|v| v.trim_start().starts_with(value));
    Ok(Head {
        from,
        total,
        mark: strong_tag.or_else(|| text(headers, header::LAST_MODIFIED)),
        is_web_page: starts(header::CONTENT_TYPE, "text/html"),
        is_encoded: text(headers, header::CONTENT_ENCODING).is_some_and(|e| e.trim() != "identity"),
    })
}

/// The first byte and the size of the whole of `bytes 100-199/200`.
///
/// Source: RFC 9110, section 14.4.
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    (first <= last && total.is_none_or(|total: u64| last < total)).then_some((first, total))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_that_make_sense_are_read() {
        for (value, expected) in [
            ("bytes 100-199/200", Some((100, Some(200)))),
            ("bytes 0-0/*", Some((0, None))),
            ("bytes 100-199/199", None),
            ("bytes 5-4/10", None),
            ("bytes */200", None),
            ("items 0-1/2", None),
            ("bytes 0-18446744073709551616/*", None),
            ("", None),
        ] {
            assert_eq!(parse_content_range(value), expected, "{value}");
        }
    }
}
