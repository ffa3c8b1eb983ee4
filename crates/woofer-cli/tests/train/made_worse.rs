//! Tested clips made worse, and other takes of them.

use std::fs;

use woofer::evaluation::ScoreTable;

use crate::support::{stderr, stdout, woofer};
use crate::{sounds, train};

/// A way of making tested clips worse, as `--set` takes it.
const LOUDER: &str = r#"validation.degraded=[{ name = "20 dB louder", augment = [{ kind = "gain", probability = 1, min_db = 20, max_db = 20 }] }]"#;

#[test]
fn other_takes_of_the_recordings_are_tested_by_the_network_that_has_not_met_them() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    // The very same clips: what is said of them must be what was said of the list's, out of fold.
    let again = dir.path().join("again");
    fs::create_dir(&again).unwrap();
    let rows = ["low", "middle", "high"].iter().flat_map(|class| {
        (0..6).map(move |i| format!("../sounds/{class}/{i}.wav,{class},{class}/{i}.wav\n"))
    });
    let list = format!("path,label,recording\n{}", rows.collect::<String>());
    fs::write(again.join("manifest.csv"), &list).unwrap();
    let text = stdout(
        train(dir.path(), &clips, &model)
            .args(["--set", "network.freeze=backbone", "--set", LOUDER, "--retest"])
            .arg(again.join("manifest.csv")),
    );
    let figures = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no line {name:?} in\n{text}"));
        line.replacen(name, "", 1).trim().to_owned()
    };
    assert_eq!(figures("as they are"), figures("again"));
    let rows = |file: &str| fs::read_to_string(model.join(file)).unwrap().lines().count();
    assert_eq!(rows("degraded/again.csv"), rows("scores.csv"));
    let mut compare = woofer();
    compare.arg("compare").arg(&model);
    let compared = stdout(compare.arg(model.join("degraded/20-db-louder.csv")));
    assert!(compared.contains("18 clips"), "{compared}");

    fs::write(
        again.join("manifest.csv"),
        list.replace("low/3.wav\n", "low/9.wav\n"),
    )
    .unwrap();
    let mut other = train(dir.path(), &clips, &model);
    other
        .args(["--force", "--retest"])
        .arg(again.join("manifest.csv"));
    other.assert().code(3);
    let said = stderr(&mut other);
    assert!(
        said.contains("low/9.wav") && said.contains("does not have"),
        "{said}"
    );
}

#[test]
fn what_is_drawn_several_times_is_told_in_the_mean() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let noise = |draws: usize| {
        let ways = format!(
            r#"validation.degraded=[{{ name = "in noise", draws = {draws}, augment = [{{ kind = "colored_noise", probability = 1, min_beta = 0, max_beta = 0, min_snr_db = -20, max_snr_db = -20 }}] }}]"#
        );
        let mut train = train(dir.path(), &clips, &model);
        train.args(["--force", "--set", "network.freeze=backbone", "--set", &ways]);
        let text = stdout(&mut train);
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with("in noise"));
        let line = line.unwrap_or_else(|| panic!("no line of the noise in\n{text}"));
        line.trim().to_owned()
    };
    let accuracy = |file: &str| {
        let scores = ScoreTable::read(&model.join("degraded").join(file)).unwrap();
        scores.scored_clips().unwrap().figures().accuracy.unwrap()
    };
    let line = noise(3);
    let files = ["in-noise.csv", "in-noise-2.csv", "in-noise-3.csv"];
    let read = |file: &str| fs::read(model.join("degraded").join(file)).unwrap();
    let drawn = files.map(read);
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2]);
    let mean = files.map(accuracy).iter().sum::<f64>() / 3.0;
    assert!(line.starts_with("in noise, 3 draws"), "{line}");
    assert!(line.contains(&format!("{mean:.3}")), "{mean}: {line}");
    // What is drawn first does not hang on how often it is drawn.
    assert!(noise(1).starts_with("in noise "));
    assert_eq!(read(files[0]), drawn[0]);
    assert!(!model.join("degraded").join(files[1]).exists());

    let mut train = train(dir.path(), &clips, &model);
    train.args(["--force", "--set", &LOUDER.replace("name", "draws = 0, name")]);
    train.assert().code(3);
    let said = stderr(&mut train);
    assert!(
        said.contains("draws = 0") && said.contains("between 1 and 100"),
        "{said}"
    );
}
