//! `woofer train` as a person types it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod another_list;
#[path = "../support/experiments.rs"]
mod experiments;
mod folders;
mod made_worse;
mod refusals;
mod state;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{stderr, stdout, tone, weight_file, woofer};

/// A folder a class: hums of three pitches, each in several recordings.
fn sounds(folder: &Path) -> PathBuf {
    let clips = folder.join("sounds");
    for (class, hz) in [("low", 200.0), ("middle", 900.0), ("high", 4_000.0)] {
        fs::create_dir_all(clips.join(class)).unwrap();
        for i in 0..6u8 {
            let path = clips.join(class).join(format!("{i}.wav"));
            tone(&path, 1.0, |_| hz * (1.0 + f64::from(i) * 0.02));
        }
    }
    clips
}

fn taxonomy(folder: &Path) -> PathBuf {
    let path = folder.join("hums.toml");
    let class = |name| {
        format!("[[class]]\nname = \"{name}\"\ncolor = \"#d95f02\"\nfine = [{{ name = \"{name}\" }}]\n")
    };
    let classes: String = ["low", "middle", "high"].map(class).concat();
    fs::write(&path, format!("schema_version = 1\nname = \"hums\"\n{classes}")).unwrap();
    path
}

fn train(folder: &Path, clips: &Path, model: &Path) -> assert_cmd::Command {
    train_classes(folder, &taxonomy(folder), clips, model)
}

fn train_classes(folder: &Path, classes: &Path, clips: &Path, model: &Path) -> assert_cmd::Command {
    let mut command = woofer();
    command
        .arg("train")
        .arg(clips)
        .arg("--taxonomy")
        .arg(classes)
        .arg("--backbone")
        .arg(weight_file(folder))
        .arg("-o")
        .arg(model);
    command
}

#[test]
fn a_folder_of_clips_becomes_a_model_that_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let text = stdout(&mut train(dir.path(), &clips, &model));
    assert!(
        text.contains("AUC, weighted") && text.contains("AUC middle"),
        "{text}"
    );
    woofer().args(["model", "verify"]).arg(&model).assert().success();

    let metrics: Value =
        serde_json::from_str(&fs::read_to_string(model.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(
        (&metrics["clips"], &metrics["recordings"]),
        (&Value::from(18), &Value::from(18))
    );
    assert!(metrics["auc_weighted"]["value"].as_f64().unwrap() > 0.9);
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(
        card.contains("18 clips of 18 recordings") && card.contains("| AUC, weighted |"),
        "{card}"
    );

    let named = stdout(
        woofer()
            .args(["classify", "-k", "1", "-r", "-m"])
            .arg(&model)
            .arg(&clips),
    );
    for line in named.lines() {
        let class = line.split('/').rev().nth(1).unwrap();
        assert!(line.ends_with(class), "{line}");
    }
    assert_eq!(named.lines().count(), 18);
}

#[test]
fn the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let weights = |name: &str, threads: &str| {
        let model = dir.path().join(name);
        let mut command = train(dir.path(), &clips, &model);
        command
            .args(["--epochs", "5", "--threads", threads])
            .assert()
            .success();
        fs::read(model.join("model.safetensors")).unwrap()
    };
    assert_eq!(weights("one", "1"), weights("two", "2"));
}

/// Starts a training, kills it when its first epoch is on disk, and gives what came of it.
fn interrupted(command: &assert_cmd::Command, run: &Path) {
    let mut child = std::process::Command::new(command.get_program())
        .args(command.get_args())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let state = run.join("fold-1/state.safetensors");
    while !state.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    assert!(
        !child.wait().unwrap().success(),
        "it was done before it could be killed"
    );
}

