//! What reaches outside the program: published networks by their name, and ffmpeg for what we cannot read.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use assert_cmd::Command;
use serde_json::Value;
#[cfg(unix)]
use support::stand_in;
use support::{model, stderr, stdout, wav, weight_file, woofer};

/// How the server answers the next request; the last answer is given again and again.
#[derive(Clone)]
enum Answer {
    /// All of it, from the byte that is asked for.
    File(Vec<u8>),
    /// So many bytes of it, then the connection ends.
    Half(Vec<u8>, usize),
    /// The whole, and a length that is wrong by so much.
    Lie(Vec<u8>, isize),
    Redirect(String),
    Status(&'static str),
}

/// A server on this machine that answers as it was told, and keeps the heads of the requests.
struct Server {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(mut answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        answers.reverse();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let answer = answers.last().cloned().unwrap();
                if answers.len() > 1 {
                    answers.pop();
                }
                let mut stream = stream.unwrap();
                let head = read_head(&stream);
                // Kept before it is answered: the test may look as soon as the answer is there.
                kept.lock().unwrap().push(head.clone());
                // Whoever has read enough goes away: no fault.
                let _ = respond(&mut stream, &head, &answer);
            }
        });
        Self { address, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn read_head(stream: &TcpStream) -> String {
    let mut head = String::new();
    for line in BufReader::new(stream).lines() {
        match line {
            Ok(line) if !line.is_empty() => {
                head.push_str(&line);
                head.push('\n');
            }
            _ => break,
        }
    }
    head
}

fn respond(stream: &mut TcpStream, head: &str, answer: &Answer) -> std::io::Result<()> {
    let begin = |head: &str| {
        let range = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("range").then(|| value.to_owned())
        });
        range.and_then(|range| range.strip_prefix("bytes=")?.trim_end_matches('-').parse().ok())
    };
    let mut send = |bytes: &[u8], claimed: usize, sent: usize| {
        let from: Option<usize> = begin(head);
        let at = from.unwrap_or(0).min(bytes.len());
        let status = match from {
            Some(_) => format!(
                "206 Partial Content\r\nContent-Range: bytes {at}-{}/{}",
                bytes.len() - 1,
                bytes.len()
            ),
            None => "200 OK".to_owned(),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nETag: \"one\"\r\nAccept-Ranges: bytes\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            claimed - at
        )?;
        stream.write_all(&bytes[at..(at + sent).min(bytes.len())])
    };
    match answer {
        Answer::File(bytes) => send(bytes, bytes.len(), bytes.len()),
        Answer::Half(bytes, reach) => send(bytes, bytes.len(), *reach),
        Answer::Lie(bytes, by) => send(bytes, bytes.len().checked_add_signed(*by).unwrap(), bytes.len()),
        Answer::Redirect(to) => write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ),
        Answer::Status(status) => write!(
            stream,
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ),
    }
}

/// A folder to fetch into, and the bytes of a network of the width of mn01.
struct Bench {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read(weight_file(folder.path())).unwrap();
        Self { folder, bytes }
    }

    fn fetch(&self, mirror: &str) -> Command {
        let mut command = woofer();
        for proxy in [
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env_remove(proxy);
        }
        command.current_dir(&self.folder).env("WOOFER_FETCH_TRIES", "2");
        command.args([
            "model",
            "fetch",
            "mn01",
            "-v",
            "--weights",
            "weights",
            "--mirror",
            mirror,
        ]);
        command
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("weights/mn01_as_mAP_298.pt")
    }
}

#[test]
fn a_network_is_fetched_by_name_kept_and_known_again() {
    let bench = Bench::new();
    let server = Server::new(vec![Answer::File(bench.bytes.clone())]);
    bench
        .fetch(&server.address)
        .args(["-t", "tomofun"])
        .assert()
        .success();
    assert_eq!(fs::read(bench.file()).unwrap(), bench.bytes);
    woofer()
        .args(["model", "verify"])
        .arg(bench.folder.path().join("mn01"))
        .assert()
        .success();
    let record = fs::read_to_string(bench.folder.path().join("weights/SHA256SUMS")).unwrap();
    assert!(record.ends_with("  mn01_as_mAP_298.pt\n"), "{record}");
    // The model that is there is not touched, and nothing is fetched a second time.
    let said = stderr(&mut bench.fetch(&server.address));
    assert!(said.contains("--force"), "{said}");
    let mut again = bench.fetch(&server.address);
    again.args(["-o", "other"]).assert().success();
    assert_eq!(server.heads().len(), 1);

    // Another file in its place is refused from now on.
    fs::remove_file(bench.file()).unwrap();
    let mut other = bench.bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    let server = Server::new(vec![Answer::File(other)]);
    let mut command = bench.fetch(&server.address);
    command.args(["-o", "third"]);
    let said = stderr(&mut command);
    assert!(said.contains("SHA-256") && said.contains(&record[..64]), "{said}");
    command.assert().code(3);
    assert!(!bench.folder.path().join("third").exists() && !bench.file().exists());
}

