//! Downloads that are refused: what a server says wrongly, has not, or has another of.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/fetching.rs"]
mod fetching;
mod support;

use std::fs;
use std::io::Write;

use fetching::{TAG, fetch, hex, names};
use support::{Server, bytes, head, serve};
use woofer_fetch::download::{Download, DownloadError};

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
fn without_a_server_it_is_said_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("strong.tsv");
    // Nobody listens on port 1; a port that was free a moment ago may be another test's by now.
    for url in ["http://127.0.0.1:1/x", "http://woofer.invalid/x"] {
        let download = Download::new(url, &to).otherwise("or give the file with --strong FILE");
        let error = fetch(&download).unwrap_err().to_string();
        let place = format!("put it at {}, or give the file with --strong FILE", to.display());
        assert!(
            error.contains(url) && error.contains("cannot be reached") && error.contains(&place),
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