#[test]
fn an_interrupted_training_goes_on_to_the_same_weights() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let command = |name: &str| {
        let mut command = train(dir.path(), &clips, &dir.path().join(name));
        command.args(["--recipe", "adee", "--fold-count", "2", "--epochs", "6"]);
        for change in [
            "copies.noise_clips=1",
            "copies.shifts_s=[0.0, 0.4]",
            "schedule.batch_size=8",
            "optimizer.learning_rate=1e-3",
            "averaging.decay=0.9",
            "validation.keep_every=2",
        ] {
            command.args(["--set", change]);
        }
        command
    };
    let files = |name: &str| {
        [
            "member-1.safetensors",
            "member-2.safetensors",
            "scores.csv",
            "history.csv",
        ]
        .map(|file| fs::read(dir.path().join(name).join(file)).unwrap())
    };
    command("whole").assert().success();
    let run = dir.path().join("broken.run");
    interrupted(&command("broken"), &run);
    // Without --resume nothing is lost by mistake, and another training does not take the state for its own.
    let mut again = command("broken");
    again.assert().code(3);
    assert!(stderr(&mut again).contains("--resume"));
    let mut other = command("broken");
    other.args(["--resume", "--seed", "5"]).assert().code(3);
    assert!(stderr(&mut other).contains("another training"));
    command("broken").arg("--resume").assert().success();
    assert!(files("whole") == files("broken"), "the files differ");
    assert!(run.join("fold-1/epoch-2.safetensors").exists());
    assert!(run.join("fold-1/best.safetensors").exists());
}

#[test]
fn every_recipe_takes_a_network_of_another_kind_than_it_was_made_for() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    for (recipe, changes) in [
        ("adee", &["copies.noise_clips=1", "network.freeze=backbone"][..]),
        (
            "adee-extra",
            &["network.freeze=backbone", "loss.softmax_twice=true"],
        ),
        ("mapped", &[]),
        ("woofer", &[]),
        (
            "woofer",
            &[
                "network.freeze=nothing",
                "validation.epoch=held_out",
                "averaging.start_share=0.5",
            ],
        ),
        (
            "woofer",
            &[
                "network.freeze=14",
                "loss.labels_reach=backbone",
                "sampling.how=drawn",
            ],
        ),
        (
            "woofer",
            &[
                "network.freeze=14",
                "network.class_prior={ low = 2 }",
                "refit.reads=all",
                "refit.copies=all",
                "refit.pull=[0.1, 1.0]",
                "model.precision=single",
            ],
        ),
        ("frozen", &["copies.shifts_s=[0.0, 0.5]", "model.from=folds"]),
    ] {
        let model = dir.path().join("model");
        let mut command = train(dir.path(), &clips, &model);
        command.args([
            "--recipe",
            recipe,
            "--fold-count",
            "2",
            "--epochs",
            "2",
            "--force",
        ]);
        for change in changes {
            command.args(["--set", change]);
        }
        let text = stdout(&mut command);
        assert!(
            text.contains("AUC, weighted") && text.contains("written to"),
            "{recipe}: {text}"
        );
        assert_eq!(text.contains("optimistic"), recipe.starts_with("adee"), "{text}");
        woofer().args(["model", "verify"]).arg(&model).assert().success();
        let kept = fs::read_to_string(model.join("recipe.toml")).unwrap();
        assert!(kept.contains("epochs = 2"), "{kept}");
    }
}

#[test]
fn a_head_fitted_to_clean_segments_compares_sources_by_their_copies_too() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let list = clips.join("list.csv");
    let rows = ["low", "middle", "high"]
        .iter()
        .flat_map(|class| (0..6).map(move |i| format!("{class}/{i}.wav,{class},phone {}\n", i % 2)));
    fs::write(&list, format!("path,label,source\n{}", rows.collect::<String>())).unwrap();
    let weights = |copies: usize, share: f64| {
        let model = dir.path().join("model");
        let mut command = train(dir.path(), &list, &model);
        command.args(["--recipe", "mapped", "--fold-count", "2", "--force", "--set"]);
        command.arg(format!("copies.augmented={copies}"));
        command.args(["--set", &format!("refit.source_share={share}")]);
        command.args(["--set", "augment=[{ kind = 'colored_noise', probability = 1, min_beta = 0, max_beta = 2, min_snr_db = 0, max_snr_db = 5 }]"]);
        command.assert().success();
        fs::read(model.join("model.safetensors")).unwrap()
    };
    // What is heard of copies changes nothing but where sources lie.
    assert!(weights(0, 0.0) == weights(2, 0.0));
    assert!(weights(0, 0.5) != weights(0, 0.0));
    assert!(weights(0, 0.5) != weights(2, 0.5));
}

