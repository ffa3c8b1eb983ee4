//! Metrics against scikit-learn's numbers, made by `testdata/golden/generate.py`.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::Path;

use safetensors::SafeTensors;
use serde_json::Value;
use woofer::metrics::{ScoredClips, average_precision, log_loss};

struct Case {
    expected: Value,
    classes: usize,
    labels: Vec<usize>,
    scores: Vec<Vec<f64>>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden");
    let bytes = std::fs::read(folder.join("metrics.safetensors")).unwrap();
    let arrays = SafeTensors::deserialize(&bytes).unwrap();
    let text = std::fs::read_to_string(folder.join("metrics.json")).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(expected.len(), 4);
    let case = |(c, expected): (usize, Value)| {
        let words = |name: &str| -> Vec<[u8; 8]> {
            let data = arrays.tensor(&format!("{c}/{name}")).unwrap().data();
            data.chunks_exact(8).map(|b| b.try_into().unwrap()).collect()
        };
        let classes = usize::try_from(expected["classes"].as_u64().unwrap()).unwrap();
        let label = |b| usize::try_from(i64::from_le_bytes(b)).unwrap();
        let scores: Vec<f64> = words("scores").into_iter().map(f64::from_le_bytes).collect();
        Case {
            expected,
            classes,
            labels: words("labels").into_iter().map(label).collect(),
            scores: scores.chunks(classes).map(<[f64]>::to_vec).collect(),
        }
    };
    expected.into_iter().enumerate().map(case).collect()
}

#[track_caller]
fn close(ours: Option<f64>, theirs: &Value) {
    let (ours, theirs) = (ours.unwrap(), theirs.as_f64().unwrap());
    assert!((ours - theirs).abs() < 1e-12, "{ours} for {theirs}");
}

#[track_caller]
fn all_close(ours: &[Option<f64>], theirs: &Value) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        close(*ours, theirs);
    }
}

#[test]
fn all_figures_equal_scikit_learns_with_and_without_ties() {
    for case in cases() {
        let names: Vec<String> = (0..case.classes).map(|i| i.to_string()).collect();
        let recordings: Vec<String> = (0..case.labels.len()).map(|i| i.to_string()).collect();
        let clips = ScoredClips::new(&case.labels, &case.scores, &recordings, &names).unwrap();
        let figures = clips.figures();
        close(figures.auc_weighted(), &case.expected["auc_ovr_weighted"]);
        close(figures.auc_macro(), &case.expected["auc_ovr_macro"]);
        all_close(&figures.auc, &case.expected["auc_per_class"]);
        all_close(&figures.average_precision, &case.expected["ap_per_class"]);
        close(figures.accuracy, &case.expected["accuracy"]);
        close(figures.balanced_accuracy(), &case.expected["balanced_accuracy"]);
        close(figures.f1_macro(), &case.expected["f1_macro"]);
        close(figures.log_loss, &case.expected["log_loss"]);
        let confusion: Vec<Vec<u64>> = serde_json::from_value(case.expected["confusion"].clone()).unwrap();
        assert_eq!(clips.confusion().rows(), confusion);
    }
}

#[test]
fn figures_on_their_own_equal_those_of_scored_clips() {
    for case in cases() {
        close(log_loss(&case.labels, &case.scores), &case.expected["log_loss"]);
        let scored = case
            .labels
            .iter()
            .zip(&case.scores)
            .map(|(&label, row)| (row[0], label == 0));
        close(average_precision(scored), &case.expected["ap_per_class"][0]);
    }
}
