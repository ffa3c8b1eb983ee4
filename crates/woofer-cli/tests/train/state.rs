//! What lies beside a model while it is trained, and what stands in its place.

use std::fs;
use std::path::Path;

use crate::support::stderr;
use crate::{interrupted, sounds, train};

/// A training of a second or two, whose state is there after a moment.
fn slow(folder: &Path, clips: &Path, model: &Path) -> assert_cmd::Command {
    let mut command = train(folder, clips, model);
    command.args(["--recipe", "adee", "--fold-count", "2", "--epochs", "4"]);
    for change in [
        "copies.shifts_s=[0.0]",
        "schedule.batch_size=8",
        "validation.keep_every=0",
    ] {
        command.args(["--set", change]);
    }
    command
}

#[test]
fn a_training_that_replaces_a_model_is_taken_up_and_replaces_it() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let [whole, broken] = ["whole", "broken"].map(|name| dir.path().join(name));
    slow(dir.path(), &clips, &whole).assert().success();
    train(dir.path(), &clips, &broken).assert().success();
    let before = fs::read(broken.join("model.safetensors")).unwrap();
    let mut forced = slow(dir.path(), &clips, &broken);
    interrupted(forced.arg("--force"), &dir.path().join("broken.run"));
    assert!(fs::read(broken.join("model.safetensors")).unwrap() == before);
    let mut resumed = slow(dir.path(), &clips, &broken);
    resumed.arg("--resume").assert().code(3);
    let said = stderr(&mut resumed);
    assert!(said.contains("is there already; give --force"), "{said}");
    let told = resumed.args(["--force", "-v"]).output().unwrap();
    let said = String::from_utf8(told.stderr).unwrap();
    assert!(told.status.success() && said.contains("done already"), "{said}");
    for file in ["member-1.safetensors", "member-2.safetensors", "scores.csv"] {
        let read = |model: &Path| fs::read(model.join(file)).unwrap();
        assert!(read(&whole) == read(&broken), "{file}");
    }
    assert!(!dir.path().join("broken.run").exists());
}

#[test]
fn a_training_that_tests_another_list_too_is_another() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    interrupted(&slow(dir.path(), &clips, &model), &dir.path().join("hums.run"));
    // What it tests is kept from the training of a fold, which may be done.
    let mut other = slow(dir.path(), &clips, &model);
    other.args(["--resume", "--retest"]).arg(&clips);
    other.assert().code(3);
    let said = stderr(&mut other);
    assert!(
        said.contains("hums.run") && said.contains("another training"),
        "{said}"
    );
    slow(dir.path(), &clips, &model)
        .arg("--resume")
        .assert()
        .success();
}

#[test]
fn what_lies_where_the_state_would_be_is_not_taken_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let run = dir.path().join("hums.run");
    fs::create_dir_all(run.join("marathon")).unwrap();
    fs::write(run.join("marathon/times.csv"), "2:59").unwrap();
    for args in [&[][..], &["--force"], &["--resume"], &["--resume", "--force"]] {
        let mut command = train(dir.path(), &clips, &model);
        command.args(args).assert().code(3);
        let said = stderr(&mut command);
        assert!(said.contains("hums.run") && said.contains("move them"), "{said}");
    }
    assert!(!model.exists());
    assert_eq!(fs::read(run.join("marathon/times.csv")).unwrap(), b"2:59");
    assert_eq!(fs::read_dir(&run).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_refused_before_anything_is_trained() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    std::os::unix::fs::symlink(dir.path().join("nowhere"), &model).unwrap();
    let mut command = train(dir.path(), &clips, &model);
    command.assert().code(3);
    let said = stderr(&mut command);
    assert!(said.contains("leads nowhere"), "{said}");
    assert!(!dir.path().join("hums.run").exists() && model.is_symlink());
}
