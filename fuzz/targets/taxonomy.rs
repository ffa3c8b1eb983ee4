//! Any text as a taxonomy: what is taken has no fault, stays the same when it is written and read again, and scores.

#![no_main]

use libfuzzer_sys::fuzz_target;
use woofer::taxonomy::{ClassScores, Taxonomy};

fuzz_target!(|text: &str| {
    let Ok(taxonomy) = Taxonomy::parse(text, "fuzz.toml") else {
        return;
    };
    assert_eq!(taxonomy.fault(), None);
    assert!(taxonomy.rest().is_none_or(|rest| rest < taxonomy.classes.len()));
    let written = toml::to_string(&taxonomy).expect("a taxonomy can be written");
    assert_eq!(Taxonomy::parse(&written, "again.toml").expect(&written), taxonomy);
    let fine = taxonomy.fine_labels().len();
    let scores = ClassScores::sum_of_fine(&taxonomy).apply(&vec![0.5 / fine as f32; fine]);
    assert_eq!(scores.len(), taxonomy.classes.len());
    // As an untrained network is mapped, here one of four labels.
    if let Ok(mapping) =
        ClassScores::of_audioset(&taxonomy, &["/m/05tny_", "/m/07qf0zm", "/m/04rlf", "/m/09x0r"])
    {
        let scores = mapping.apply(&[0.9, 0.0, 1.0, 0.3]);
        assert!(
            scores.len() == taxonomy.classes.len() && scores.iter().all(|score| (0.0..=1.0).contains(score))
        );
    }
    for class in &taxonomy.classes {
        let _ = class.rgb();
    }
});
