//! `woofer audioset fetch` against a stand-in for yt-dlp (testdata/audioset/yt-dlp-stand-in.sh) with all its faults, and
//! the real ffmpeg, which must be installed. The sound tells the time in its video, so that every cut can be checked.
//!
//! `WOOFER_TEST_EVENTS=2000 cargo test --test audioset_fetch` does it at full size.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "support/rising_sound.rs"]
mod rising_sound;
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{stdout, woofer};

const SOUND_S: u32 = 240;
/// The sounds are told apart by how loud they are.
const LOUDNESS: [f64; 3] = [0.25, 0.5, 0.8];

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(n)).unwrap()
    }
}

struct Cut {
    file: String,
    start_ms: u32,
    end_ms: u32,
    video: String,
}

/// A plan, and a world in which its videos are.
struct World {
    dir: tempfile::TempDir,
    cuts: Vec<Cut>,
    faults: HashMap<String, &'static str>,
    sounds: HashMap<String, usize>,
}

/// Of a hundred videos so many have this fault.
const FAULTS: [(&str, u32); 8] = [
    ("gone", 8),
    ("private", 3),
    ("blocked", 2),
    ("age", 2),
    ("busy", 5),
    ("hang", 2),
    ("short", 1),
    ("late", 1),
];

fn world(events: usize) -> World {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["sound", "faults", "tries"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let sources: Vec<PathBuf> = LOUDNESS
        .iter()
        .enumerate()
        .map(|(i, loud)| sound(dir.path(), i, *loud))
        .collect();
    let mut world = World {
        dir,
        cuts: Vec::new(),
        faults: HashMap::new(),
        sounds: HashMap::new(),
    };
    let mut random = Random(5);
    let mut rows = String::from(
        "file,class,fine,video,start_s,end_s,mid,name,clip_start_s,event_start_s,event_end_s,weak\n",
    );
    let mut number = 0;
    while world.cuts.len() < events {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut video: String = (0..11)
            .map(|_| letters[random.below(64) as usize] as char)
            .collect();
        // Ids that look like options or hidden files are as good as any.
        match number % 10 {
            0 => video.replace_range(..1, "-"),
            1 => video.replace_range(..1, "_"),
            _ => {}
        }
        number += 1;
        if let Some(fault) = fault(number, events, &mut random) {
            let path = world.dir.path().join("faults").join(&video);
            fs::write(path, format!("{fault}\n")).unwrap();
            world.faults.insert(video.clone(), fault);
        }
        let source = random.below(3) as usize;
        fs::hard_link(&sources[source], world.dir.path().join("sound").join(&video)).unwrap();
        world.sounds.insert(video.clone(), source);
        let clip_s = random.below(SOUND_S - 10);
        for n in 1..=1 + random.below(2) {
            let onset = random.below(9_000);
            let length = 300 + random.below(4_700);
            let start_ms = clip_s * 1_000 + onset;
            let end_ms = (start_ms + length).min(clip_s * 1_000 + 10_000);
            let file = format!("{video}_{n}.wav");
            let class = ["Barking", "Bird"][n as usize % 2];
            let seconds = |ms: u32| format!("{}.{:03}", ms / 1_000, ms % 1_000);
            let (start, end, clip) = (seconds(start_ms), seconds(end_ms), seconds(clip_s * 1_000));
            let event_end = seconds(end_ms - clip_s * 1_000);
            writeln!(
                rows,
                "{file},{class},{class},{video},{start},{end},/m/1,x,{clip},{},{event_end},0",
                seconds(onset)
            )
            .unwrap();
            let video = video.clone();
            world.cuts.push(Cut {
                file,
                start_ms,
                end_ms,
                video,
            });
        }
    }
    fs::write(world.dir.path().join("plan.csv"), rows).unwrap();
    world
}

/// The fault of a video: by its share in a large world, and each in turn in a small one.
fn fault(number: usize, events: usize, random: &mut Random) -> Option<&'static str> {
    if events < 1_000 {
        return FAULTS.get(number % 20).map(|(fault, _)| *fault);
    }
    let mut at = random.below(100);
    for (fault, share) in FAULTS {
        if at < share {
            return Some(fault);
        }
        at -= share;
    }
    None
}

/// The sound of some videos, as Opus or AAC in a file that has times.
fn sound(dir: &Path, number: usize, loud: f64) -> PathBuf {
    let (codec, ending) = [("libopus", "webm"), ("aac", "m4a"), ("libopus", "webm")][number];
    let path = dir.join(format!("source{number}.{ending}"));
    let codec = ["-c:a", codec, "-b:a", "96k"];
    rising_sound::write_encoded(&path, 16_000, 0.0, f64::from(SOUND_S), loud, &codec);
    path
}

