//! Children that end well, badly, late or never. They are programs that every Unix has.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, test_kill_process};
use woofer_fetch::Stop;
use woofer_fetch::child::{ChildError, Program};

/// A shell that starts a grandchild, writes its number to `file`, and goes on with `then`.
fn with_grandchild(file: &Path, then: &str) -> Program {
    Program::new("sh")
        .args([
            "-c",
            &format!("sleep 3600 & echo $! > \"$0.new\"; mv \"$0.new\" \"$0\"; {then}"),
        ])
        .arg(file)
}

/// Waits for the number in a file.
fn number(file: &Path) -> Pid {
    loop {
        if let Ok(text) = fs::read_to_string(file) {
            return Pid::from_raw(text.trim().parse().unwrap()).unwrap();
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a process is no more. A test hangs here if it never ends.
fn wait_for_end(process: Pid) {
    while test_kill_process(process).is_ok() && !is_zombie(process) {
        thread::sleep(Duration::from_millis(5));
    }
}

/// An orphan stays a zombie where the first process of a container does not collect it.
fn is_zombie(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    stat.is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

#[test]
fn arguments_reach_the_program_as_they_are() {
    let words = ["a b", "$HOME", ";", "--", "'", "\"", "*", "", "-x"];
    let finished = Program::new("printf")
        .arg("%s\n")
        .args(words)
        .run(&Stop::new())
        .unwrap();
    let finished = finished.success().unwrap();
    assert_eq!(
        String::from_utf8(finished.stdout).unwrap(),
        words.map(|w| format!("{w}\n")).concat()
    );
}

#[test]
fn a_failure_tells_the_status_and_the_last_words() {
    let program =
        Program::new("sh").args(["-c", "echo out; echo first >&2; echo 'no such video' >&2; exit 3"]);
    let finished = program.run(&Stop::new()).unwrap();
    assert_eq!(
        (finished.status.code(), finished.text().as_str()),
        (Some(3), "out")
    );
    let error = finished.success().unwrap_err().to_string();
    assert_eq!(error, "sh: exit status: 3: first / no such video");
}

#[test]
fn a_program_that_is_not_there_and_one_that_is_none_are_told_apart() {
    let error = Program::new("woofer-no-such-program")
        .run(&Stop::new())
        .unwrap_err();
    assert!(matches!(error, ChildError::NotFound { .. }), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Program::new(file.path()).run(&Stop::new()).unwrap_err();
    assert!(matches!(error, ChildError::NotStarted { .. }), "{error}");
    let error = Program::new("true")
        .current_dir("/no/such/folder")
        .run(&Stop::new())
        .unwrap_err();
    assert!(matches!(error, ChildError::NotStarted { .. }), "{error}");
}

#[test]
fn the_time_limit_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let program = with_grandchild(&file, "echo waiting >&2; wait").time_limit(Duration::from_millis(300));
    let error = program.run(&Stop::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "sh: ended after 0.3 s, the time limit: waiting"
    );
    wait_for_end(number(&file));
}

#[test]
fn a_wish_to_stop_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let stop = Stop::new();
    let running = thread::spawn({
        let (program, stop) = (with_grandchild(&file, "wait"), stop.clone());
        move || program.run(&stop)
    });
    let grandchild = number(&file);
    stop.now();
    assert!(matches!(running.join().unwrap(), Err(ChildError::Stopped { .. })));
    wait_for_end(grandchild);
}

#[test]
fn a_good_end_leaves_no_grandchild_either() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let finished = with_grandchild(&file, "echo done").run(&Stop::new()).unwrap();
    assert_eq!(finished.success().unwrap().text(), "done");
    wait_for_end(number(&file));
}

#[test]
fn a_grandchild_that_leaves_the_group_holds_nothing_up() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let script = "setsid sh -c 'echo $$ > $0.new; mv $0.new $0; exec sleep 3600' $0 & \
        while [ ! -e $0 ]; do sleep 0.01; done; echo done";
    let finished = Program::new("sh")
        .args(["-c", script])
        .arg(&file)
        .run(&Stop::new())
        .unwrap();
    assert_eq!(finished.success().unwrap().text(), "done");
    rustix::process::kill_process(number(&file), rustix::process::Signal::KILL).unwrap();
}

#[test]
fn dropping_a_stream_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let mut stream = with_grandchild(&file, "yes").stream(&Stop::new()).unwrap();
    stream.read_exact(&mut vec![0; 100_000]).unwrap();
    drop(stream);
    wait_for_end(number(&file));
}

#[test]
fn output_is_bounded() {
    let program = Program::new("yes").stdout_limit(100_000);
    let error = program.run(&Stop::new()).unwrap_err();
    assert!(
        matches!(error, ChildError::TooMuchOutput { limit: 100_000, .. }),
        "{error}"
    );
    let flood = "i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done";
    let finished = Program::new("sh").args(["-c", flood]).run(&Stop::new()).unwrap();
    assert!(finished.stderr.len() <= 64 << 10 && finished.stderr.ends_with("line 19999\n"));
}

#[test]
fn a_stream_gives_everything_and_tells_a_bad_end() {
    let mut bytes = Vec::new();
    let mut stream = Program::new("head")
        .args(["-c", "3000000", "/dev/zero"])
        .stream(&Stop::new())
        .unwrap();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 3_000_000);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);

    let script = "printf abc; echo broken >&2; exit 1";
    let mut stream = Program::new("sh")
        .args(["-c", script])
        .stream(&Stop::new())
        .unwrap();
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).unwrap_err();
    assert_eq!(bytes, b"abc");
    assert_eq!(error.to_string(), "sh: exit status: 1: broken");

    let slow = Program::new("sleep")
        .arg("3600")
        .time_limit(Duration::from_millis(100));
    let error = slow
        .stream(&Stop::new())
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap_err();
    assert!(error.to_string().contains("the time limit"), "{error}");
}

#[test]
fn a_stream_can_be_fed() {
    let text = "woof ".repeat(100_000);
    let input = io::Cursor::new(text.clone().into_bytes());
    let mut out = String::new();
    let mut stream = Program::new("tr")
        .args(["a-z", "A-Z"])
        .stream_from(input, &Stop::new())
        .unwrap();
    stream.read_to_string(&mut out).unwrap();
    assert_eq!(out, text.to_uppercase());
    // A program that does not read its input to the end is no fault.
    let mut out = Vec::new();
    let mut stream = Program::new("head")
        .args(["-c", "5"])
        .stream_from(io::repeat(b'x'), &Stop::new())
        .unwrap();
    stream.read_to_end(&mut out).unwrap();
    assert_eq!(out, b"xxxxx");
}

#[test]
fn a_stream_may_go_to_another_thread_and_be_shared() {
    fn check<T: Send + Sync + 'static>() {}
    check::<woofer_fetch::child::Streaming>();
}