#[test]
fn what_goes_on_under_other_sounds_yields_to_them_in_a_head_that_is_fitted_anew() {
    let dir = tempfile::tempdir().unwrap();
    let clips = sounds(dir.path());
    let hums = fs::read_to_string(taxonomy(dir.path())).unwrap();
    let with_water = dir.path().join("water.toml");
    let head = "rest = \"high\"\naudioset_ignored = [\"/m/0jbk\"]\naudioset_background = [\"/m/0838f\"]\n";
    fs::write(
        &with_water,
        hums.replacen("[[class]]", &format!("{head}[[class]]"), 1),
    )
    .unwrap();
    let trained = |classes: &Path, power: f64| {
        let model = dir.path().join("model");
        let mut command = train_classes(dir.path(), classes, &clips, &model);
        command.args(["--recipe", "mapped", "--fold-count", "2", "--force", "--set"]);
        command.arg(format!("refit.background_yields={power}"));
        command.args(["--set", "model.precision=single"]);
        command.assert().success();
        let weights = fs::read(model.join("model.safetensors")).unwrap();
        (weights, fs::read_to_string(model.join("model.toml")).unwrap())
    };
    let without = dir.path().join("hums.toml");
    assert!(trained(&without, 12.0).0 == trained(&without, 0.0).0);
    let ((yielding, described), (in_full, plain)) = (trained(&with_water, 12.0), trained(&with_water, 0.0));
    assert!(described.contains("head = \"mapped_background\"") && plain.contains("head = \"mapped\""));
    let tensor = |file: &[u8], name: &str| {
        let weights = safetensors::SafeTensors::deserialize(file).unwrap();
        let values = weights.tensor(name).unwrap();
        let values = values.data().chunks_exact(4);
        let values: Vec<f32> = values
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        values
    };
    // Water is taken from what speaks outright for the last of three classes, the rest, and yields to the others.
    let (outright, before) = (tensor(&yielding, "evidence"), tensor(&in_full, "evidence"));
    let background = tensor(&yielding, "background");
    let changed = |place: &usize| before[*place].to_bits() != outright[*place].to_bits();
    let moved: Vec<usize> = (0..before.len()).filter(changed).collect();
    let [water] = moved[..] else { panic!("{moved:?}") };
    assert!(water >= before.len() / 3 * 2);
    assert_eq!(
        vec![before[water], outright[water], background[water]],
        [1.0, 0.0, 1.0]
    );
    assert_eq!(background.iter().filter(|&&speaks| speaks > 0.0).count(), 1);
    assert_eq!(
        tensor(&yielding, "yielding"),
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0, 12.0, 0.0]
    );
}

