//! Curves, calibration, weighted figures and the temperature against scikit-learn and scipy, by
//! `testdata/metrics/generate.py`.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use serde_json::Value;
use woofer::metrics::{ScoredClips, fit_temperature, log_loss};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../testdata/metrics/sklearn.json")).unwrap()
}

fn list<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

/// The golden clips, each as often as `times` says: to scikit-learn that is a sample weight.
fn clips(golden: &Value, times: impl Fn(usize) -> usize) -> ScoredClips {
    let labels: Vec<usize> = list(&golden["labels"]);
    let scores: Vec<Vec<f64>> = list(&golden["scores"]);
    let places: Vec<usize> = (0..labels.len()).flat_map(|i| vec![i; times(i)]).collect();
    ScoredClips::new(
        &places.iter().map(|&i| labels[i]).collect::<Vec<_>>(),
        &places.iter().map(|&i| scores[i].clone()).collect::<Vec<_>>(),
        &places.iter().map(ToString::to_string).collect::<Vec<_>>(),
        &["a", "b", "c", "d"],
    )
    .unwrap()
}

#[track_caller]
fn close(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() < 1e-12, "{ours} for {theirs}");
}

#[test]
fn roc_curves_have_scikit_learns_points() {
    let golden = golden();
    let clips = clips(&golden, |_| 1);
    for (class, theirs) in golden["curves"].as_array().unwrap().iter().enumerate() {
        let points = clips.roc_curve(class);
        assert_eq!(points.len(), theirs["fpr"].as_array().unwrap().len());
        assert!(points[0].threshold.is_infinite());
        for (i, point) in points.iter().enumerate() {
            close(point.false_positive_rate, &theirs["fpr"][i]);
            close(point.true_positive_rate, &theirs["tpr"][i]);
            if i > 0 {
                close(point.threshold, &theirs["threshold"][i]);
            }
        }
    }
}

#[test]
fn precision_recall_curves_have_scikit_learns_points() {
    let golden = golden();
    let clips = clips(&golden, |_| 1);
    for (class, theirs) in golden["curves"].as_array().unwrap().iter().enumerate() {
        let points = clips.precision_recall_curve(class);
        assert_eq!(points.len(), theirs["pr_threshold"].as_array().unwrap().len());
        for (i, point) in points.iter().rev().enumerate() {
            close(point.precision, &theirs["precision"][i]);
            close(point.recall, &theirs["recall"][i]);
            close(point.threshold, &theirs["pr_threshold"][i]);
        }
    }
}

#[test]
fn reliability_has_scikit_learns_points_where_there_are_clips() {
    let golden = golden();
    let reliability = clips(&golden, |_| 1).reliability();
    let bins: Vec<_> = reliability.bins.iter().filter(|bin| bin.clips > 0).collect();
    assert_eq!(
        bins.len(),
        golden["calibration"]["fraction"].as_array().unwrap().len()
    );
    for (i, bin) in bins.iter().enumerate() {
        close(bin.accuracy.unwrap(), &golden["calibration"]["fraction"][i]);
        close(bin.confidence.unwrap(), &golden["calibration"]["confidence"][i]);
    }
    close(
        reliability.calibration_error().unwrap(),
        &golden["calibration"]["error"],
    );
}

#[test]
fn clips_that_are_drawn_again_count_as_scikit_learns_sample_weights() {
    let golden = golden();
    let weights: Vec<usize> = list(&golden["weights"]);
    let figures = clips(&golden, |i| weights[i]).figures();
    let theirs = &golden["weighted"];
    close(figures.auc_weighted().unwrap(), &theirs["auc_weighted"]);
    close(figures.auc_macro().unwrap(), &theirs["auc_macro"]);
    close(figures.accuracy.unwrap(), &theirs["accuracy"]);
    close(figures.balanced_accuracy().unwrap(), &theirs["balanced_accuracy"]);
    close(figures.log_loss.unwrap(), &theirs["log_loss"]);
    close(figures.calibration_error.unwrap(), &theirs["calibration_error"]);
    for class in 0..4 {
        close(figures.auc[class].unwrap(), &theirs["auc_per_class"][class]);
        close(
            figures.average_precision[class].unwrap(),
            &theirs["ap_per_class"][class],
        );
        close(figures.f1[class].unwrap(), &theirs["f1_per_class"][class]);
    }
}

#[test]
fn a_class_held_to_be_impossible_costs_what_scikit_learn_says() {
    let loss = log_loss(&[0, 1], &[vec![0.0, 1.0], vec![0.0, 1.0]]).unwrap();
    close(loss, &golden()["certain_log_loss"]);
}

#[test]
fn the_temperature_is_that_of_scipys_minimiser() {
    let golden = golden();
    let logits: Vec<Vec<f64>> = list(&golden["logits"]);
    let labels: Vec<usize> = list(&golden["labels"]);
    let classes: Vec<usize> = (0..logits[0].len()).collect();
    let fit = fit_temperature(&logits, &classes, &labels).unwrap();
    let theirs = &golden["temperature"];
    close(fit.log_loss, &theirs["log_loss"]);
    close(fit.log_loss_at_one, &theirs["log_loss_at_one"]);
    // The minimum is flat: half of the digits of the loss are known of its place.
    let relative = fit.temperature / theirs["temperature"].as_f64().unwrap() - 1.0;
    assert!(relative.abs() < 1e-6, "{relative}");
}
