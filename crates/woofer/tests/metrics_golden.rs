//! ROC AUC against scikit-learn's numbers, made by `testdata/golden/generate.py`.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::Path;

use safetensors::SafeTensors;
use woofer::metrics::one_vs_rest;

#[test]
fn auc_equals_scikit_learns_with_and_without_ties() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden");
    let bytes = std::fs::read(folder.join("metrics.safetensors")).unwrap();
    let arrays = SafeTensors::deserialize(&bytes).unwrap();
    let text = std::fs::read_to_string(folder.join("metrics.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 4);
    for (c, case) in cases.iter().enumerate() {
        let words = |name: &str| -> Vec<[u8; 8]> {
            let data = arrays.tensor(&format!("{c}/{name}")).unwrap().data();
            data.chunks_exact(8).map(|b| b.try_into().unwrap()).collect()
        };
        let classes = usize::try_from(case["classes"].as_u64().unwrap()).unwrap();
        let labels: Vec<usize> = words("labels")
            .into_iter()
            .map(|b| usize::try_from(i64::from_le_bytes(b)).unwrap())
            .collect();
        let scores: Vec<f64> = words("scores").into_iter().map(f64::from_le_bytes).collect();
        let scores: Vec<Vec<f64>> = scores.chunks(classes).map(<[f64]>::to_vec).collect();
        let auc = one_vs_rest(&labels, &scores, classes);
        let close = |ours: Option<f64>, theirs: &serde_json::Value| {
            let (ours, theirs) = (ours.unwrap(), theirs.as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-12, "case {c}: {ours} for {theirs}");
        };
        close(auc.weighted(), &case["auc_ovr_weighted"]);
        close(auc.macro_mean(), &case["auc_ovr_macro"]);
        for (ours, theirs) in auc
            .per_class
            .iter()
            .zip(case["auc_per_class"].as_array().unwrap())
        {
            close(*ours, theirs);
        }
    }
}
