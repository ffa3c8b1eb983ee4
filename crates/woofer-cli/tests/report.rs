//! `woofer report` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use support::{model, stderr, tone, woofer};

/// A folder of results of twelve clips, each third of which was taken for the other class.
fn results(folder: &Path) -> PathBuf {
    let results = folder.join("results");
    fs::create_dir_all(&results).unwrap();
    let mut text = "path,label,recording,fold,score:cat,score:dog\n".to_owned();
    for i in 0..12u8 {
        let cat = if (i % 2 == 0) == (i % 3 != 0) { 0.9 } else { 0.1 };
        let label = ["cat", "dog"][usize::from(i % 2)];
        let fold = i % 2;
        writeln!(text, "{i}.wav,{label},r{},{fold},{cat},{}", i / 2, 1.0 - cat).unwrap();
    }
    fs::write(results.join("scores.csv"), text).unwrap();
    results
}

fn report(results: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command.arg("report").arg(results);
    command
}

fn page(results: &Path) -> String {
    fs::read_to_string(results.join("report.html")).unwrap()
}

#[test]
fn scores_alone_make_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let results = results(dir.path());
    let mut command = report(&results);
    command.assert().success();
    assert!(stderr(&mut command).contains("--list or --clips"));
    let page = page(&results);
    for part in [
        "Precision and recall",
        "Reliability",
        "The surest mistakes",
        "several folds",
        ">cat<",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<h2>Learning") && !page.contains("<h2>Recipe") && !page.contains("<audio"));
}

#[test]
fn what_else_lies_there_is_shown_and_clips_can_be_heard() {
    let dir = tempfile::tempdir().unwrap();
    let results = results(dir.path());
    for i in 0..12u32 {
        tone(&dir.path().join(format!("{i}.wav")), 0.5, |_| {
            300.0 * f64::from(i + 1)
        });
    }
    fs::write(
        results.join("history.csv"),
        "fold,epoch,loss\n1,1,0.5\n1,2,0.25\n",
    )
    .unwrap();
    fs::write(results.join("recipe.toml"), "epochs = 2 # <b>two</b>\n").unwrap();
    let out = dir.path().join("page.html");
    report(&results)
        .arg("--clips")
        .arg(dir.path())
        .arg("-o")
        .arg(&out)
        .assert()
        .success();
    let page = fs::read_to_string(&out).unwrap();
    assert!(page.contains("<h2>Learning") && page.contains("# &lt;b&gt;two"));
    // Four of twelve are wrong: 0, 3, 6 and 9.
    assert_eq!(page.matches("<audio").count(), 4);
    assert_eq!(page.matches("data:audio/wav").count(), 4);
    assert_eq!(page.matches("<image").count(), 4);
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/").count()
    );

    fs::remove_file(dir.path().join("3.wav")).unwrap();
    fs::write(dir.path().join("6.wav"), "no sound").unwrap();
    let mut command = report(&results);
    command.arg("--clips").arg(dir.path()).assert().code(1);
    let said = stderr(&mut command);
    assert!(
        said.contains("3.wav: there is no such file") && said.contains("6.wav"),
        "{said}"
    );
    assert!(results.join("report.html").is_file(), "the rest is shown");
}

#[test]
fn a_path_that_leads_out_of_the_folder_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let results = results(dir.path());
    let clips = dir.path().join("clips");
    fs::create_dir(&clips).unwrap();
    let secret = dir.path().join("secret.wav");
    tone(&secret, 0.5, |_| 300.0);
    let scores = fs::read_to_string(results.join("scores.csv")).unwrap();
    let scores = scores
        .replace("\n0.wav", "\n../secret.wav")
        .replace("\n3.wav", &format!("\n{}", secret.display()));
    fs::write(results.join("scores.csv"), scores).unwrap();
    let mut command = report(&results);
    command.arg("--clips").arg(&clips).assert().code(1);
    assert_eq!(stderr(&mut command).matches("leads out").count(), 2);
    assert!(!page(&results).contains("<audio"));
    // Named are the list's folder, which the paths are told from, and one above both.
    let list = clips.join("list.csv");
    fs::write(&list, "path,label\n").unwrap();
    let mut command = report(&results);
    command.arg("--list").arg(&list).arg("--clips").arg(dir.path());
    assert!(!stderr(&mut command).contains("leads out"));
    assert!(page(&results).contains("<audio"));
}

#[test]
fn an_evaluation_finds_its_own_clips() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(dir.path());
    let clips = dir.path().join("clips");
    for (class, hz) in [("Barking", 300.0), ("Bird", 3_000.0)] {
        fs::create_dir_all(clips.join(class)).unwrap();
        for i in 0..4u8 {
            tone(&clips.join(class).join(format!("{i}.wav")), 0.5, |_| {
                hz + f64::from(i)
            });
        }
    }
    let results = dir.path().join("results");
    let mut command = woofer();
    command
        .arg("evaluate")
        .arg(&model)
        .arg(&clips)
        .arg("-o")
        .arg(&results)
        .assert()
        .success();
    report(&results).assert().success();
    let page = page(&results);
    assert!(
        page.contains("<audio") && page.contains("model on clips"),
        "made-up weights are never all right"
    );
}

#[test]
fn what_is_no_result_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let results = results(dir.path());
    for (file, text, part) in [
        ("history.csv", "fold,epoch\n1,x\n", "history.csv, line 2"),
        ("evaluation.toml", "model = 3\n", "evaluation.toml"),
        ("scores.csv", "path,label\n", "scores.csv"),
    ] {
        let good = fs::read(results.join(file)).ok();
        fs::write(results.join(file), text).unwrap();
        let mut command = report(&results);
        command.assert().code(3);
        assert!(stderr(&mut command).contains(part), "{part}");
        match good {
            Some(good) => fs::write(results.join(file), good).unwrap(),
            None => fs::remove_file(results.join(file)).unwrap(),
        }
    }
    let scores = results.join("scores.csv");
    let mut over = report(&results);
    over.arg("-o").arg(&scores).assert().code(3);
    assert!(stderr(&mut over).contains("would replace the input"));
    assert!(fs::read_to_string(&scores).unwrap().starts_with("path,"));
    assert!(!results.join("report.html").exists());
    let page = results.join("page.htm");
    for _ in 0..2 {
        report(&results).arg("-o").arg(&page).assert().success();
    }
    let mut without_list = report(&results);
    without_list.arg("--list").arg(dir.path().join("gone.csv"));
    assert!(stderr(&mut without_list).contains("gone.csv: there is nothing at this path"));
    assert!(stderr(&mut report(&scores)).contains("is no folder"));
    assert!(stderr(&mut report(dir.path())).contains("no scores.csv"));
}
