//! Intervals over recordings, `metrics.json`, and the paired comparison.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use woofer::metrics::{Bootstrap, ClassSubset, Comparison, Evaluation, MetricsError, ScoredClips};

const NAMES: [&str; 3] = ["Barking", "CO_Smoke", "Music"];

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / f64::from(u32::MAX)
}

/// Clips of three classes, `per_recording` of each recording; `skill` adds to the score of the true class.
fn clips(recordings: usize, per_recording: usize, skill: f64, seed: u64) -> ScoredClips {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut labels, mut scores, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for recording in 0..recordings {
        // What one recording has of its own, all its clips have.
        let own: Vec<f64> = (0..3).map(|_| uniform(&mut random)).collect();
        for _ in 0..per_recording {
            let label = recording % 3;
            let mut row: Vec<f64> = own.iter().map(|s| s + 0.05 * uniform(&mut random)).collect();
            row[label] += skill;
            let sum: f64 = row.iter().sum();
            scores.push(row.into_iter().map(|s| s / sum).collect());
            labels.push(label);
            names.push(format!("recording {recording}"));
        }
    }
    ScoredClips::new(&labels, &scores, &names, &NAMES).unwrap()
}

fn measure(clips: &ScoredClips) -> Evaluation {
    let subset = ClassSubset {
        name: "macro2".to_owned(),
        classes: vec![0, 2],
    };
    Evaluation::measure(clips, &[subset], Bootstrap { draws: 300, seed: 3 }).unwrap()
}

fn width(estimate: woofer::metrics::Estimate) -> f64 {
    estimate.high.unwrap() - estimate.low.unwrap()
}

#[test]
fn an_interval_holds_its_value_and_is_the_same_on_any_number_of_threads() {
    let clips = clips(60, 2, 0.5, 1);
    let evaluation = measure(&clips);
    for estimate in [
        evaluation.accuracy,
        evaluation.auc_macro,
        evaluation.auc_weighted,
        evaluation.log_loss,
        evaluation.auc_subsets[0].auc,
        evaluation.per_class[1].auc,
    ] {
        let (low, value, high) = (
            estimate.low.unwrap(),
            estimate.value.unwrap(),
            estimate.high.unwrap(),
        );
        assert!(low < value && value < high, "{estimate}");
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| measure(&clips)), evaluation);
}

#[test]
fn more_clips_of_the_same_recordings_make_nothing_surer() {
    let few = width(measure(&clips(60, 1, 0.5, 1)).auc_macro);
    let copies = width(measure(&clips(60, 10, 0.5, 1)).auc_macro);
    let more_recordings = width(measure(&clips(600, 1, 0.5, 1)).auc_macro);
    assert!(copies > 0.8 * few, "{copies} beside {few}");
    assert!(more_recordings < 0.5 * few, "{more_recordings} beside {few}");
}

#[test]
fn a_class_that_is_absent_or_of_one_recording_has_no_interval() {
    let scores = vec![
        vec![0.9, 0.1, 0.0],
        vec![0.4, 0.6, 0.0],
        vec![0.7, 0.2, 0.1],
        vec![0.3, 0.6, 0.1],
    ];
    let clips = ScoredClips::new(&[0, 1, 0, 1], &scores, &["a", "b", "c", "b"], &NAMES).unwrap();
    let evaluation = measure(&clips);
    let [barking, smoke, music] = &evaluation.per_class[..] else {
        panic!("three classes")
    };
    assert_eq!((barking.clips, barking.recordings), (2, 2));
    assert_eq!((smoke.clips, smoke.recordings), (2, 1));
    assert!(barking.auc.low.is_some());
    assert_eq!((smoke.auc.value, smoke.auc.low), (Some(1.0), None));
    assert_eq!(
        (music.clips, music.auc.value, music.f1.value, music.recall.value),
        (0, None, None, None)
    );
    assert_eq!(music.auc.to_string(), "n/a");
    assert_eq!(evaluation.auc_macro.value, Some(1.0));
}

