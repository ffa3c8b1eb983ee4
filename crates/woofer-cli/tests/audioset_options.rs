//! `woofer audioset fetch` with the options that people give it: relative paths, secrets, another sample rate, one try, a
//! copy that the plan does not fit. yt-dlp is stood in for by a few lines of shell; ffmpeg must be installed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "support/rising_sound.rs"]
mod rising_sound;
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use support::{stderr, stdout, weight_file, woofer};

const HEADER: &str = "file,class,fine,video,start_s,end_s,clip_start_s\n";
const ROW: &str = "aaaaaaaaaaa_1.wav,Bird,Bird,aaaaaaaaaaa,31.000,33.000,30.000\n";

/// What every yt-dlp of these tests begins with: its version, and which part is asked for.
const BEGINS: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo 2026.10.26; exit 0; fi
whole=true
while [ $# -gt 0 ]; do
    case $1 in
    --download-sections) whole=false ;;
    --cookies) cat "$2" >/dev/null || exit 1 ;;
    esac
    shift
done
"#;

/// A folder `set:1` with a plan, a sound of 30 s to 40 s of its video in `sound.wav`, and `bin/yt-dlp` that does this.
fn world(script: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let set = dir.path().join("set:1");
    fs::create_dir_all(&set).unwrap();
    fs::write(set.join("plan.csv"), format!("{HEADER}{ROW}")).unwrap();
    fs::create_dir(dir.path().join("bin")).unwrap();
    program(&dir.path().join("bin/yt-dlp"), &format!("{BEGINS}{script}"));
    rising_sound::write(&dir.path().join("sound.wav"), 16_000, 30.0, 10.0, 0.5);
    dir
}

