//! `woofer audioset tables|plan|fetch --from|meta` as a person types them, with tables made by testdata/audioset/generate.py.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "support/rising_sound.rs"]
mod rising_sound;
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;
use support::{stderr, stdout, woofer};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/audioset/golden")
        .join(name)
}

/// The command with the golden tables named.
fn with_tables(command: &str) -> assert_cmd::Command {
    let mut woofer = woofer();
    woofer
        .args(["audioset", command, "--strong"])
        .arg(golden("strong.tsv"));
    woofer.arg("--names").arg(golden("names.tsv"));
    woofer
}

/// Serves the golden tables under their published names, and counts the requests.
fn mirror() -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&requests);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let mut rest = String::new();
            while reader.read_line(&mut rest).unwrap() > 2 {
                rest.clear();
            }
            let body = match line.split(' ').nth(1).unwrap() {
                "/strong/audioset_train_strong.tsv" | "/strong/audioset_eval_strong.tsv" => {
                    golden("strong.tsv")
                }
                "/strong/mid_to_display_name.tsv" => golden("names.tsv"),
                _ => PathBuf::new(),
            };
            match fs::read(body) {
                Ok(body) => {
                    write!(
                        stream,
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    )
                    .unwrap();
                    stream.write_all(&body).unwrap();
                }
                Err(_) => write!(
                    stream,
                    "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                )
                .unwrap(),
            }
        }
    });
    (url, requests)
}

#[test]
fn tables_are_fetched_once_and_a_changed_one_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (url, requests) = mirror();
    let tables = || {
        let mut command = woofer();
        command
            .current_dir(dir.path())
            .args(["audioset", "tables", "--mirror", &url]);
        command
    };
    let text = stdout(&mut tables());
    let first = "audioset/audioset_train_strong.tsv: 308 events in 63 clips, 12 rows passed over, 1 of them twice there";
    assert!(text.starts_with(first), "{text}");
    let asked = requests.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(asked, 3);
    tables().assert().success();
    assert_eq!(requests.load(std::sync::atomic::Ordering::SeqCst), asked);
    let record: Value =
        serde_json::from_slice(&fs::read(dir.path().join("audioset/tables.json")).unwrap()).unwrap();
    let strong = &record["audioset_train_strong.tsv"];
    assert_eq!(
        strong["bytes"].as_u64(),
        Some(fs::metadata(golden("strong.tsv")).unwrap().len())
    );
    assert_eq!(strong["sha256"].as_str().unwrap().len(), 64);
    // A table that is gone comes again, and has to be the same.
    let path = dir.path().join("audioset/mid_to_display_name.tsv");
    fs::remove_file(&path).unwrap();
    tables().assert().success();
    fs::write(&path, "/m/05tny_\tMeow\n").unwrap();
    let said = stderr(&mut tables());
    assert!(
        said.contains("mid_to_display_name.tsv: is not what it was when it came"),
        "{said}"
    );
    tables().assert().code(3);
}

#[test]
fn without_a_network_it_is_said_where_to_put_the_tables() {
    // Nobody listens on port 1; one that was free a moment ago may be another test's by now.
    let dir = tempfile::tempdir().unwrap();
    let mut command = woofer();
    command
        .current_dir(dir.path())
        .args(["audioset", "tables", "--mirror", "http://127.0.0.1:1"]);
    let said = stderr(&mut command);
    for part in [
        "cannot be reached",
        "put it at audioset/audioset_train_strong.tsv",
        "--strong",
    ] {
        assert!(said.contains(part), "{said}");
    }
    command.assert().code(3);
}