#[test]
fn the_interval_of_a_mean_over_classes_is_of_the_same_classes() {
    // A hundred clips that are right, two of another class that are not: no draw that has both classes has more than a half.
    let labels: Vec<usize> = std::iter::repeat_n(0, 100).chain([1, 1]).collect();
    let right = vec![0.9, 0.1, 0.0];
    let names: Vec<String> = (0..102).map(|recording| recording.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let clips = ScoredClips::new(&labels, &vec![right; 102], &names, &NAMES).unwrap();
    let evaluation = measure(&clips);
    let balanced = evaluation.balanced_accuracy;
    assert_eq!(
        (balanced.low, balanced.value, balanced.high),
        (Some(0.5), Some(0.5), Some(0.5))
    );
    assert!(evaluation.f1_macro.high.unwrap() < 0.51);
    assert!(evaluation.accuracy.high.unwrap() > evaluation.accuracy.value.unwrap());
    // All draws lie above the calibration error itself, or nearly so.
    assert!(evaluation.calibration_error.value.is_some() && evaluation.calibration_error.low.is_none());

    let better: Vec<Vec<f64>> = labels
        .iter()
        .map(|&label| {
            if label == 1 {
                vec![0.1, 0.9, 0.0]
            } else {
                vec![0.9, 0.1, 0.0]
            }
        })
        .collect();
    let better = ScoredClips::new(&labels, &better, &names, &NAMES).unwrap();
    let bootstrap = Bootstrap { draws: 300, seed: 3 };
    let comparison = Comparison::measure(&clips, &better, &[], bootstrap).unwrap();
    let balanced = comparison
        .differences
        .iter()
        .find(|d| d.figure == "balanced_accuracy");
    let difference = balanced.unwrap().difference;
    assert_eq!((difference.low, difference.high), (Some(0.5), Some(0.5)));
}

#[test]
fn classes_of_one_recording_give_a_mean_no_interval() {
    // The only draw that has all classes is the clips themselves: three of them may be told, a difference may not be called sure.
    let scores = vec![vec![0.8, 0.1, 0.1], vec![0.3, 0.6, 0.1], vec![0.2, 0.5, 0.3]];
    let one = ScoredClips::new(&[0, 1, 2], &scores, &["a", "b", "c"], &NAMES).unwrap();
    let evaluation = measure(&one);
    let macros = [
        evaluation.auc_macro,
        evaluation.balanced_accuracy,
        evaluation.f1_macro,
    ];
    assert!(
        macros
            .iter()
            .all(|figure| figure.value.is_some() && figure.low.is_none())
    );
    assert!(evaluation.accuracy.low.is_some() && evaluation.auc_weighted.low.is_none());

    let right = vec![vec![0.8, 0.1, 0.1], vec![0.3, 0.6, 0.1], vec![0.2, 0.3, 0.5]];
    let other = ScoredClips::new(&[0, 1, 2], &right, &["a", "b", "c"], &NAMES).unwrap();
    let comparison = Comparison::measure(&one, &other, &[], Bootstrap { draws: 300, seed: 3 }).unwrap();
    for figure in [
        "auc_weighted",
        "auc_macro",
        "f1_macro",
        "balanced_accuracy",
        "calibration_error",
    ] {
        let found = comparison
            .differences
            .iter()
            .find(|d| d.figure == figure)
            .unwrap();
        assert!(found.difference.value.is_some(), "{figure}");
        assert_eq!(
            (found.difference.low, found.two_sided_share),
            (None, None),
            "{figure}"
        );
    }
}

#[test]
fn one_class_of_one_recording_is_enough_for_a_mean_to_have_none_but_not_for_a_weighted_one() {
    let (mut labels, mut scores, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for clip in 0..62 {
        labels.push(if clip < 60 { clip % 2 } else { 2 });
        scores.push((0..3).map(|_| uniform(&mut random)).collect::<Vec<f64>>());
        names.push(clip.min(60).to_string());
    }
    let clips = ScoredClips::new(&labels, &scores, &names, &NAMES).unwrap();
    let evaluation = measure(&clips);
    assert!(evaluation.auc_macro.value.is_some() && evaluation.auc_macro.low.is_none());
    assert!(evaluation.balanced_accuracy.value.is_some() && evaluation.balanced_accuracy.low.is_none());
    assert!(evaluation.auc_weighted.low.is_some());
    assert_eq!(evaluation.draws, 300);
    // Two classes without it.
    let without = ClassSubset {
        name: "two".to_owned(),
        classes: vec![0, 1],
    };
    let bootstrap = Bootstrap { draws: 300, seed: 3 };
    let evaluation = Evaluation::measure(&clips, &[without], bootstrap).unwrap();
    assert!(evaluation.auc_subsets[0].auc.low.is_some());

    let of_one = ScoredClips::new(&labels, &scores, &["all"; 62], &NAMES).unwrap();
    assert_eq!(measure(&of_one).draws, 0);
}

#[test]
fn metrics_json_has_the_promised_shape_and_reads_back() {
    let evaluation = measure(&clips(20, 2, 0.3, 5));
    let text = evaluation.to_json().unwrap();
    assert_eq!(Evaluation::from_json(&text, "metrics.json").unwrap(), evaluation);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["schema_version"], &json["clips"], &json["recordings"]),
        (&1.into(), &40.into(), &20.into())
    );
    for estimate in [
        &json["accuracy"],
        &json["balanced_accuracy"],
        &json["auc_weighted"],
        &json["auc_macro"],
        &json["per_class"][2]["f1"],
        &json["per_class"][2]["recall"],
    ] {
        assert!(["value", "low", "high"].iter().all(|key| estimate[key].is_f64()));
    }
    assert_eq!(json["per_class"][0]["class"], "Barking");
    assert_eq!(json["confusion"].as_array().unwrap().len(), 3);
    assert_eq!(json["auc_subsets"][0]["name"], "macro2");
}

