//! `woofer model` and `woofer taxonomy` as a person types them.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fs;

use support::{model, stderr, stdout, wav, weight_file, woofer};

#[test]
fn a_model_has_the_files_of_the_design_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let path = model(dir.path());
    let mut files: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["README.md", "metrics.json", "model.safetensors", "model.toml"]
    );
    woofer().args(["model", "verify"]).arg(&path).assert().success();
    let info = stdout(woofer().args(["model", "info"]).arg(&path));
    assert!(
        info.contains("mn01") && info.contains("tomofun (10): Barking"),
        "{info}"
    );
    let listed = stdout(woofer().args(["model", "list"]).arg(dir.path()));
    assert!(
        listed.contains("mn01, AudioSet classifier") && listed.contains("tomofun"),
        "{listed}"
    );
    let json = stdout(woofer().args(["model", "info", "--json"]).arg(&path));
    let facts: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(facts["architecture"]["backbone"], "mn01");
}

#[test]
fn the_same_weights_make_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = model(dir.path());
    let weights = fs::read(path.join("model.safetensors")).unwrap();
    woofer()
        .args(["model", "import", "--force", "-o"])
        .arg(&path)
        .arg(weight_file(dir.path()))
        .assert()
        .success();
    assert_eq!(fs::read(path.join("model.safetensors")).unwrap(), weights);
    assert!(
        !fs::read_to_string(path.join("model.toml"))
            .unwrap()
            .contains("[taxonomy]")
    );
}

#[test]
fn a_model_is_not_overwritten_unless_forced_and_other_things_never() {
    let dir = tempfile::tempdir().unwrap();
    let path = model(dir.path());
    let file = weight_file(dir.path());
    let mut again = woofer();
    again
        .args(["model", "import", "-o"])
        .arg(&path)
        .arg(&file)
        .assert()
        .code(3);
    assert!(stderr(&mut again).contains("--force"));
    let precious = dir.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("thesis.txt"), "years of work").unwrap();
    woofer()
        .args(["model", "import", "--force", "-o"])
        .arg(&precious)
        .arg(&file)
        .assert()
        .code(3);
    assert_eq!(
        fs::read_to_string(precious.join("thesis.txt")).unwrap(),
        "years of work"
    );
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn parts_that_do_not_belong_together_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = model(dir.path());
    let (toml, weights) = (path.join("model.toml"), path.join("model.safetensors"));
    let (text, bytes) = (fs::read_to_string(&toml).unwrap(), fs::read(&weights).unwrap());
    let refused = |part: &str| {
        let mut command = woofer();
        command.args(["model", "verify"]).arg(&path).assert().code(3);
        let said = stderr(&mut command);
        assert!(said.contains(part), "{part}: {said}");
    };

    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&weights, &damaged).unwrap();
    refused("SHA-256");
    fs::write(&weights, &bytes).unwrap();

    for (from, to, part) in [
        (
            "front_end = \"mn\"",
            "front_end = \"vggish\"",
            "front_end \"vggish\" does not fit mn01",
        ),
        (
            "backbone = \"mn01\"",
            "backbone = \"mn02\"",
            "the network does not match",
        ),
        ("backbone = \"mn01\"", "backbone = \"mn03\"", "mn03"),
        (
            "schema_version = 1\nname",
            "schema_version = 7\nname",
            "schema_version 7",
        ),
        ("temperature = 1.0", "temperature = 0.0", "temperature 0"),
        ("temperature", "temprature", "temprature"),
        (
            "temperature",
            "shifts_s = [0.0, 0.2]\ntemperature",
            "only networks with a trained classifier",
        ),
        ("color = \"#d95f02\"", "color = \"orange\"", "orange"),
    ] {
        assert!(text.contains(from), "{from}\n{text}");
        fs::write(&toml, text.replacen(from, to, 1)).unwrap();
        refused(part);
    }
    fs::remove_file(&toml).unwrap();
    refused("no model.toml");
}