#[test]
fn a_connection_that_drops_half_way_goes_on_where_it_ended() {
    let bench = Bench::new();
    let half = bench.bytes.len() / 2;
    let server = Server::new(vec![
        Answer::Half(bench.bytes.clone(), half),
        Answer::File(bench.bytes.clone()),
    ]);
    bench.fetch(&server.address).assert().success();
    assert_eq!(fs::read(bench.file()).unwrap(), bench.bytes);
    let heads = server.heads();
    assert!(
        heads.len() == 2 && heads[1].to_lowercase().contains(&format!("range: bytes={half}-")),
        "{heads:?}"
    );
}

#[test]
fn lies_redirects_and_refusals_end_well_or_in_a_clear_error() {
    let bench = Bench::new();
    let file = Answer::File(bench.bytes.clone());
    let there = Server::new(vec![file.clone()]);
    let good = |answers: Vec<Answer>, out: &str| {
        let server = Server::new(answers);
        let _ = fs::remove_file(bench.file());
        bench.fetch(&server.address).args(["-o", out]).assert().success();
        assert_eq!(fs::read(bench.file()).unwrap(), bench.bytes, "{out}");
    };
    good(
        vec![Answer::Redirect(format!("{}/elsewhere", there.address))],
        "redirected",
    );
    good(
        vec![
            Answer::Status("429 Too Many Requests\r\nRetry-After: 1"),
            file.clone(),
        ],
        "busy",
    );
    good(
        vec![Answer::Status("503 Service Unavailable"), file.clone()],
        "down",
    );

    let bad = |answers: Vec<Answer>, parts: &[&str]| {
        let server = Server::new(answers);
        let _ = fs::remove_dir_all(bench.folder.path().join("weights"));
        let mut command = bench.fetch(&server.address);
        command.args(["-o", "bad"]);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!bench.folder.path().join("bad").exists() && !bench.file().exists());
    };
    bad(
        vec![Answer::Status("404 Not Found")],
        &["404", "mn01_as_mAP_298.pt"],
    );
    bad(vec![Answer::Status("429 Too Many Requests")], &["busy", "429"]);
    // More is promised than comes, again and again.
    bad(
        vec![Answer::Lie(bench.bytes.clone(), 1_000)],
        &["mn01_as_mAP_298.pt"],
    );
    // Less is promised: what comes is cut there, and is no weight file.
    bad(
        vec![Answer::Lie(bench.bytes.clone(), -1_000)],
        &["mn01_as_mAP_298.pt"],
    );
    bad(
        vec![Answer::File(b"<html>please log in</html>".to_vec())],
        &["mn01_as_mAP_298.pt"],
    );
    bad(
        vec![Answer::Redirect("http://127.0.0.1:1/".to_owned())],
        &["cannot be reached"],
    );
}

#[test]
fn without_a_network_it_is_said_what_to_do() {
    let bench = Bench::new();
    // Nobody listens on port 1; one that was free a moment ago may be another test's by now.
    let said = stderr(&mut bench.fetch("http://127.0.0.1:1"));
    for part in ["cannot be reached", "proxy", "woofer model import"] {
        assert!(said.contains(part), "{said}");
    }
    let list = stdout(woofer().args(["model", "fetch", "--list"]));
    for part in ["mn40_as_mAP_484.pt", "vggish-10086976.pth", "MIT", "Apache-2.0"] {
        assert!(list.contains(part), "{list}");
    }
    let said = stderr(woofer().args(["model", "fetch", "mn4"]));
    assert!(
        said.contains("did you mean \"mn40\"?") || said.contains("did you mean \"mn04\"?"),
        "{said}"
    );
}

#[test]
fn a_proxy_is_asked_where_one_is_set() {
    let bench = Bench::new();
    let proxy = Server::new(vec![Answer::File(bench.bytes.clone())]);
    let mut command = bench.fetch("http://weights.invalid/v1");
    // It is asked for a way to the server, which ends there: a tunnel is more than this test needs.
    command
        .env("HTTP_PROXY", &proxy.address)
        .env("NO_PROXY", "")
        .output()
        .unwrap();
    let heads = proxy.heads();
    assert!(heads[0].contains("weights.invalid"), "{heads:?}");
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/audio")
        .join(name)
}

