//! Downloads from a server that behaves well, badly, or not at all.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use support::{Server, bytes, head, serve};
use woofer_fetch::Stop;
use woofer_fetch::download::{Download, DownloadError, Downloaded, Downloader, Event, Settings};

const TAG: &str = "\"v1\"";

fn settings() -> Settings {
    Settings {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        tries: 4,
        patience: Duration::from_secs(20),
    }
}

fn fetch_with(settings: &Settings, download: &Download) -> (Result<Downloaded, DownloadError>, Vec<Event>) {
    let mut events = Vec::new();
    let downloader = Downloader::new(settings, &Stop::new()).unwrap();
    let result = downloader.fetch(download, &mut |event| events.push(event));
    (result, events)
}

fn fetch(download: &Download) -> Result<Downloaded, DownloadError> {
    fetch_with(&settings(), download).0
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_comes_whole_with_its_size_and_hash() {
    let dir = tempfile::tempdir().unwrap();
    let file = bytes(300_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| serve(stream, request, &whole, TAG, usize::MAX));
    let to = dir.path().join("a.bin");
    let (result, events) = fetch_with(
        &settings(),
        &Download::new(server.url("/a"), &to).sha256(&hex(&file)[..8]),
    );
    let expected = Downloaded {
        bytes: 300_000,
        sha256: hex(&file),
        resumed_from: 0,
    };
    assert_eq!(result.unwrap(), expected);
    assert_eq!(fs::read(&to).unwrap(), file);
    assert_eq!(names(dir.path()), ["a.bin"]);
    assert_eq!(
        events.last(),
        Some(&Event::Progress {
            bytes: 300_000,
            total: Some(300_000)
        })
    );
}

#[test]
fn a_connection_that_drops_is_gone_on_with_from_the_same_byte() {
    let dir = tempfile::tempdir().unwrap();
    let file = bytes(300_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| serve(stream, request, &whole, TAG, 100_000));
    let to = dir.path().join("a.bin");
    let (result, events) = fetch_with(&settings(), &Download::new(server.url("/a"), &to));
    assert_eq!(result.unwrap().sha256, hex(&file));
    let requests = server.requests();
    assert_eq!(
        requests.iter().map(support::Request::from).collect::<Vec<_>>(),
        [0, 100_000, 200_000]
    );
    assert!(requests[1..].iter().all(|r| r.if_range.as_deref() == Some(TAG)));
    let waits = events.iter().filter(|e| matches!(e, Event::Waiting { .. }));
    assert_eq!(waits.count(), 2);
}

#[test]
fn a_later_run_goes_on_where_an_earlier_one_ended() {
    let dir = tempfile::tempdir().unwrap();
    let file = bytes(300_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| match request.number {
        0 => serve(stream, request, &whole, TAG, 120_000),
        1..=8 => {}
        _ => serve(stream, request, &whole, TAG, usize::MAX),
    });
    let to = dir.path().join("a.bin");
    let download = Download::new(server.url("/a?key=secret"), &to);
    let error = fetch_with(
        &Settings {
            tries: 8,
            ..settings()
        },
        &download,
    )
    .0
    .unwrap_err();
    let DownloadError::BrokenOff { bytes, of, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((*bytes, *of), (120_000, Some(300_000)));
    assert!(!error.to_string().contains("secret"), "{error}");
    let note = fs::read_to_string(dir.path().join(".a.bin.part.json")).unwrap();
    assert!(!to.exists() && !note.contains("secret"), "{note}");
    let done = fetch(&download).unwrap();
    assert_eq!((done.resumed_from, done.sha256), (120_000, hex(&file)));
    assert_eq!(names(dir.path()), ["a.bin"]);
}

#[test]
fn two_versions_of_a_file_are_never_joined() {
    // What the second version's server answers depends on whether it knows If-Range, or gives no mark at all.
    for marked in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (bytes(200_000), vec![7; 250_000]);
        let newer = new.clone();
        let server = Server::start(move |request, stream| match request.number {
            0 if marked => serve(stream, request, &old, TAG, 90_000),
            0 => {
                head(stream, "200 OK", &[("Content-Length", "200000")]);
                stream.write_all(&old[..90_000]).unwrap();
            }
            _ => serve(stream, request, &newer, "\"v2\"", usize::MAX),
        });
        let to = dir.path().join("a.bin");
        assert_eq!(
            fetch(&Download::new(server.url("/a"), &to)).unwrap().sha256,
            hex(&new)
        );
        assert_eq!(fs::read(&to).unwrap(), new);
    }
}

#[test]
fn without_a_mark_a_file_of_known_hash_is_gone_on_with_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = bytes(200_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| {
        let from = request.from();
        let range = format!("bytes {from}-199999/200000");
        let headers = [("Content-Range", range.as_str())];
        head(
            stream,
            if from > 0 { "206 Partial Content" } else { "200 OK" },
            &headers[..usize::from(from > 0)],
        );
        // The first answer has no length: only the hash tells that it is not all.
        stream.write_all(&whole[from..]).unwrap();
    });
    let to = dir.path().join("a.bin");
    // A part that an earlier run left, damaged: found by the hash, and fetched anew.
    for damaged in [false, true] {
        let mut part = file[..50_000].to_vec();
        part[10] ^= u8::from(damaged);
        fs::write(dir.path().join(".a.bin.part"), part).unwrap();
        let note = format!(
            "{{\"url\":\"{}\",\"mark\":null,\"total\":200000}}",
            server.url("/a")
        );
        fs::write(dir.path().join(".a.bin.part.json"), note).unwrap();
        let done = fetch(&Download::new(server.url("/a"), &to).sha256(hex(&file))).unwrap();
        assert_eq!(done.resumed_from, if damaged { 0 } else { 50_000 });
        assert_eq!(fs::read(&to).unwrap(), file);
    }
}