#[test]
fn a_metrics_file_of_before_has_no_recall() {
    let evaluation = measure(&clips(6, 1, 0.3, 5));
    let mut json: serde_json::Value = serde_json::from_str(&evaluation.to_json().unwrap()).unwrap();
    json.as_object_mut().unwrap().remove("balanced_accuracy").unwrap();
    json["per_class"][0]
        .as_object_mut()
        .unwrap()
        .remove("recall")
        .unwrap();
    let read = Evaluation::from_json(&json.to_string(), "metrics.json").unwrap();
    assert_eq!(read.balanced_accuracy.to_string(), "n/a");
    assert_eq!(read.per_class[0].recall.to_string(), "n/a");
    assert_eq!(read.accuracy, evaluation.accuracy);
}

#[test]
fn a_metrics_file_that_is_none_is_refused_by_name() {
    let text = measure(&clips(6, 1, 0.3, 5)).to_json().unwrap();
    for (bad, part) in [
        ("{}".to_owned(), "missing field"),
        (
            text.replace("\"schema_version\": 1", "\"schema_version\": 7"),
            "schema_version 7",
        ),
        (
            text.replace("\"confusion\": [", "\"confusion\": [[],"),
            "confusion",
        ),
        (String::new(), "EOF"),
    ] {
        let error = Evaluation::from_json(&bad, "x/metrics.json")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(part) && error.contains("x/metrics.json"),
            "{part}: {error}"
        );
    }
}

#[test]
fn clips_that_do_not_fit_are_refused() {
    let new = |labels: &[usize], scores: &[Vec<f64>], recordings: &[&str]| {
        ScoredClips::new(labels, scores, recordings, &NAMES).unwrap_err()
    };
    let row = vec![0.2, 0.3, 0.5];
    assert_eq!(new(&[], &[], &[]), MetricsError::NoClips);
    assert!(matches!(new(&[0], &[], &["a"]), MetricsError::Lengths { .. }));
    assert!(matches!(
        new(&[3], std::slice::from_ref(&row), &["a"]),
        MetricsError::Label { label: 3, .. }
    ));
    assert!(matches!(
        new(&[0], &[vec![0.5]], &["a"]),
        MetricsError::Width { .. }
    ));
    let error = new(&[0], &[vec![0.5, f64::NAN, 0.5]], &["a"]);
    assert!(error.to_string().contains("\"CO_Smoke\" is NaN"), "{error}");
    let subset = ClassSubset {
        name: "s".to_owned(),
        classes: vec![3],
    };
    let clips = ScoredClips::new(&[0], &[row], &["a"], &NAMES).unwrap();
    assert!(Evaluation::measure(&clips, &[subset], Bootstrap::default()).is_err());
}

#[test]
fn a_better_score_set_is_told_from_a_worse_and_from_itself() {
    let (worse, better) = (clips(90, 2, 0.2, 1), clips(90, 2, 0.6, 1));
    let compare = |a, b| Comparison::measure(a, b, &[], Bootstrap { draws: 300, seed: 0 }).unwrap();
    let comparison = compare(&worse, &better);
    let auc = &comparison.differences[0];
    assert_eq!(auc.figure, "auc_weighted");
    assert_eq!(
        auc.difference.value,
        Some(auc.second.unwrap() - auc.first.unwrap())
    );
    assert!(auc.difference.low.unwrap() > 0.0);
    assert!(auc.two_sided_share.unwrap() < 0.05);
    // Pairing: the difference is surer than either value.
    assert!(width(auc.difference) < width(measure(&worse).auc_weighted));
    let none = &compare(&worse, &worse).differences[0];
    assert_eq!(
        (none.difference.value, none.two_sided_share),
        (Some(0.0), Some(1.0))
    );
}

#[test]
fn score_sets_of_other_clips_are_not_compared() {
    let ours = clips(9, 2, 0.2, 1);
    for theirs in [clips(12, 2, 0.2, 1), clips(18, 1, 0.2, 1)] {
        let error = Comparison::measure(&ours, &theirs, &[], Bootstrap::default()).unwrap_err();
        assert!(matches!(error, MetricsError::NotComparable(_)), "{error}");
    }
}
