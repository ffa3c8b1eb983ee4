//! Another list beside one's own: its clips join the training, and experiments compare parts of it.

use std::fs;
use std::path::Path;

use crate::experiments::assert_experiments;
use crate::support::{stderr, stdout, tone, weight_file, woofer};

/// A list of three classes, and another that has some of them; gives the command that trains on both.
fn with_another(folder: &Path, of_other: &[&str], args: &[&str]) -> assert_cmd::Command {
    let clips = folder.join("tomofun");
    let extra = folder.join("audioset");
    for (class, hz) in [("Barking", 200.0), ("Howling", 900.0), ("Bird", 4_000.0)] {
        for (folder, count) in [(&clips, 6u8), (&extra, 2)] {
            if *folder == extra && !of_other.contains(&class) {
                continue;
            }
            fs::create_dir_all(folder.join(class)).unwrap();
            for i in 0..count {
                let path = folder.join(class).join(format!("{i}.wav"));
                tone(&path, 1.0, |_| hz * (1.0 + f64::from(i) * 0.02));
            }
        }
    }
    let mut command = woofer();
    command
        .arg("train")
        .arg(&clips)
        .arg("--backbone")
        .arg(weight_file(folder));
    command.args(["--recipe", "adee-extra", "--fold-count", "2", "--epochs", "1"]);
    command
        .args(["--set", "network.freeze=backbone", "-o"])
        .arg(folder.join("extra"));
    command.arg("--extra").arg(&extra).args(args);
    command
}

#[test]
fn another_list_joins_the_training_and_is_compared_in_three_experiments() {
    let dir = tempfile::tempdir().unwrap();
    let classes = ["Barking", "Howling", "Bird"];
    let output = dir.path().join("extra");
    let text = stdout(&mut with_another(dir.path(), &classes, &["--experiments"]));
    assert_experiments(&text, &output, [0, 6, 2, 4]);
    fs::remove_dir_all(&output).unwrap();
    let mut wrong = with_another(dir.path(), &classes, &["--extra-classes", "cat"]);
    wrong.assert().code(3);
    let said = stderr(&mut wrong);
    assert!(said.contains("\"cat\"") && said.contains("non-dog"), "{said}");
}

#[test]
fn an_experiment_for_which_the_other_list_has_no_clip_is_left_out_and_the_others_are_done() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("extra");
    let experiments = |args: &[&str]| {
        let args: Vec<&str> = ["--experiments"].iter().chain(args).copied().collect();
        with_another(dir.path(), &["Bird"], &args)
    };
    let found = experiments(&[]).output().unwrap();
    let (text, said) = (
        String::from_utf8(found.stdout).unwrap(),
        String::from_utf8(found.stderr).unwrap(),
    );
    assert_eq!(found.status.code(), Some(0), "{said}");
    assert!(
        said.contains("experiment dog: left out") && said.contains("audioset"),
        "{said}"
    );
    let words = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words("dog"), ["dog", "0", "left", "out"]);
    assert_eq!(words("non-dog")[1], "2");
    assert!(text.contains(": none, all, non-dog\n"), "{text}");
    assert!(output.join("non-dog/metrics.json").exists() && !output.join("dog").exists());

    // What is done is not done again, and what is missing is.
    let model = |name: &str| output.join(name).join("model.toml");
    let made = fs::metadata(model("none")).unwrap().modified().unwrap();
    fs::remove_dir_all(output.join("all")).unwrap();
    let mut again = experiments(&[]);
    let said = stderr(&mut again);
    again.assert().code(3);
    assert!(
        said.contains("--resume") && !output.join("all").exists(),
        "{said}"
    );
    let resumed = experiments(&["--resume", "-v"]).output().unwrap();
    assert_eq!(String::from_utf8(resumed.stdout).unwrap(), text);
    assert!(
        String::from_utf8(resumed.stderr)
            .unwrap()
            .contains("experiment none: is done already")
    );
    assert_eq!(fs::metadata(model("none")).unwrap().modified().unwrap(), made);
    assert!(model("all").exists());
    // Another training's models are not taken for these.
    let mut other = experiments(&["--resume", "--seed", "5"]);
    other.assert().code(3);
    assert!(stderr(&mut other).contains("another training"));
}
