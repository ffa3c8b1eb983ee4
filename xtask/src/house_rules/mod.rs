//! Rules of this project that no other tool checks. Each rule is a file here.
//!
//! A rule returns what breaks it, one line each, with the path first.

mod file_names;
mod file_sizes;
mod ignored_tests;
mod links;
mod source_length;
mod unfinished;

use std::path::Path;

use crate::{Failure, tree};

/// Checks every rule and prints all that breaks one.
pub fn check(root: &Path) -> Result<(), Failure> {
    let files = tree::files(root)?;
    let mut faults = file_sizes::faults(&files)?;
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in &files {
        if file.has_extension("rs") {
            let text = file.text()?;
            faults.extend(file_names::fault(&file.path));
            faults.extend(source_length::fault(&file.path, &text));
            faults.extend(unfinished::faults(&file.path, &text));
            faults.extend(ignored_tests::faults(&file.path, &text));
        }
        if file.has_extension("md") {
            faults.extend(links::faults(&file.path, &file.text()?, &paths));
        }
    }
    println!("{} files looked at", files.len());
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("{} faults", faults.len()))
    }
}