#[test]
fn files_that_are_no_known_weights_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (text, sound) = (dir.path().join("notes.pt"), dir.path().join("a.wav"));
    fs::write(&text, "not weights").unwrap();
    wav(&sound, 0.5);
    let other = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/golden/seed_network.safetensors"
    );
    for file in [
        text.to_str().unwrap(),
        sound.to_str().unwrap(),
        other,
        "nowhere.pt",
    ] {
        let mut command = woofer();
        command
            .args(["model", "import", file, "-o"])
            .arg(dir.path().join("m"))
            .assert()
            .code(3);
        assert!(stderr(&mut command).contains(file));
        assert!(!dir.path().join("m").exists());
    }
}

#[test]
fn a_taxonomy_of_ones_own_names_the_classes() {
    let dir = tempfile::tempdir().unwrap();
    let taxonomy = dir.path().join("pets.toml");
    fs::write(
        &taxonomy,
        "schema_version = 1\nname = \"pets\"\nrest = \"neither\"\n\
         [[class]]\nname = \"dog\"\ncolor = \"#d95f02\"\nfine = [{ name = \"dog\", audioset = [\"/m/0bt9lr\"] }]\n\
         [[class]]\nname = \"cat\"\ncolor = \"#7570b3\"\nfine = [{ name = \"cat\", audioset = [\"/m/01yrx\"] }]\n\
         [[class]]\nname = \"neither\"\ncolor = \"#8c8c8c\"\nfine = [{ name = \"neither\" }]\n",
    )
    .unwrap();
    woofer()
        .args(["taxonomy", "check"])
        .arg(&taxonomy)
        .assert()
        .success();
    let clip = dir.path().join("a.wav");
    wav(&clip, 1.0);
    let mut command = woofer();
    command
        .args(["classify", "-f", "csv", "-m"])
        .arg(weight_file(dir.path()));
    let text = stdout(command.arg("-t").arg(&taxonomy).arg(&clip));
    let mut labels: Vec<_> = text
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').nth(3))
        .collect();
    labels.sort_unstable();
    assert_eq!(labels, ["cat", "dog", "neither"]);

    let unknown = fs::read_to_string(&taxonomy)
        .unwrap()
        .replace("/m/01yrx", "/m/08dckq");
    fs::write(&taxonomy, unknown).unwrap();
    let mut command = woofer();
    command
        .args(["model", "import", "-t"])
        .arg(&taxonomy)
        .arg(weight_file(dir.path()));
    command.arg("-o").arg(dir.path().join("m")).assert().code(3);
    assert!(stderr(&mut command).contains("class \"cat\""));

    let shown = stdout(woofer().args(["taxonomy", "check"]).arg(&taxonomy));
    assert!(
        shown.contains("/m/08dckq is none of the 527 labels") && !shown.contains("/m/0bt9lr is none"),
        "{shown}"
    );
}

#[test]
fn the_built_in_taxonomy_can_be_shown_and_taken_from_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let text = stdout(woofer().args(["taxonomy", "show", "tomofun"]));
    let file = dir.path().join("mine.toml");
    fs::write(&file, text).unwrap();
    let shown = stdout(woofer().args(["taxonomy", "check"]).arg(&file));
    assert_eq!(shown, stdout(woofer().args(["taxonomy", "check", "tomofun"])));
    let of_alarms = shown.lines().find(|line| line.contains("CO_Smoke"));
    assert!(of_alarms.is_some_and(|line| line.contains("10 s")), "{shown}");
    assert!(stdout(woofer().args(["taxonomy", "list"])).starts_with("tomofun"));
    woofer().args(["taxonomy", "show", "nothing"]).assert().code(3);
}

#[test]
fn a_model_becomes_an_onnx_file_that_is_not_overwritten_unless_forced() {
    let dir = tempfile::tempdir().unwrap();
    let (path, file) = (model(dir.path()), dir.path().join("mn01.onnx"));
    let export = || {
        let mut command = woofer();
        command.args(["model", "export", "--onnx"]).arg(&file).arg(&path);
        command
    };
    let said = stdout(&mut export());
    assert!(
        said.contains("examples [segments, 1, 128, frames]") && said.contains("logits [segments, 527]"),
        "{said}"
    );
    let bytes = fs::read(&file).unwrap();
    let mut again = export();
    again.assert().code(3);
    assert!(stderr(&mut again).contains("--force"));
    export().arg("--force").assert().success();
    assert_eq!(fs::read(&file).unwrap(), bytes);
}
