//! `woofer serve` as its own process: as SageMaker starts it, over loopback, and by `--check`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[cfg(unix)]
use support::stand_in;
use support::{model, stderr, stdout, wav, weight_file, woofer};

/// A service in a process of its own, killed when dropped.
struct Served {
    child: Child,
    address: String,
    said: mpsc::Receiver<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Starts `woofer serve` with an environment of its own, and waits until it listens.
    fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("woofer"));
        command
            .arg("serve")
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, said) = mpsc::channel();
        let errors = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            errors
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut served = Self {
            child,
            address: String::new(),
            said,
        };
        let line = served.line_with("listening at http://");
        let (_, address) = line.split_once("http://").unwrap();
        served.address.push_str(address.trim_end_matches('/'));
        served
    }

    /// The next line on stderr that holds a text.
    fn line_with(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut before = Vec::new();
        while let Ok(line) = self
            .said
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if line.contains(text) {
                return line;
            }
            before.push(line);
        }
        panic!("{text:?} was not said; what was: {before:#?}");
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
        request(&self.address, method, path, headers, body)
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.request("GET", "/ping", "", b"").0 != 200 {
            assert!(Instant::now() < deadline, "never ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends SIGTERM and waits for the end.
    fn terminate(&mut self) -> ExitStatus {
        let kill = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(kill.success());
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "SIGTERM did not end it");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The status and the body of an answer.
fn request(address: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The scores that `woofer classify` prints for a file, as text, in the order of the classes of `names`.
fn classified(model: &Path, file: &Path, names: &[String]) -> Vec<String> {
    let mut command = woofer();
    command
        .args(["classify", "--format", "json", "--model"])
        .arg(model)
        .arg(file);
    let json: serde_json::Value = serde_json::from_str(&stdout(&mut command)).unwrap();
    let classes = json["files"][0]["classes"].as_array().unwrap();
    let score =
        |name: &String| classes.iter().find(|class| class["label"] == **name).unwrap()["score"].to_string();
    names.iter().map(score).collect()
}

fn names(json: &serde_json::Value) -> Vec<String> {
    let names = json["names"].as_array().unwrap();
    names
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn probabilities(json: &serde_json::Value) -> Vec<String> {
    json["probability"]
        .as_array()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn as_sagemaker_starts_it_it_serves_the_model_laid_into_opt_ml() {
    let root = tempfile::tempdir().unwrap();
    let opt_ml = root.path().join("opt/ml");
    std::fs::create_dir_all(opt_ml.join("model")).unwrap();
    // What model.tar.gz holds is laid there without its name: here a folder and what a Mac adds.
    let bundle = model(root.path());
    std::fs::rename(&bundle, opt_ml.join("model/house")).unwrap();
    std::fs::write(opt_ml.join("model/._house"), "x").unwrap();
    let opt_ml_text = opt_ml.display().to_string();
    let mut served = Served::start(
        &["--host", "127.0.0.1"],
        &[("SAGEMAKER_BIND_TO_PORT", "0"), ("WOOFER_OPT_ML", &opt_ml_text)],
    );
    served.wait_until_ready();
    let sound = root.path().join("sound.wav");
    wav(&sound, 7.5);
    let bytes = std::fs::read(&sound).unwrap();
    let (status, body) = served.request(
        "POST",
        "/invocations",
        "Content-Type: audio/wav\r\nAccept: */*\r\n",
        &bytes,
    );
    assert_eq!(status, 200, "{body}");
    let original: serde_json::Value = serde_json::from_str(&body).unwrap();
    let (_, body) = served.request("POST", "/invocations", "Accept: application/json\r\n", &bytes);
    let named: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(original["probability"], named["probability"]);
    let expected = classified(&opt_ml.join("model/house"), &sound, &names(&named));
    assert_eq!(probabilities(&original), expected);
    assert_eq!(expected.len(), 10);
    assert!(served.terminate().success());
}

#[test]
fn a_request_under_way_is_finished_after_sigterm() {
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path()).display().to_string();
    let mut served = Served::start(&["--host", "127.0.0.1", "--port", "0", "--model", &bundle], &[]);
    served.wait_until_ready();
    let sound = root.path().join("sound.wav");
    wav(&sound, 2.0);
    let bytes = std::fs::read(&sound).unwrap();
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(
        stream,
        "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    )
    .unwrap();
    let half = bytes.len() / 2;
    stream.write_all(&bytes[..half]).unwrap();
    // By then the head has been read: the request is under way.
    std::thread::sleep(Duration::from_millis(300));
    let rest = bytes[half..].to_vec();
    let address = served.address.clone();
    let sender = std::thread::spawn(move || {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&address).is_ok() {
            assert!(Instant::now() < deadline, "it still takes connections");
            std::thread::sleep(Duration::from_millis(20));
        }
        stream.write_all(&rest).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(served.terminate().success());
    assert!(sender.join().unwrap().starts_with("HTTP/1.1 200"));
}

#[test]
fn a_model_that_is_refused_ends_it_with_the_reason() {
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path());
    std::fs::write(bundle.join("model.safetensors"), "broken").unwrap();
    let mut command = woofer();
    command.args(["serve", "--port", "0", "--model"]).arg(&bundle);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("model.safetensors"), "{said}");
}

#[test]
fn a_port_that_is_taken_and_wrong_settings_are_named() {
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let serve = |arguments: &[&str]| {
        let mut command = woofer();
        command
            .args(["serve", "--host", "127.0.0.1", "--model"])
            .arg(&bundle)
            .args(arguments);
        (command.output().unwrap().status.code(), stderr(&mut command))
    };
    let (code, said) = serve(&["--port", &port]);
    assert!(
        code == Some(3) && said.contains(&format!("127.0.0.1:{port}")),
        "{said}"
    );
    let (code, said) = serve(&["--port", "0", "--cors-origin", "*"]);
    assert!(code == Some(3) && said.contains("https://example.org"), "{said}");
    for (option, value) in [
        ("--queue", "0"),
        ("--timeout-s", "18446744073709551615"),
        ("--timeout-s", "9223372036854775807"),
        ("--timeout-s", "86401"),
        ("--max-duration-s", "9223372036854775807"),
        ("--threads", "18446744073709551615"),
    ] {
        let (code, said) = serve(&["--port", "0", option, value]);
        assert!(
            code == Some(2) && said.contains(option) && said.contains(value),
            "{said}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_token_that_is_no_text_is_refused_and_never_taken_for_none() {
    use std::os::unix::ffi::OsStrExt;
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for token in [&b"\xff\xfe"[..], b"two words", b""] {
        let mut command = woofer();
        // If it were let in, it would end at the port that is taken.
        command
            .env("WOOFER_TOKEN", std::ffi::OsStr::from_bytes(token))
            .args(["serve", "--host", "127.0.0.1", "--port", &port, "--model"])
            .arg(&bundle);
        let said = stderr(&mut command);
        assert!(
            said.contains("WOOFER_TOKEN") && said.contains("visible ASCII"),
            "{said}"
        );
    }
}

#[test]
fn check_runs_a_file_through_the_handler_without_a_port() {
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path());
    let sound = root.path().join("sound.wav");
    wav(&sound, 3.0);
    let check = |file: &Path, accept: &str| {
        let mut command = woofer();
        command
            .args(["serve", "--check"])
            .arg(file)
            .args(["--accept", accept, "--model"])
            .arg(&bundle);
        command
    };
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&mut check(&sound, "application/json"))).unwrap();
    assert_eq!(probabilities(&json), classified(&bundle, &sound, &names(&json)));
    let text = root.path().join("notes.txt");
    std::fs::write(&text, "no sound at all").unwrap();
    let mut broken = check(&text, "*/*");
    assert_eq!(broken.output().unwrap().status.code(), Some(3));
    assert!(stdout(&mut broken).contains("not_audio"));
    assert!(stderr(&mut broken).contains("422"));
}

#[cfg(unix)]
#[test]
fn what_only_ffmpeg_reads_is_answered_unless_it_is_shut_out() {
    let root = tempfile::tempdir().unwrap();
    let bundle = model(root.path());
    let sound = root.path().join("sound.wav");
    wav(&sound, 2.0);
    let program = stand_in(root.path(), &format!("cat {}", sound.display()));
    let opus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/audio/chirp_48000_mono_opus.ogg");
    let check = |options: &[&str]| {
        let mut command = woofer();
        command
            .env("WOOFER_FFMPEG", &program)
            .args(["serve", "--accept", "application/json", "--model"])
            .arg(&bundle)
            .args(options)
            .arg("--check")
            .arg(&opus);
        command
    };
    let json: serde_json::Value = serde_json::from_str(&stdout(&mut check(&[]))).unwrap();
    assert_eq!(probabilities(&json), classified(&bundle, &sound, &names(&json)));
    let mut refused = check(&["--no-ffmpeg"]);
    assert_eq!(refused.output().unwrap().status.code(), Some(3));
    let said = stdout(&mut refused);
    assert!(
        said.contains("unsupported_audio") && said.contains("Opus"),
        "{said}"
    );
}

#[test]
fn request_sends_files_and_prints_what_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let weights = weight_file(root.path()).display().to_string();
    let token = root.path().join("token");
    std::fs::write(&token, "let-me-in\n").unwrap();
    let token = token.display().to_string();
    let served = Served::start(
        &[
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--model",
            &weights,
            "--taxonomy",
            "tomofun",
            "--token-file",
            &token,
        ],
        &[],
    );
    served.wait_until_ready();
    let (good, bad) = (root.path().join("a.wav"), root.path().join("b.wav"));
    wav(&good, 1.0);
    std::fs::write(&bad, "no sound").unwrap();
    let url = format!("http://{}", served.address);
    let (_, models) = served.request("GET", "/v1/models", "Authorization: Bearer let-me-in\r\n", b"");
    let models: serde_json::Value = serde_json::from_str(&models).unwrap();
    assert_eq!(
        models["models"][0]["name"], "mn01",
        "a weight file is named without its folder"
    );
    let request = |token: &str, files: &[&Path]| {
        let mut command = woofer();
        command
            .env("WOOFER_TOKEN", token)
            .args(["request", &url])
            .args(files);
        command
    };
    let output = request("let-me-in", &[&good]).output().unwrap();
    assert!(output.status.success());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["probability"].as_array().unwrap().len(), 10);
    let output = request("let-me-in", &[&good, &bad]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (out, said) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(out.starts_with(&format!("{}\t{{", good.display())), "{out}");
    assert!(
        said.contains("b.wav: 422") && said.contains("not audio"),
        "{said}"
    );
    let output = request("wrong", &[&good]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("401") && !said.contains("wrong"), "{said}");
}

#[test]
#[ignore = "needs ../shared"]
fn every_clip_of_esc10_gets_the_scores_of_classify_to_the_last_digit() {
    let shared = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let weights = shared.join("weights/mn04_as_mAP_432.pt").display().to_string();
    let mut command = woofer();
    command.args([
        "classify",
        "-r",
        "--format",
        "json",
        "--taxonomy",
        "tomofun",
        "--model",
        &weights,
    ]);
    let json: serde_json::Value = serde_json::from_str(&stdout(command.arg(shared.join("esc10")))).unwrap();
    let files = json["files"].as_array().unwrap();
    let served = Served::start(
        &[
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--taxonomy",
            "tomofun",
            "--model",
            &weights,
        ],
        &[],
    );
    served.wait_until_ready();
    let address = served.address.as_str();
    // Four at a time, so that recordings meet in batches.
    let (next, compared) = (
        std::sync::atomic::AtomicUsize::new(0),
        std::sync::atomic::AtomicUsize::new(0),
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    let path = file["path"].as_str().unwrap();
                    let bytes = std::fs::read(path).unwrap();
                    let (status, body) = request(address, "POST", "/v1/classify", "", &bytes);
                    assert_eq!(status, 200, "{path}: {body}");
                    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
                    assert_eq!(answer["files"][0]["classes"], file["classes"], "{path}");
                    compared.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(compared.into_inner(), 400);
}