#[test]
fn a_server_that_lies_about_lengths_and_ranges_is_found_out() {
    let file = bytes(100_000);
    // Promises more than it ever sends.
    let server = Server::start({
        let file = file.clone();
        move |_, stream| {
            head(stream, "200 OK", &[("Content-Length", "999999"), ("ETag", TAG)]);
            stream.write_all(&file).unwrap();
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("a.bin");
    let error = fetch(&Download::new(server.url("/a"), &to)).unwrap_err();
    assert!(
        matches!(error, DownloadError::BrokenOff { bytes: 100_000, .. }),
        "{error}"
    );
    assert!(!to.exists());

    for (range, part) in [
        ("bytes 0-99999/100000", "broke off after 60000 bytes of 100000"),
        ("bytes 40000-99999/170000", "byte 40000 of 170000 came"),
        ("bytes 99999-40000/100000", "99999-40000"),
        ("rabbits", "rabbits"),
    ] {
        let file = file.clone();
        let server = Server::start(move |request, stream| {
            if request.from() == 0 {
                return serve(stream, request, &file, TAG, 40_000);
            }
            head(
                stream,
                "206 Partial Content",
                &[("Content-Range", range), ("ETag", TAG)],
            );
            stream.write_all(&file[40_000..]).unwrap();
        });
        let dir = tempfile::tempdir().unwrap();
        let error = fetch(&Download::new(server.url("/a"), dir.path().join("a.bin"))).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!dir.path().join("a.bin").exists());
    }
}

#[test]
fn what_is_too_large_or_of_another_size_or_hash_is_refused_and_removed() {
    let file = bytes(50_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| match request.path.as_str() {
        "/chunked" => {
            head(stream, "200 OK", &[("Transfer-Encoding", "chunked")]);
            for piece in whole.chunks(1_000) {
                let _ = stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes());
                let _ = stream.write_all(piece);
                let _ = stream.write_all(b"\r\n");
            }
            let _ = stream.write_all(b"0\r\n\r\n");
        }
        _ => serve(stream, request, &whole, TAG, usize::MAX),
    });
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("a.bin");
    fs::write(&to, "as before").unwrap();
    let wrong = "0".repeat(64);
    for (download, part) in [
        (
            Download::new(server.url("/"), &to).max_bytes(49_999),
            "50000 bytes, larger than the 49999 bytes",
        ),
        (
            Download::new(server.url("/chunked"), &to).max_bytes(49_999),
            "larger than the 49999 bytes",
        ),
        (
            Download::new(server.url("/"), &to).size(49_999),
            "50000 bytes where 49999 were expected",
        ),
        (
            Download::new(server.url("/chunked"), &to).size(50_001),
            "50000 bytes where 50001 were expected",
        ),
        (
            Download::new(server.url("/"), &to).sha256(&wrong),
            "its SHA-256 is",
        ),
        (
            Download::new(server.url("/"), &to).sha256("12"),
            "\"12\" is no SHA-256",
        ),
        (Download::new("ftp://x/y", &to), "is no address"),
    ] {
        let error = fetch(&download).unwrap_err().to_string();
        assert!(error.contains(part), "{part}: {error}");
        assert_eq!(names(dir.path()), ["a.bin"]);
        assert_eq!(fs::read_to_string(&to).unwrap(), "as before");
    }
    let done = fetch(&Download::new(server.url("/chunked"), &to).max_bytes(50_000)).unwrap();
    assert_eq!((done.bytes, fs::read(&to).unwrap()), (50_000, file));
}

#[test]
fn redirects_are_followed_with_the_range_and_not_in_circles() {
    let file = bytes(80_000);
    let whole = file.clone();
    let server = Server::start(move |request, stream| match request.path.as_str() {
        "/start" => head(
            stream,
            "302 Found",
            &[("Location", "/next"), ("Content-Length", "0")],
        ),
        "/next" => head(
            stream,
            "307 Temporary Redirect",
            &[("Location", "/file"), ("Content-Length", "0")],
        ),
        "/circle" => head(
            stream,
            "301 Moved",
            &[("Location", "/circle"), ("Content-Length", "0")],
        ),
        _ => serve(stream, request, &whole, TAG, 50_000),
    });
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("a.bin");
    assert_eq!(
        fetch(&Download::new(server.url("/start"), &to)).unwrap().sha256,
        hex(&file)
    );
    let requests = server.requests();
    assert_eq!((requests.len(), requests[5].from()), (6, 50_000));
    let error = fetch(&Download::new(server.url("/circle"), &to)).unwrap_err();
    assert!(error.to_string().contains("redirect"), "{error}");
}

#[test]
fn what_is_not_there_is_told_at_once() {
    for (status, part) in [
        ("404 Not Found", "answers 404 not found"),
        ("403 Forbidden", "403 forbidden"),
        ("410 Gone", "410 gone"),
    ] {
        let server = Server::start(move |_, stream| head(stream, status, &[("Content-Length", "0")]));
        let dir = tempfile::tempdir().unwrap();
        let error = fetch(&Download::new(server.url("/x"), dir.path().join("a"))).unwrap_err();
        assert!(
            matches!(error, DownloadError::Refused { .. }) && error.to_string().contains(part),
            "{error}"
        );
        assert_eq!(server.requests().len(), 1);
        assert!(names(dir.path()).is_empty());
    }
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let file = bytes(1_000);
    let whole = file.clone();
    let server = Server::start(
        move |request, stream| match (request.path.as_str(), request.number) {
            ("/soon", 0) => head(
                stream,
                "429 Too Many Requests",
                &[("Retry-After", "1"), ("Content-Length", "0")],
            ),
            ("/soon", 1) => head(stream, "503 Service Unavailable", &[("Content-Length", "0")]),
            ("/late", _) => head(
                stream,
                "429 Too Many Requests",
                &[("Retry-After", "3600"), ("Content-Length", "0")],
            ),
            ("/never", _) => head(stream, "500 Oops", &[("Content-Length", "0")]),
            _ => serve(stream, request, &whole, TAG, usize::MAX),
        },
    );
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("a");
    let (result, events) = fetch_with(&settings(), &Download::new(server.url("/soon"), &to));
    assert_eq!(result.unwrap().bytes, 1_000);
    let pauses: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Waiting { reason, pause } => Some((reason.as_str(), *pause)),
            Event::Progress { .. } => None,
        })
        .collect();
    assert_eq!(
        pauses,
        [
            ("the server answers 429", Duration::from_secs(1)),
            ("the server answers 503", Duration::from_millis(2))
        ]
    );
    let error = fetch(&Download::new(server.url("/late"), &to)).unwrap_err();
    assert!(error.to_string().contains("try again in 3600 s"), "{error}");
    let before = server.requests().len();
    let error = fetch(&Download::new(server.url("/never"), &to)).unwrap_err();
    assert!(
        matches!(
            error,
            DownloadError::Busy {
                status: 500,
                after: None,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(server.requests().len() - before, 4);
    assert_eq!(names(dir.path()), ["a"]);
}

#[test]
fn without_a_server_it_is_said_what_to_do() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("strong.tsv");
    for url in [
        format!("http://127.0.0.1:{port}/x"),
        "http://woofer.invalid/x".into(),
    ] {
        let download = Download::new(&url, &to).otherwise("or give the file with --strong FILE");
        let error = fetch(&download).unwrap_err().to_string();
        let place = format!("put it at {}, or give the file with --strong FILE", to.display());
        assert!(
            error.contains(&url) && error.contains("cannot be reached") && error.contains(&place),
            "{error}"
        );
        assert!(names(dir.path()).is_empty());
    }
}

#[test]
fn a_login_page_is_not_taken_for_the_file() {
    let server = Server::start(|_, stream| {
        head(
            stream,
            "200 OK",
            &[
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", "6"),
            ],
        );
        stream.write_all(b"<html>").unwrap();
    });
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&Download::new(server.url("/x"), dir.path().join("a.tsv"))).unwrap_err();
    assert!(matches!(error, DownloadError::WebPage { .. }), "{error}");
    assert!(names(dir.path()).is_empty());
    fetch(&Download::new(server.url("/x"), dir.path().join("a.html"))).unwrap();
}

