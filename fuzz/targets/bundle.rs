//! Any text as the `model.toml` of a model whose weights are there: what is taken can be built, and names its classes.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use woofer::Classifier as _;
use woofer::events::ModeThresholds;
use woofer::taxonomy::Taxonomy;
use woofer_nn::{Architecture, Backbone, Bundle, Contents, Head, Model, SourceRecord, Weights};

/// A bundle of the smallest network, all zeros.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let root = if memory.is_dir() {
            memory
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(root)
            .expect("a temporary folder")
            .keep()
            .join("bundle");
        let architecture = Architecture {
            backbone: Backbone::Mn { width_tenths: 1 },
            head: Head::Linear { classes: 15 },
        };
        let member = |value: f32| {
            let mut weights = Weights::new("zeros");
            for (name, shape) in architecture.tensors() {
                let values = vec![value; shape.iter().product()];
                weights
                    .insert(&name, &shape, values)
                    .expect("a tensor of the network");
            }
            weights
        };
        let contents = Contents {
            architecture,
            members: vec![member(0.0)],
            temperature: 5.0,
            shifts_s: vec![0.0, 0.2],
            level_segments: true,
            source: SourceRecord {
                file: "zeros".to_owned(),
                sha256: "0".repeat(64),
                origin: Some("nobody".to_owned()),
            },
            taxonomy: Some(Taxonomy::open("tomofun").expect("it is built in")),
            thresholds: Some(thresholds()),
            training: None,
            measured: None,
        };
        Bundle::create(&folder, &contents, false).expect("a bundle");
        folder
    })
}

fn thresholds() -> ModeThresholds {
    let of = |score: f32| [("Barking".to_owned(), score)].into_iter().collect();
    ModeThresholds {
        sensitive: of(0.25),
        balanced: of(0.5),
        quiet: of(0.75),
    }
}

/// Writes the description that fits the weights into the folder that `WOOFER_FUZZ_SEEDS` names, to start from.
fn write_seed() {
    if let Some(seeds) = std::env::var_os("WOOFER_FUZZ_SEEDS") {
        fs::copy(
            folder().join("model.toml"),
            PathBuf::from(seeds).join("model.toml"),
        )
        .expect("a seed");
    }
}

fuzz_target!(init: write_seed(), |text: &[u8]| {
    let folder = folder();
    fs::write(folder.join("model.toml"), text).expect("a description");
    let Ok(bundle) = Bundle::open(folder) else {
        return;
    };
    let _ = bundle.card();
    if let Ok(model) = Model::from_bundle(&bundle) {
        assert_eq!(model.labels().len(), 15);
        let _ = model.class_scores(None);
        let _ = model.class_scores(Taxonomy::open("tomofun").ok().as_ref());
    }
});