impl World {
    fn plan(&self) -> PathBuf {
        self.dir.path().join("plan.csv")
    }

    fn clips(&self) -> PathBuf {
        self.dir.path().join("clips")
    }

    fn arguments(&self) -> Vec<String> {
        let stand_in =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/audioset/yt-dlp-stand-in.sh");
        let stand_in = stand_in.canonicalize().unwrap();
        let plan = self.plan();
        let words = [
            "audioset",
            "fetch",
            plan.to_str().unwrap(),
            "--yt-dlp",
            stand_in.to_str().unwrap(),
        ];
        let more = [
            "--jobs",
            "8",
            "--rate",
            "0",
            "--pause",
            "0.05",
            "--time-limit",
            "10",
        ];
        words.iter().chain(&more).map(ToString::to_string).collect()
    }

    fn fetch(&self) -> assert_cmd::Command {
        let mut command = woofer();
        command
            .args(self.arguments())
            .env("WOOFER_STAND_IN", self.dir.path());
        command
    }

    /// Starts the program and lets it be ended in the middle.
    fn start(&self) -> Child {
        Command::new(assert_cmd::cargo::cargo_bin("woofer"))
            .args(self.arguments())
            .env("WOOFER_STAND_IN", self.dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.clips().join("fetch.jsonl")).unwrap_or_default();
        // The last line may be unfinished.
        text.lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The processes that work for this world.
    fn processes(&self) -> Vec<String> {
        let needle = self.dir.path().to_str().unwrap().as_bytes();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let is_number = entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
            if !is_number || entry.file_name().to_str() == Some(&std::process::id().to_string()) {
                continue;
            }
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environment.windows(needle.len()).any(|window| window == needle) {
                let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push(String::from_utf8_lossy(&line).replace('\0', " "));
            }
        }
        found
    }

    /// Waits until nothing works for this world any more.
    fn wait_for_quiet(&self) {
        let start = Instant::now();
        while !self.processes().is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "still running: {:?}",
                self.processes()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn expected_state(&self, cut: &Cut) -> (&'static str, Option<&'static str>) {
        match self.faults.get(&cut.video).copied() {
            Some("gone") => ("gone", Some("removed")),
            Some("private") => ("gone", Some("private")),
            Some("blocked") => ("gone", Some("blocked")),
            Some("age") => ("gone", Some("age_restricted")),
            _ => ("done", None),
        }
    }

    fn check(&self) {
        let mut ends: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
        for entry in self.journal() {
            let text = |key: &str| entry[key].as_str().map(str::to_owned);
            if text("state").unwrap() != "retry" {
                let end = (text("state").unwrap(), text("reason"));
                ends.entry(text("file").unwrap()).or_default().push(end);
            }
        }
        let mut files = vec!["fetch.jsonl".to_owned()];
        for cut in &self.cuts {
            let (state, reason) = self.expected_state(cut);
            assert_eq!(
                ends.get(&cut.file).map(Vec::as_slice),
                Some(&[(state.to_owned(), reason.map(str::to_owned))][..]),
                "{} with fault {:?}",
                cut.file,
                self.faults.get(&cut.video)
            );
            if state == "done" {
                files.push(cut.file.clone());
                let off_ms = self.check_sound(cut);
                assert!(off_ms.abs() < 20.0, "{} is {off_ms:.1} ms off", cut.file);
            }
        }
        assert_eq!(ends.len(), self.cuts.len());
        let entries = fs::read_dir(self.clips()).unwrap();
        let mut there: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        files.sort();
        assert_eq!(there, files, "no file is missing, and none is left over");
        self.wait_for_quiet();
    }

    /// How far from its place a clip was cut, in milliseconds.
    fn check_sound(&self, cut: &Cut) -> f64 {
        let mut reader = hound::WavReader::open(self.clips().join(&cut.file)).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1));
        let samples: Vec<f64> = reader
            .samples::<i16>()
            .map(|s| f64::from(s.unwrap()) / 32_768.0)
            .collect();
        let length = samples.len() as f64 / 16_000.0;
        let planned = f64::from(cut.end_ms - cut.start_ms) / 1_000.0;
        assert!(
            (length - planned).abs() < 0.02,
            "{}: {length} s where {planned} s were planned",
            cut.file
        );
        let power: f64 = samples.iter().map(|s| s * s).sum::<f64>() / samples.len() as f64;
        let loud = LOUDNESS[self.sounds[&cut.video]] * 32_000.0 / 32_768.0;
        assert!(
            ((power * 2.0).sqrt() / loud - 1.0).abs() < 0.15,
            "{}: of another video",
            cut.file
        );
        (rising_sound::began_at(&samples, 16_000) - f64::from(cut.start_ms) / 1_000.0) * 1_000.0
    }
}