fn program(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The command as it is typed in that folder, with these paths of the plan and of yt-dlp.
fn fetch_at(dir: &Path, plan: &Path, yt_dlp: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command.current_dir(dir).env("SOUND", dir.join("sound.wav"));
    command.args(["audioset", "fetch", "--rate", "0", "--pause", "0"]);
    command.arg(plan).arg("--yt-dlp").arg(yt_dlp);
    command
}

/// The command with the paths of both from the root on.
fn fetch(dir: &Path) -> assert_cmd::Command {
    fetch_at(dir, &dir.join("set:1/plan.csv"), &dir.join("bin/yt-dlp"))
}

/// The last entry of the journal.
fn last_entry(dir: &Path) -> Value {
    let journal = fs::read_to_string(dir.join("set:1/clips/fetch.jsonl")).unwrap();
    serde_json::from_str(journal.lines().last().unwrap()).unwrap()
}

fn rate_of(dir: &Path) -> u32 {
    let clip = hound::WavReader::open(dir.join("set:1/clips/aaaaaaaaaaa_1.wav")).unwrap();
    clip.spec().sample_rate
}

/// A section with the times of its video, and a whole video of 40 s.
const COMES: &str = r#"
if $whole; then
    ffmpeg -nostdin -loglevel error -i "$SOUND" -af adelay=30000 -c:a pcm_s16le whole.mka && echo "woofer-duration 40"
else
    ffmpeg -nostdin -loglevel error -itsoffset 30 -i "$SOUND" -c copy 30.mka
fi
"#;

#[test]
fn relative_paths_mean_what_they_do_where_they_are_typed() {
    let dir = world(COMES);
    fs::write(dir.path().join("cookies.txt"), "# cookies\n").unwrap();
    program(
        &dir.path().join("bin/my-ffmpeg"),
        "#!/bin/sh\nexec ffmpeg \"$@\"\n",
    );
    let (plan, yt_dlp) = (Path::new("set:1/plan.csv"), Path::new("bin/yt-dlp"));
    let mut command = fetch_at(dir.path(), plan, yt_dlp);
    command.args(["--cookies", "cookies.txt", "--ffmpeg", "bin/my-ffmpeg"]);
    let said = stdout(&mut command);
    assert!(said.contains("done   1 of 1 clips"), "{said}");
    // What is told to people is what they typed.
    assert!(said.contains("in set:1/clips\n"), "{said}");
    assert_eq!(rate_of(dir.path()), 16_000);
}

#[test]
fn the_last_words_of_a_yt_dlp_that_names_no_error_are_kept() {
    let dir = world("echo 'Traceback:' >&2; echo 'KeyError: 7' >&2; exit 1");
    fetch(dir.path()).args(["--tries", "1"]).assert().code(3);
    assert_eq!(last_entry(dir.path())["detail"], "KeyError: 7");
}

#[test]
fn a_dry_run_prints_no_password_however_it_is_written() {
    let dir = world(COMES);
    for arguments in [
        &["--proxy", "me:hunter2@h:3128"][..],
        &["--proxy", "http://me:hun/ter2hunter2@h:1"],
        &["--yt-dlp-arg=--password", "--yt-dlp-arg=hunter2"],
        &["--yt-dlp-arg=--video-password=hunter2"],
        &["--yt-dlp-arg=-phunter2"],
        &["--yt-dlp-arg=--add-headers", "--yt-dlp-arg=Cookie:hunter2"],
    ] {
        let said = stdout(fetch(dir.path()).arg("--dry-run").args(arguments));
        assert!(
            said.contains("...") && !said.contains("hunter2") && !said.contains("hun/"),
            "{said}"
        );
    }
    let said = stdout(
        fetch(dir.path())
            .arg("--dry-run")
            .env("WOOFER_PROXY", "me:hunter2@h:3128"),
    );
    assert!(
        said.contains("--proxy ...") && !said.contains("hunter2"),
        "{said}"
    );
}

#[test]
fn a_rate_that_is_no_rate_is_refused_with_what_is_allowed() {
    let dir = world(COMES);
    for rate in ["5e-18", "0.009", "-1", "nan"] {
        let mut command = woofer();
        command.current_dir(dir.path());
        command.args(["audioset", "fetch", "set:1/plan.csv", &format!("--rate={rate}")]);
        let said = stderr(&mut command);
        assert!(said.contains("from 0.01 to 1000000, or 0 for no limit"), "{said}");
        command.assert().code(2);
    }
}

#[test]
fn a_section_that_came_short_is_fetched_whole_though_one_try_is_allowed() {
    let short = COMES.replace("-c copy", "-t 1.5 -c copy");
    let dir = world(&short);
    let said = stdout(fetch(dir.path()).args(["--tries", "1"]));
    assert!(said.contains("done   1 of 1 clips"), "{said}");
}

#[test]
fn a_whole_video_that_is_too_large_is_asked_for_once() {
    // As yt-dlp does it: nothing is said, there is no file, and the exit code is 0.
    let dir = world(
        &COMES
            .replace("if $whole; then", "if $whole; then exit 0")
            .replace("-c copy", "-t 1.5 -c copy"),
    );
    let said = stdout(&mut fetch(dir.path()));
    assert!(
        said.contains("gone   1: 1 too large to be fetched whole"),
        "{said}"
    );
    let entry = last_entry(dir.path());
    assert_eq!(
        (&entry["state"], &entry["reason"]),
        (&"gone".into(), &"too_large".into())
    );
}

#[test]
fn another_sample_rate_makes_the_clips_anew() {
    let dir = world(COMES);
    fetch(dir.path()).assert().success();
    assert_eq!(rate_of(dir.path()), 16_000);
    let dry = stdout(fetch(dir.path()).args(["--sample-rate", "32000", "--dry-run"]));
    assert!(dry.starts_with("1 of 1 clips"), "{dry}");
    fetch(dir.path())
        .args(["--sample-rate", "32000"])
        .assert()
        .success();
    assert_eq!(rate_of(dir.path()), 32_000);
    let dry = stdout(fetch(dir.path()).args(["--sample-rate", "32000", "--dry-run"]));
    assert!(
        dry.starts_with("0 of 1 clips are to be made, from 0 videos: 0 s of sound, about 0 kB"),
        "{dry}"
    );
    // What an end in the middle leaves is told before anybody trains with it.
    let second = ROW
        .replace("aaaaaaaaaaa_1", "aaaaaaaaaaa_2")
        .replace("33.000", "34.000");
    fs::write(
        dir.path().join("set:1/plan.csv"),
        format!("{HEADER}{ROW}{second}"),
    )
    .unwrap();
    let mut mixed = fetch(dir.path());
    mixed.assert().success();
    let journal = dir.path().join("set:1/clips/fetch.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let last = text.lines().last().unwrap();
    fs::write(&journal, text.replace(last, &last.replace("16000", "32000"))).unwrap();
    let mut meta = woofer();
    meta.current_dir(dir.path())
        .args(["audioset", "meta", "set:1/plan.csv"]);
    let said = stderr(&mut meta);
    assert!(
        said.contains("clips of 16000 and 32000 Hz lie beside each other"),
        "{said}"
    );
}

#[test]
fn what_youtube_has_no_more_is_looked_for_in_a_copy_and_stays_gone_where_that_lacks_it() {
    let dir = world("echo 'ERROR: Private video' >&2; exit 1");
    let said = stdout(&mut fetch(dir.path()));
    assert!(said.contains("gone   1: 1 private"), "{said}");
    let journal = dir.path().join("set:1/clips/fetch.jsonl");
    let before = fs::read(&journal).unwrap();
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    let said = stdout(fetch(dir.path()).args(["--from", "copy"]));
    assert!(said.contains("gone   1: 1 private"), "{said}");
    assert_eq!(fs::read(&journal).unwrap(), before);
    fs::copy(dir.path().join("sound.wav"), copy.join("aaaaaaaaaaa_30.wav")).unwrap();
    let said = stdout(fetch(dir.path()).args(["--from", "copy"]));
    assert!(said.contains("done   1 of 1 clips"), "{said}");
}

#[test]
fn without_the_clips_start_only_files_whose_times_are_known_are_cut() {
    let dir = world(COMES);
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    let rows = ["aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc", "ddddddddddd"]
        .map(|video| format!("{video}_1.wav,Bird,Bird,{video},31.000,33.000\n"));
    let plan = format!("file,class,fine,video,start_s,end_s\n{}", rows.concat());
    fs::write(dir.path().join("set:1/plan.csv"), plan).unwrap();
    // A clip of which nobody knows where it begins, a numbered one, another, and a whole video.
    let sound = |name: &str, from_s, length_s| {
        rising_sound::write(&copy.join(name), 16_000, from_s, length_s, 0.5);
    };
    sound("aaaaaaaaaaa.wav", 30.0, 10.0);
    sound("bbbbbbbbbbb_30000.wav", 30.0, 10.0);
    sound("ccccccccccc_90.wav", 90.0, 10.0);
    sound("ddddddddddd.wav", 0.0, 50.0);
    let said = stdout(fetch(dir.path()).args(["--from", "copy"]));
    let retry = "retry  2: 1 not in the copy, 1 in a clip of unknown start (the plan has no clip_start_s)";
    assert!(
        said.contains("done   2 of 4 clips") && said.contains(retry),
        "{said}"
    );
    for video in ["bbbbbbbbbbb", "ddddddddddd"] {
        let clip = dir.path().join(format!("set:1/clips/{video}_1.wav"));
        let mut reader = hound::WavReader::open(clip).unwrap();
        let samples: Vec<f64> = reader.samples::<i16>().map(|s| f64::from(s.unwrap())).collect();
        let began = rising_sound::began_at(&samples, 16_000);
        assert!((began - 31.0).abs() < 0.02, "{video}: {began} s");
    }
}

#[test]
fn a_copy_in_opus_is_read_by_the_ffmpeg_that_is_named() {
    let dir = world(COMES);
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    let opus = copy.join("aaaaaaaaaaa_30.opus");
    rising_sound::write_encoded(&opus, 16_000, 30.0, 10.0, 0.5, &["-c:a", "libopus"]);
    program(
        &dir.path().join("bin/my-ffmpeg"),
        "#!/bin/sh\necho x >>\"$SOUND.used\"\nexec ffmpeg \"$@\"\n",
    );
    let mut command = fetch(dir.path());
    command.args(["--from", "copy", "--ffmpeg", "bin/my-ffmpeg"]);
    let said = stdout(&mut command);
    assert!(said.contains("done   1 of 1 clips"), "{said}");
    assert!(dir.path().join("sound.wav.used").exists());
}

#[test]
fn an_interrupt_ends_the_ffmpeg_that_reads_a_copy_and_settles_nothing() {
    let dir = world(COMES);
    let copy = dir.path().join("copy");
    fs::create_dir(&copy).unwrap();
    fs::write(copy.join("aaaaaaaaaaa_30.webm"), b"\x1a\x45\xdf\xa3").unwrap();
    program(
        &dir.path().join("bin/my-ffmpeg"),
        "#!/bin/sh\necho x >\"$SOUND.used\"\nexec sleep 3600\n",
    );
    let mut running = Command::new(assert_cmd::cargo::cargo_bin("woofer"))
        .current_dir(dir.path())
        .env("SOUND", dir.path().join("sound.wav"))
        .args([
            "audioset",
            "fetch",
            "set:1/plan.csv",
            "--from",
            "copy",
            "--ffmpeg",
            "bin/my-ffmpeg",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !dir.path().join("sound.wav.used").exists() {
        assert!(
            running.try_wait().unwrap().is_none(),
            "it ended without reading the copy"
        );
        thread::sleep(Duration::from_millis(5));
    }
    let mut interrupt = Command::new("kill");
    interrupt.args(["-INT", &running.id().to_string()]);
    assert!(interrupt.status().unwrap().success());
    running.wait().unwrap();
    let journal = fs::read_to_string(dir.path().join("set:1/clips/fetch.jsonl")).unwrap();
    assert_eq!(journal, "");
}

/// Beside these tests, since what is fetched for AudioSet and for networks goes through the same downloads.
#[test]
fn a_weight_file_that_lay_there_is_not_removed_when_it_is_another_network() {
    let dir = tempfile::tempdir().unwrap();
    let weights = dir.path().join("weights");
    fs::create_dir(&weights).unwrap();
    let mine = weights.join("mn02_as_mAP_378.pt");
    fs::rename(weight_file(dir.path()), &mine).unwrap();
    let before = fs::read(&mine).unwrap();
    let mut command = woofer();
    command.current_dir(dir.path());
    command.args(["model", "fetch", "mn02", "--weights", "weights"]);
    let said = stderr(&mut command);
    for part in [
        "weights/mn02_as_mAP_378.pt: lay there already",
        "left as it is",
        "it holds",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    command.assert().code(3);
    assert_eq!(fs::read(&mine).unwrap(), before);
}
