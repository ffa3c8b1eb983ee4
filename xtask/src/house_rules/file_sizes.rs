//! Git keeps every version of a file for ever: large ones stay out.

use crate::Failure;
use crate::tree::File;

/// Largest file that may be committed, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// The files that are too large.
pub fn faults(files: &[File]) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    for file in files {
        let bytes = std::fs::metadata(&file.place)
            .map_err(|error| format!("{}: {error}", file.path))?
            .len();
        faults.extend(fault(&file.path, bytes));
    }
    Ok(faults)
}

fn fault(path: &str, bytes: u64) -> Option<String> {
    (bytes > MAX_BYTES).then(|| format!("{path}: {bytes} bytes; at most {MAX_BYTES} (4 MiB) go into git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_mebibytes_are_the_most() {
        assert_eq!(fault("a.bin", MAX_BYTES), None);
        assert!(fault("a.bin", MAX_BYTES + 1).is_some_and(|text| text.contains("a.bin: 4194305")));
    }
}