#[test]
fn a_model_scores_a_clip_as_it_did_in_training() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let mut command = train(dir.path(), &clips, &model);
    // One network on all clips; measured on the same clips it has to say what the last epoch's network said.
    command.args(["--recipe", "woofer", "--fold-count", "2", "--epochs", "3"]);
    for change in [
        "model.from=folds",
        "model.temperature=1",
        "model.precision=single",
        "network.freeze=14",
    ] {
        command.args(["--set", change]);
    }
    command.assert().success();
    let out_of_fold = fs::read_to_string(model.join("scores.csv")).unwrap();
    let rows = |text: &str, member: &str| -> Vec<(String, Vec<f64>)> {
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let headers = csv.headers().unwrap().clone();
        let fold = headers.iter().position(|h| h == "fold").unwrap();
        let path = headers.iter().position(|h| h == "path").unwrap();
        let scores: Vec<usize> = (0..headers.len())
            .filter(|&i| headers[i].starts_with("score:"))
            .collect();
        csv.records()
            .map(Result::unwrap)
            .filter(|row| member.is_empty() || &row[fold] == member)
            .map(|row| {
                let scores = scores.iter().map(|&i| row[i].parse().unwrap()).collect();
                (row[path].to_owned(), scores)
            })
            .collect()
    };
    // The first fold's clips were scored by the first member: made a model of its own, it says the same.
    let first = dir.path().join("first");
    fs::create_dir(&first).unwrap();
    fs::copy(
        model.join("member-1.safetensors"),
        first.join("model.safetensors"),
    )
    .unwrap();
    let text = fs::read_to_string(model.join("model.toml")).unwrap();
    let sha = |text: &str| -> Vec<String> {
        text.split('"')
            .filter(|part| part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit()))
            .map(str::to_owned)
            .collect()
    };
    // [weights] of an ensemble lists [[weights.members]]; of one network it has the hash itself.
    let members: Vec<&str> = text.split("[[weights.members]]\n").collect();
    let hash = sha(members[1])[0].clone();
    let after = members[2].split_once('\n').unwrap().1;
    let weights = format!("[weights]\nsha256 = \"{hash}\"\n");
    let one = format!("{}{after}", members[0].replace("[weights]\n", &weights));
    fs::write(first.join("model.toml"), one).unwrap();
    fs::copy(model.join("README.md"), first.join("README.md")).unwrap();
    fs::copy(model.join("metrics.json"), first.join("metrics.json")).unwrap();
    let measured = dir.path().join("measured");
    woofer()
        .arg("evaluate")
        .arg(&first)
        .arg(&clips)
        .arg("-o")
        .arg(&measured)
        .assert()
        .success();
    let measured = fs::read_to_string(measured.join("scores.csv")).unwrap();
    let all = rows(&measured, "");
    let mut compared = 0;
    for (path, scores) in rows(&out_of_fold, "1") {
        let (_, again) = all.iter().find(|(other, _)| *other == path).unwrap();
        for (a, b) in scores.iter().zip(again) {
            assert!((a - b).abs() < 1e-4, "{path}: {scores:?} {again:?}");
        }
        compared += 1;
    }
    assert!(compared >= 6, "{compared}");
}

#[test]
fn a_network_learns_what_an_ensemble_says() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, teacher, student) = (
        sounds(dir.path()),
        dir.path().join("teacher"),
        dir.path().join("student"),
    );
    let mut command = train(dir.path(), &clips, &teacher);
    command
        .args(["--set", "model.from=folds", "--fold-count", "2"])
        .assert()
        .success();
    let mut command = woofer();
    command.args(["model", "distill"]).arg(&teacher).arg(&clips);
    command.arg("--taxonomy").arg(taxonomy(dir.path()));
    command.arg("--backbone").arg(weight_file(dir.path()));
    command
        .args(["--recipe", "frozen", "--fold-count", "2", "-o"])
        .arg(&student);
    let text = stdout(&mut command);
    assert!(text.contains("the teacher may have been trained"), "{text}");
    let scores = |model: &Path| {
        let mut command = woofer();
        command
            .args(["classify", "-r", "-f", "csv", "-m"])
            .arg(model)
            .arg(&clips);
        stdout(&mut command)
    };
    let number = |line: &str| line.split(',').nth(4).and_then(|n| n.parse::<f64>().ok());
    let (taught, learned) = (scores(&teacher), scores(&student));
    let pairs = taught.lines().zip(learned.lines());
    let differences: Vec<f64> = pairs
        .filter_map(|(a, b)| Some((number(a)? - number(b)?).abs()))
        .collect();
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    assert!(
        differences.len() == 54 && mean < 0.1,
        "{mean} of {}",
        differences.len()
    );
    // Another taxonomy's model cannot teach.
    let mut other = woofer();
    other.args(["model", "distill"]).arg(&teacher).arg(&clips);
    other
        .arg("--backbone")
        .arg(weight_file(dir.path()))
        .arg("-o")
        .arg(dir.path().join("x"));
    other.assert().code(3);
}
