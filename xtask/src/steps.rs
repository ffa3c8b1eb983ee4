//! The steps of CI, the cheapest first.

use std::path::Path;
use std::process::Command;

use crate::child::{self, cargo};
use crate::{Failure, cargo_deny, house_rules, onnx, readme};

/// One check: its name, what it does, and how.
#[derive(Debug)]
pub struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub check: fn(&Path) -> Result<(), Failure>,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every step, in the order in which CI runs them.
pub const STEPS: [Step; 9] = [
    Step {
        name: "toolchain",
        about: "Rust is as new as Cargo.toml asks, with rustfmt and clippy",
        check: toolchain,
    },
    Step {
        name: "format",
        about: "cargo fmt --all --check",
        check: format,
    },
    Step {
        name: "house-rules",
        about: "names, lengths and sizes of files, unfinished code, ignored tests, links in Markdown",
        check: house_rules::check,
    },
    Step {
        name: "deny",
        about: "cargo deny check bans licenses sources",
        check: cargo_deny::check,
    },
    Step {
        name: "clippy",
        about: "cargo clippy --workspace --all-targets -- -D warnings",
        check: clippy,
    },
    Step {
        name: "test",
        about: "the test command that README.md gives",
        check: test,
    },
    Step {
        name: "test-shared",
        about: "the same with the tests that need ../shared",
        check: test_shared,
    },
    Step {
        name: "onnx",
        about: "exported models in ONNX Runtime give Woofer's logits; needs ../shared, Python 3 and its package index",
        check: onnx::check,
    },
    Step {
        name: "doc",
        about: "cargo doc --workspace --no-deps --lib, no warnings",
        check: doc,
    },
];

/// The Rust version that Cargo.toml asks for; cargo refuses an older one before xtask is even built.
const WANTED: &str = env!("CARGO_PKG_RUST_VERSION");

fn toolchain(root: &Path) -> Result<(), Failure> {
    let version = child::output(Command::new("rustc").arg("--version").current_dir(root))?;
    println!("{version}");
    if !is_release(&version, WANTED) {
        println!(
            "note: CI uses Rust {WANTED}. Another release may warn of other things, and format otherwise."
        );
    }
    for tool in ["fmt", "clippy"] {
        let version = child::output(cargo(root).args([tool, "--version"]))
            .map_err(|reason| format!("{reason}\nto install it: rustup component add rustfmt clippy"))?;
        println!("{version}");
    }
    Ok(())
}

/// Whether `rustc --version` tells of a patch release of `wanted`, such as 1.95.2 of 1.95.
fn is_release(version: &str, wanted: &str) -> bool {
    version
        .strip_prefix("rustc ")
        .and_then(|rest| rest.strip_prefix(wanted))
        .is_some_and(|rest| rest.starts_with(['.', ' ']))
}

fn format(root: &Path) -> Result<(), Failure> {
    child::run(cargo(root).args(["fmt", "--all", "--check"]))
        .map_err(|reason| format!("{reason}\nto mend it: cargo fmt --all"))
}

fn clippy(root: &Path) -> Result<(), Failure> {
    child::run(cargo(root).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn test(root: &Path) -> Result<(), Failure> {
    child::run(cargo(root).args(readme::test_arguments(root)?))
}

fn test_shared(root: &Path) -> Result<(), Failure> {
    let mut arguments = readme::test_arguments(root)?;
    arguments.extend(["--".to_owned(), "--include-ignored".to_owned()]);
    child::run(cargo(root).args(arguments))
}

// Libraries only: the library `woofer` and the binary `woofer` would write to the same pages.
fn doc(root: &Path) -> Result<(), Failure> {
    let mut command = cargo(root);
    command
        .args(["doc", "--workspace", "--no-deps", "--lib"])
        .env("RUSTDOCFLAGS", "-D warnings");
    child::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_release_is_of_its_release_and_a_longer_number_is_not() {
        assert!(is_release("rustc 1.95.0 (59807616e 2026-04-14)", "1.95"));
        assert!(is_release("rustc 1.95.3", "1.95"));
        assert!(!is_release("rustc 1.96.0 (0123 2026-05-28)", "1.95"));
        assert!(!is_release("rustc 1.950.0", "1.95"));
    }

    #[test]
    fn the_names_of_steps_differ_and_are_no_commands() {
        for (i, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..i].iter().all(|other| other != step), "{}", step.name);
            assert!(!["ci", "setup", "help"].contains(&step.name));
        }
    }
}