#[cfg(unix)]
#[test]
fn another_decoder_is_given_the_format_and_one_file_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let sound = dir.path().join("sound.wav");
    wav(&sound, 2.0);
    let said = dir.path().join("arguments");
    let script = format!("echo \"$@\" > {}; cat {}", said.display(), sound.display());
    let program = stand_in(dir.path(), &script);
    let opus = testdata("chirp_48000_mono_opus.ogg");
    let scores = |command: &mut Command| {
        let text = stdout(command.args(["-f", "jsonl", "--model"]).arg(&model));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let by_other = scores(woofer().env("WOOFER_FFMPEG", &program).arg("classify").arg(&opus));
    let own = scores(woofer().arg("classify").arg(&sound));
    assert_eq!(by_other["classes"], own["classes"]);
    assert_eq!(by_other["duration_s"], 2.0);
    let arguments = fs::read_to_string(&said).unwrap();
    let expected = format!(
        "-protocol_whitelist file -f ogg -i file:{} -map 0:a:0",
        opus.display()
    );
    assert!(arguments.contains(&expected), "{arguments}");

    let mut command = woofer();
    command.env("WOOFER_FFMPEG", &program).args(["classify", "-"]);
    command.write_stdin(fs::read(testdata("chirp_48000_mono_opus.webm")).unwrap());
    assert_eq!(scores(&mut command)["classes"], own["classes"]);
    let arguments = fs::read_to_string(&said).unwrap();
    assert!(
        arguments.contains("-protocol_whitelist pipe -f matroska -i pipe:0"),
        "{arguments}"
    );
}

#[cfg(unix)]
#[test]
fn a_decoder_that_is_missing_or_fails_is_named_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let opus = testdata("chirp_48000_mono_opus.ogg");
    let info = |program: &Path| {
        let mut command = woofer();
        command.env("WOOFER_FFMPEG", program).arg("info").arg(&opus);
        let said = stderr(&mut command);
        command.assert().code(3);
        assert!(
            said.contains("chirp_48000_mono_opus.ogg") && said.contains("Opus"),
            "{said}"
        );
        said
    };
    let said = info(Path::new("no-such-ffmpeg"));
    assert!(said.contains("ffmpeg") && said.contains("install"), "{said}");
    let said = info(&stand_in(dir.path(), "echo 'invalid data found' >&2; exit 1"));
    assert!(said.contains("invalid data found"), "{said}");
    let said = info(&stand_in(dir.path(), "echo 'no wav at all'"));
    assert!(said.contains("no sound"), "{said}");
    // What is no sound is never handed to it.
    let picture = dir.path().join("a.png");
    fs::write(&picture, b"\x89PNG\r\n\x1a\n0000").unwrap();
    let mut command = woofer();
    command
        .env("WOOFER_FFMPEG", "no-such-ffmpeg")
        .arg("info")
        .arg(&picture);
    let said = stderr(&mut command);
    assert!(
        said.contains("a PNG picture") && !said.contains("ffmpeg"),
        "{said}"
    );
}

#[test]
#[ignore = "needs ffmpeg"]
fn ffmpeg_reads_what_we_cannot() {
    for name in [
        "chirp_48000_mono_opus.mp4",
        "chirp_48000_mono_opus.ogg",
        "chirp_48000_mono_opus.webm",
        "chirp_44100_mono.wma",
    ] {
        let text = stdout(woofer().args(["info", "-f", "json"]).arg(testdata(name)));
        let file = serde_json::from_str::<Value>(&text).unwrap()["files"][0].clone();
        assert_eq!(file["codec"], "read by ffmpeg", "{file}");
        let seconds = file["duration_s"].as_f64().unwrap();
        assert!((0.2..1.3).contains(&seconds), "{file}");
        assert!(file["peak_db"].as_f64().unwrap() > -20.0, "{file}");
        // From standard input too: an MP4 has its table at the end, and is kept until it is there.
        let mut command = woofer();
        command
            .args(["info", "-f", "json", "-"])
            .write_stdin(fs::read(testdata(name)).unwrap());
        let piped = serde_json::from_str::<Value>(&stdout(&mut command)).unwrap()["files"][0].clone();
        assert_eq!(piped["samples"], file["samples"], "{name}: {piped}");
    }
}
