//! What `--output` writes to, and what it never replaces.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use support::{classify, model, stderr, stdout, wav, woofer};

#[test]
fn a_link_stays_a_link_and_what_it_leads_to_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let model = model(dir.path());
    wav(&at("a.wav"), 1.0);
    fs::write(at("target.csv"), "old").unwrap();
    symlink("target.csv", at("link.csv")).unwrap();
    let mut command = classify(&model);
    command.args(["-f", "csv"]).arg(at("a.wav"));
    stdout(command.arg("-o").arg(at("link.csv")));
    assert!(at("link.csv").is_symlink());
    let text = fs::read_to_string(at("target.csv")).unwrap();
    assert!(text.starts_with("path,"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_can_be_named_as_a_file_and_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let model = model(dir.path());
    wav(&at("a.wav"), 1.0);
    // A link of the test's own, for `/dev/stdout` would be lost to all programs if this failed.
    symlink("/proc/self/fd/1", at("stdout")).unwrap();
    // As `>` opens it: who writes next writes where the program stopped.
    fs::write(at("log.csv"), "").unwrap();
    let mut log = fs::File::create(at("log.csv")).unwrap();
    writeln!(log, "before").unwrap();
    let status = Command::new(assert_cmd::cargo::cargo_bin!("woofer"))
        .args(["classify", "-f", "csv", "--model"])
        .args([&model, &at("a.wav")])
        .arg("-o")
        .arg(at("stdout"))
        .stdout(log.try_clone().unwrap())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    assert!(at("stdout").is_symlink());
    writeln!(log, "after").unwrap();
    let text = fs::read_to_string(at("log.csv")).unwrap();
    assert!(
        text.starts_with("before\npath,") && text.ends_with("\nafter\n"),
        "{text}"
    );
}

#[test]
fn an_output_never_replaces_what_it_is_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let model = model(dir.path());
    // A recording is told by its content, whatever its name.
    for name in ["a.wav", "b.png"] {
        wav(&at(name), 1.0);
    }
    let before = fs::read(at("a.wav")).unwrap();
    symlink("a.wav", at("link")).unwrap();
    for output in ["a.wav", "link"] {
        let mut command = classify(&model);
        command.arg(at("b.png")).arg(at("a.wav"));
        let said = stderr(command.arg("-o").arg(at(output)));
        assert!(said.contains("would replace the input"), "{said}");
        command.assert().code(3);
    }
    assert_eq!(fs::read(at("a.wav")).unwrap(), before);
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("woofer"));
    command
        .args(["classify", "--model"])
        .arg(&model)
        .arg("-o")
        .arg(at("a.wav"));
    let sound = fs::File::open(at("a.wav")).unwrap();
    let refused = command.arg("-").stdin(sound).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("would replace the input -"));
    assert_eq!(fs::read(at("a.wav")).unwrap(), before);
    let mut command = woofer();
    command.args(["spectrogram", "--no-scores"]);
    let said = stderr(command.arg(at("b.png")).arg("-o").arg(at("b.png")));
    assert!(said.contains("would replace the input"), "{said}");
    assert_eq!(fs::read(at("b.png")).unwrap(), before);
}

#[test]
fn a_report_or_an_export_never_replaces_what_it_is_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let model = model(dir.path());
    wav(&at("a.wav"), 1.0);
    let (list, weights) = (at("scores.csv"), model.join("model.safetensors"));
    fs::write(&list, "path,label\na.wav,Barking\n").unwrap();
    let before = [&list, &weights].map(|file| fs::read(file).unwrap());
    let refused = |arguments: &[&str], files: &[&std::path::Path], replaced: &str| {
        let mut command = woofer();
        let said = stderr(command.args(arguments).args(files));
        assert!(
            said.contains("would replace") && said.contains(replaced),
            "{said}"
        );
        command.assert().code(3);
    };
    refused(&["dataset", "check", "-o"], &[&list, &list], "scores.csv");
    refused(&["evaluate", "-o"], &[dir.path(), &model, &list], "scores.csv");
    refused(
        &["model", "export", "--force", "--onnx"],
        &[&weights, &model],
        "model.safetensors",
    );
    assert_eq!([&list, &weights].map(|file| fs::read(file).unwrap()), before);
    // An ONNX file beside the model's own is none of them.
    let onnx = model.join("model.onnx");
    for _ in 0..2 {
        let mut command = woofer();
        command.args(["model", "export", "--force", "--onnx"]);
        command.arg(&onnx).arg(&model).assert().success();
    }
}

#[test]
fn results_among_the_recordings_are_written_again_the_next_time() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let clips = dir.path().join("clips");
    fs::create_dir(&clips).unwrap();
    wav(&clips.join("a.wav"), 1.0);
    let scores = clips.join("scores.csv");
    for _ in 0..2 {
        let mut command = classify(&model);
        command.args(["-f", "csv"]).arg(&clips).arg("-o").arg(&scores);
        stdout(&mut command);
        assert_eq!(stderr(&mut command), "");
    }
    assert!(fs::read_to_string(&scores).unwrap().contains("a.wav"));
}
