//! `woofer dataset sounds` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;
use std::path::Path;

use support::{stderr, stdout, woofer};

const KINDS: [(&str, &str); 13] = [
    ("smoke_alarm", "CO_Smoke"),
    ("co_alarm", "CO_Smoke"),
    ("door_chime", "Doorbell"),
    ("beep", "Other"),
    ("noise", "Other"),
    ("hum", "Other"),
    ("fan", "Other"),
    ("silence", "Other"),
    ("room", "Other"),
    ("music", "Music_Instrument"),
    ("glass", "GlassBreaking"),
    ("water", "Other"),
    ("appliance", "Other"),
];

fn sounds(dir: &Path, arguments: &[&str]) -> assert_cmd::Command {
    let mut command = woofer();
    command
        .current_dir(dir)
        .args(["dataset", "sounds", "-o", "made"])
        .args(arguments);
    command
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir.join("made"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn two_of_each_kind_are_a_list_that_can_be_checked() {
    let dir = tempfile::tempdir().unwrap();
    sounds(dir.path(), &["--count", "2", "--seconds", "2"])
        .assert()
        .code(0)
        .stdout("")
        .stderr("");
    assert_eq!(names(dir.path()).len(), 27);
    let list = fs::read_to_string(dir.path().join("made/manifest.csv")).unwrap();
    let mut lines = list.lines();
    assert_eq!(
        lines.next(),
        Some("path,label,fine,recording,source,licence,duration_s")
    );
    for (kind, label) in KINDS {
        for seed in 0..2 {
            let name = format!("{kind}_000{seed}");
            let expected =
                format!("{name}.wav,{label},{label},{name},woofer sounds: {kind},MIT OR Apache-2.0,2.000");
            assert_eq!(lines.next(), Some(expected.as_str()));
        }
    }
    let mut check = woofer();
    // A taxonomy of these classes only: in tomofun the check would ask for dogs.
    let classes = [
        "CO_Smoke",
        "Doorbell",
        "Other",
        "Music_Instrument",
        "GlassBreaking",
    ]
    .map(|c| format!("[[class]]\nname = \"{c}\"\ncolor = \"#000000\"\nfine = [{{ name = \"{c}\" }}]\n"));
    let taxonomy = format!("schema_version = 1\nname = \"five\"\n{}", classes.concat());
    fs::write(dir.path().join("five.toml"), taxonomy).unwrap();
    check.current_dir(dir.path()).args([
        "dataset",
        "check",
        "made/manifest.csv",
        "--fold-count",
        "2",
        "--taxonomy",
        "five.toml",
    ]);
    let text = stdout(&mut check);
    assert!(
        text.contains("26 clips, 26 recordings, 52.0 s of sound"),
        "{text}"
    );
    assert!(text.contains("Sample rates: 32000 Hz throughout"), "{text}");
    assert!(text.contains("Training can begin."), "{text}");
}

#[test]
fn a_sound_is_the_same_whatever_is_made_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read(dir.path().join("made").join(name)).unwrap();
    sounds(
        dir.path(),
        &["--kind", "beep,hum", "--count", "4", "--seconds", "1"],
    )
    .assert()
    .success();
    let first = (read("beep_0003.wav"), read("hum_0003.wav"));
    sounds(
        dir.path(),
        &[
            "--kind",
            "hum",
            "--seed",
            "3",
            "--count",
            "1",
            "--seconds",
            "1",
            "--force",
            "--threads",
            "1",
        ],
    )
    .assert()
    .success();
    assert_eq!((read("beep_0003.wav"), read("hum_0003.wav")), first);
    assert_ne!(read("hum_0002.wav"), first.1);
    // The list is of the last call.
    let list = String::from_utf8(read("manifest.csv")).unwrap();
    assert_eq!(list.lines().count(), 2);
}

#[test]
fn what_is_there_is_not_replaced_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--kind", "silence", "--count", "1", "--seconds", "1"];
    fs::create_dir(dir.path().join("made")).unwrap();
    fs::write(dir.path().join("made/silence_0000.wav"), "mine").unwrap();
    sounds(dir.path(), &arguments).assert().code(3);
    let said = stderr(&mut sounds(dir.path(), &arguments));
    assert!(
        said.contains("silence_0000.wav: is there already; --force replaces it"),
        "{said}"
    );
    assert_eq!(names(dir.path()), ["silence_0000.wav"]);
    assert_eq!(
        fs::read(dir.path().join("made/silence_0000.wav")).unwrap(),
        b"mine"
    );
    sounds(dir.path(), &arguments).arg("--force").assert().code(0);
    assert_eq!(names(dir.path()), ["manifest.csv", "silence_0000.wav"]);
}

#[test]
fn bad_arguments_are_told_what_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (
            ["--kind", "smoke"],
            "smoke_alarm, co_alarm, door_chime, beep, noise",
        ),
        (["--kind", "hum,"], "possible values: smoke_alarm"),
        (["--seconds", "0"], "allowed are 1 to 3600 seconds"),
        (["--seconds", "1e9"], "allowed are 1 to 3600 seconds"),
        (["--seconds", "NaN"], "allowed are 1 to 3600 seconds"),
        (["--seconds", "x"], "allowed are 1 to 3600 seconds"),
        (["--count", "0"], "0 is not in 1..=1000000"),
    ] {
        sounds(dir.path(), &arguments).assert().code(2);
        let said = stderr(&mut sounds(dir.path(), &arguments));
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    let arguments = ["--seed", "18446744073709551610"];
    sounds(dir.path(), &arguments).assert().code(3);
    let said = stderr(&mut sounds(dir.path(), &arguments));
    assert!(said.contains("allowed are 0 to 18446744073709551605"), "{said}");
    assert!(!dir.path().join("made").exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("made"), "a file").unwrap();
    let said = stderr(&mut sounds(dir.path(), &["--kind", "hum"]));
    assert!(
        said.contains("made: cannot be made a folder for sounds"),
        "{said}"
    );
}
