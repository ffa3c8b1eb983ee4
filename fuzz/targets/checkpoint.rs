//! Any bytes as a weight file: PyTorch's formats, safetensors, and what only looks like one of them.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use woofer_nn::{Weights, import};

/// A file of this process, in memory where the system has a place for that.
fn file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let root = if memory.is_dir() {
            memory
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::tempdir_in(root).expect("a temporary folder").keep();
        folder.join("weights")
    })
}

fuzz_target!(|data: &[u8]| {
    fs::write(file(), data).expect("a weight file");
    let Ok(weights) = Weights::open(file()) else {
        return;
    };
    let mut taken = weights.clone();
    let names: Vec<String> = weights.names().map(str::to_owned).collect();
    for name in names {
        let shape = weights.shape(&name).expect("a tensor that is listed").to_vec();
        // A view of one value as a gigabyte is allowed, and takes its time.
        if shape.iter().product::<usize>() > 1 << 16 {
            continue;
        }
        if let Ok(values) = taken.take(&name, &shape) {
            assert_eq!(values.len(), shape.iter().product::<usize>());
            assert!(values.iter().all(|value| value.is_finite()));
        }
    }
    let _ = import(weights);
});