#[test]
fn every_event_ends_once_in_the_right_state_though_the_program_is_killed_three_times() {
    let events = std::env::var("WOOFER_TEST_EVENTS").map_or(80, |n| n.parse().unwrap());
    let world = world(events);
    let start = Instant::now();
    for kill in 1..=3 {
        let mut running = world.start();
        while world.journal().len() < events * kill / 4 {
            assert!(
                running.try_wait().unwrap().is_none(),
                "it ended before it could be killed"
            );
            thread::sleep(Duration::from_millis(5));
        }
        if kill == 2 {
            // As Ctrl-C does.
            let killed = Command::new("kill")
                .args(["-INT", &running.id().to_string()])
                .status()
                .unwrap();
            assert!(killed.success());
        } else {
            running.kill().unwrap();
        }
        running.wait().unwrap();
        // Also after a kill -9 nothing is left running: the guard sees to it.
        world.wait_for_quiet();
    }
    let text = stdout(&mut world.fetch());
    println!("{text}in {:.1} s", start.elapsed().as_secs_f64());
    world.check();

    // Nothing is left to do, and nothing is done again.
    let before = world.journal().len();
    world.fetch().assert().code(0);
    assert_eq!(world.journal().len(), before);

    let status = stdout(
        woofer()
            .args(["audioset", "status", "--format", "json"])
            .arg(world.plan()),
    );
    let status: Value = serde_json::from_str(&status).unwrap();
    let gone = world
        .cuts
        .iter()
        .filter(|cut| world.expected_state(cut).0 == "gone")
        .count();
    assert_eq!(
        (status["gone"].as_u64(), status["retry"].as_u64()),
        (Some(gone as u64), Some(0))
    );
    assert_eq!(status["done"].as_u64(), Some((world.cuts.len() - gone) as u64));

    // The lists are read as they are.
    woofer()
        .args(["audioset", "meta"])
        .arg(world.plan())
        .assert()
        .success();
    for list in ["meta_train.csv", "manifest.csv"] {
        let mut check = woofer();
        check.args(["dataset", "check"]).arg(world.clips().join(list));
        let said = stdout(&mut check);
        assert!(
            said.contains(&format!("{} clips", world.cuts.len() - gone)),
            "{said}"
        );
    }
}

#[test]
fn edited_times_are_cut_anew_and_removed_clips_are_made_again() {
    let world = world(16);
    world.fetch().assert().success();
    let cut = world
        .cuts
        .iter()
        .find(|cut| world.expected_state(cut).0 == "done")
        .unwrap();
    fs::remove_file(world.clips().join(&cut.file)).unwrap();
    let dry = stdout(world.fetch().arg("--dry-run"));
    assert!(dry.starts_with("1 of "), "{dry}");
    assert!(
        dry.contains("--download-sections") && dry.contains(&format!("watch?v={}", cut.video)),
        "{dry}"
    );
    assert!(!world.clips().join(&cut.file).exists());
    world.fetch().assert().success();
    assert!(world.check_sound(cut).abs() < 20.0);
    let plan = fs::read_to_string(world.plan()).unwrap();
    let seconds = |ms: u32| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let old = format!(",{},{},", seconds(cut.start_ms), seconds(cut.end_ms));
    let new = format!(",{},{},", seconds(cut.start_ms + 100), seconds(cut.end_ms + 200));
    fs::write(world.plan(), plan.replacen(&old, &new, 1)).unwrap();
    world.fetch().assert().success();
    let moved = Cut {
        file: cut.file.clone(),
        video: cut.video.clone(),
        start_ms: cut.start_ms + 100,
        end_ms: cut.end_ms + 200,
    };
    assert!(world.check_sound(&moved).abs() < 20.0);
}

#[test]
fn missing_programs_are_named_with_how_to_install_them() {
    let world = world(1);
    for (option, part) in [
        ("--yt-dlp", "pipx install yt-dlp"),
        ("--ffmpeg", "apt install ffmpeg"),
    ] {
        let mut arguments = world.arguments();
        if let Some(place) = arguments.iter().position(|argument| argument == option) {
            arguments.drain(place..place + 2);
        }
        let mut command = woofer();
        command.args(arguments).args([option, "woofer-no-such-program"]);
        let said = support::stderr(&mut command);
        assert!(
            said.contains("woofer-no-such-program is needed and is not there") && said.contains(part),
            "{said}"
        );
        command.assert().code(3);
    }
}

#[test]
fn two_runs_in_one_folder_do_not_meet() {
    let world = world(20);
    let mut first = world.start();
    while world.journal().is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    let said = support::stderr(&mut world.fetch());
    assert!(
        said.contains("another `woofer audioset fetch` is at work"),
        "{said}"
    );
    first.kill().unwrap();
    first.wait().unwrap();
    world.wait_for_quiet();
}