#[test]
fn counts_are_those_of_the_table_and_the_joined_one_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let joined = dir.path().join("joined.tsv");
    let text = stdout(with_tables("tables").arg("-o").arg(&joined));
    assert_eq!(
        fs::read(&joined).unwrap(),
        fs::read(golden("joined.tsv")).unwrap()
    );
    let report: Value =
        serde_json::from_str(&stdout(with_tables("tables").args(["--format", "json"]))).unwrap();
    let rows = fs::read_to_string(golden("joined.tsv")).unwrap();
    for label in report["labels"].as_array().unwrap() {
        let mid = label["mid"].as_str().unwrap();
        let count = rows
            .lines()
            .filter(|line| line.split('\t').nth(3) == Some(mid))
            .count();
        assert_eq!(label["events"].as_u64(), Some(count as u64), "{mid}");
    }
    assert!(text.contains("Nothing is there for Other (Cat)"), "{text}");
    // Only what the taxonomy gathers for.
    with_tables("tables")
        .args(["--wanted-only", "-o"])
        .arg(&joined)
        .assert()
        .success();
    let wanted = fs::read_to_string(&joined).unwrap();
    assert!(wanted.contains("\tBark\n") && !wanted.contains("\tSpeech\n") && !wanted.contains("\tYell\n"));
}

#[test]
fn a_plan_is_written_with_a_summary_and_obeys_its_options() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.csv");
    let text = stdout(
        with_tables("plan")
            .args(["--total", "20", "--min-length", "0.5", "-o"])
            .arg(&path),
    );
    assert!(
        text.contains("20 events of") && text.contains("woofer audioset fetch"),
        "{text}"
    );
    assert!(
        text.contains("\nNothing is there for ")
            && text.contains("Music_Instrument; there may be something with --extended or --with-weak.\n"),
        "{text}"
    );
    let plan = fs::read_to_string(&path).unwrap();
    assert_eq!(plan.lines().count(), 21);
    // On standard output, it is the same.
    assert_eq!(
        stdout(with_tables("plan").args(["--total", "20", "--min-length", "0.5"])),
        plan
    );
    let said = stderr(with_tables("plan").args(["--min-length", "11"]));
    assert!(said.contains("--min-length at most 10 s"), "{said}");
    with_tables("plan")
        .args(["--min-length", "soon"])
        .assert()
        .code(2);
}

/// A plan of cuts of which some are in a copy, and the copy: sounds that tell the time, each file from 30 s on.
fn copy(dir: &Path) -> PathBuf {
    let copy = dir.join("copy/train");
    fs::create_dir_all(&copy).unwrap();
    let rows = "file,class,fine,video,start_s,end_s,clip_start_s\n\
        aaaaaaaaaaa_1.wav,Barking,Barking,aaaaaaaaaaa,31.000,34.500,30.000\n\
        aaaaaaaaaaa_2.wav,Bird,Bird,aaaaaaaaaaa,39.000,40.000,30.000\n\
        -bbbbbbbbbb_1.wav,Bird,Bird,-bbbbbbbbbb,30.000,35.000,30.000\n\
        ccccccccccc_1.wav,Bird,Bird,ccccccccccc,33.000,34.000,30.000\n\
        ddddddddddd_1.wav,Bird,Bird,ddddddddddd,33.000,34.000,30.000\n\
        eeeeeeeeeee_1.wav,Bird,Bird,eeeeeeeeeee,33.000,34.000,30.000\n\
        fffffffffff_1.wav,Bird,Bird,fffffffffff,33.000,34.000,30.000\n\
        ggggggggggg_1.wav,Bird,Bird,ggggggggggg,33.000,34.000,30.000\n";
    fs::write(dir.join("plan.csv"), rows).unwrap();
    chirp(&copy.join("aaaaaaaaaaa.wav"), 30.0, 10.0);
    encoded(&copy.join("Y-bbbbbbbbbb.flac"), &[]);
    encoded(
        &copy.join("ccccccccccc_30.000_40.000.m4a"),
        &["-c:a", "aac", "-b:a", "96k"],
    );
    encoded(
        &copy.join("ddddddddddd_30000.opus"),
        &["-c:a", "libopus", "-b:a", "96k"],
    );
    // A whole video.
    chirp(&copy.join("eeeeeeeeeee.wav"), 0.0, 60.0);
    // Another clip of the video, one that breaks off, and one that is not there.
    chirp(&copy.join("fffffffffff_90000.wav"), 90.0, 10.0);
    chirp(&copy.join("ggggggggggg.wav"), 30.0, 3.1);
    copy
}

fn chirp(path: &Path, from_s: f64, length_s: f64) {
    rising_sound::write(path, 44_100, from_s, length_s, 0.5);
}

