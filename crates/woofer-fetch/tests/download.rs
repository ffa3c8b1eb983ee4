//! Downloads that are interrupted, or have to wait, and come whole in the end.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fetching.rs"]
mod fetching;
mod support;

use std::fs;
use std::io::Write;
use std::thread;
use std::time::Duration;

use fetching::{TAG, fetch, fetch_with, hex, names, settings};
use support::{Server, bytes, head, serve};
use woofer_fetch::Stop;
use woofer_fetch::download::{Download, DownloadError, Downloaded, Downloader, Event, Settings};

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
fn a_server_that_passes_over_the_condition_cannot_join_two_versions_of_one_size() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (bytes(200_000), vec![7; 200_000]);
    let later = second.clone();
    let server = Server::start(move |request, stream| {
        let mut asked = request.clone();
        asked.if_range = None;
        match request.number {
            0 => serve(stream, &asked, &first, TAG, 50_000),
            _ => serve(stream, &asked, &later, "\"v2\"", usize::MAX),
        }
    });
    let to = dir.path().join("a.bin");
    let came = fetch(&Download::new(server.url("/a"), &to)).unwrap();
    assert_eq!(came.sha256, hex(&second));
    let asked: Vec<usize> = server.requests().iter().map(support::Request::from).collect();
    assert_eq!(asked, [0, 50_000, 0]);
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