#[test]
fn a_silent_server_is_left_after_the_patience_and_at_once_on_a_wish() {
    let server = Server::start(|request, stream| {
        if request.path == "/half" && request.from() == 0 {
            serve(stream, request, &bytes(5_000), TAG, 1_000);
        }
        thread::sleep(Duration::from_hours(1));
    });
    let dir = tempfile::tempdir().unwrap();
    for path in ["/nothing", "/half"] {
        let to = dir.path().join("a");
        let hasty = Settings {
            patience: Duration::from_millis(100),
            tries: 2,
            ..settings()
        };
        let error = fetch_with(&hasty, &Download::new(server.url(path), &to))
            .0
            .unwrap_err();
        assert!(matches!(error, DownloadError::BrokenOff { .. }), "{error}");

        // With a patience of an hour, only the wish can end it.
        let patient = Settings {
            patience: Duration::from_hours(1),
            ..settings()
        };
        let stop = Stop::new();
        let clone = stop.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            clone.now();
        });
        let download = Download::new(server.url(path), &to);
        let error = Downloader::new(&patient, &stop)
            .unwrap()
            .fetch(&download, &mut |_| {})
            .unwrap_err();
        assert!(matches!(error, DownloadError::Stopped { .. }), "{error}");
    }
}

#[test]
fn two_downloads_to_one_place_do_not_mix() {
    let server = Server::start(|request, stream| {
        serve(stream, request, &bytes(5_000), TAG, 1_000);
        thread::sleep(Duration::from_hours(1));
    });
    let dir = tempfile::tempdir().unwrap();
    let download = Download::new(server.url("/a"), dir.path().join("a"));
    let stop = Stop::new();
    let downloader = Downloader::new(&settings(), &stop).unwrap();
    let mut second = None;
    let first = downloader.fetch(&download, &mut |_| {
        second.get_or_insert_with(|| fetch(&download));
        stop.now();
    });
    assert!(matches!(first, Err(DownloadError::Stopped { .. })), "{first:?}");
    assert!(
        matches!(second, Some(Err(DownloadError::InUse { .. }))),
        "{second:?}"
    );
}