fn encoded(path: &Path, codec: &[&str]) {
    rising_sound::write_encoded(path, 44_100, 30.0, 10.0, 0.5, codec);
}

/// When in the sound a clip begins, and how long it lasts.
fn heard(clip: &Path) -> (f64, f64) {
    let mut reader = hound::WavReader::open(clip).unwrap();
    let samples: Vec<f64> = reader.samples::<i16>().map(|s| f64::from(s.unwrap())).collect();
    (
        rising_sound::began_at(&samples, 16_000),
        samples.len() as f64 / 16_000.0,
    )
}

#[test]
fn clips_are_cut_out_of_a_copy_in_every_form_and_the_rest_is_left_for_later() {
    let dir = tempfile::tempdir().unwrap();
    let copy = copy(dir.path());
    let plan = dir.path().join("plan.csv");
    let mut fetch = woofer();
    fetch
        .args(["audioset", "fetch"])
        .arg(&plan)
        .arg("--from")
        .arg(copy.parent().unwrap());
    let text = stdout(&mut fetch);
    for part in [
        "done   6 of 8 clips",
        "retry  2: 1 ends before the cut, 1 not in the copy",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let clips = dir.path().join("clips");
    for (file, start, length) in [
        ("aaaaaaaaaaa_1.wav", 31.0, 3.5),
        ("aaaaaaaaaaa_2.wav", 39.0, 1.0),
        ("-bbbbbbbbbb_1.wav", 30.0, 5.0),
        ("ccccccccccc_1.wav", 33.0, 1.0),
        ("ddddddddddd_1.wav", 33.0, 1.0),
        ("eeeeeeeeeee_1.wav", 33.0, 1.0),
    ] {
        let (began, lasts) = heard(&clips.join(file));
        assert!(
            (began - start).abs() < 0.02 && (lasts - length).abs() < 0.001,
            "{file}: {began} s, {lasts} s"
        );
    }
    // A second run does only what is left, and finds the file that came meanwhile.
    chirp(&copy.join("fffffffffff_30000.wav"), 30.0, 10.0);
    let text = stdout(&mut fetch);
    assert!(text.contains("done   7 of 8 clips"), "{text}");
    fetch.assert().code(1);
    // What the lists hold is what is there.
    woofer().args(["audioset", "meta"]).arg(&plan).assert().success();
    let meta = fs::read_to_string(clips.join("meta_train.csv")).unwrap();
    assert!(
        meta.starts_with("Filename,Label,Remark\n-bbbbbbbbbb_1,7,Bird\naaaaaaaaaaa_1,0,Barking\n"),
        "{meta}"
    );
    assert_eq!(meta.lines().count(), 8);
    let check = stdout(
        woofer()
            .args(["dataset", "check"])
            .arg(clips.join("meta_train.csv")),
    );
    assert!(check.contains("7 clips"), "{check}");
}

#[test]
fn bad_plans_folders_and_taxonomies_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.csv");
    fs::write(
        &plan,
        "file,class,fine,video,start_s,end_s\n../x.wav,A,a,aaaaaaaaaaa,0,1\n",
    )
    .unwrap();
    let said = stderr(woofer().args(["audioset", "fetch"]).arg(&plan));
    assert!(
        said.contains("plan.csv: rows cannot be used") && said.contains("line 2: file is \"../x.wav\""),
        "{said}"
    );
    fs::write(
        &plan,
        "file,class,fine,video,start_s,end_s\nx.wav,A,a,aaaaaaaaaaa,0,1\n",
    )
    .unwrap();
    let said = stderr(
        woofer()
            .args(["audioset", "fetch", "--from", "/no/such/folder"])
            .arg(&plan),
    );
    assert!(
        said.contains("/no/such/folder: there is no such folder"),
        "{said}"
    );
    let said = stderr(woofer().args(["audioset", "meta"]).arg(&plan));
    assert!(
        said.contains("no such class and fine label: A, a") && said.contains("--taxonomy"),
        "{said}"
    );
    let said = stderr(
        woofer()
            .args(["audioset", "fetch", "--cookies", "/no/such/file"])
            .arg(&plan),
    );
    assert!(
        said.contains("/no/such/file: there is no such file of cookies"),
        "{said}"
    );
}
