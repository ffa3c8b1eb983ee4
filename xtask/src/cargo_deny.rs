//! cargo-deny: licences, sources and versions of the dependencies, by the rules of `deny.toml`.

use std::path::Path;

use crate::Failure;
use crate::child::{self, cargo};

/// The version that CI installs.
const VERSION: &str = "0.20.2";

/// Checks the dependencies.
pub fn check(root: &Path) -> Result<(), Failure> {
    match installed(root) {
        None => return Err("cargo-deny is not installed; to install it: cargo xtask setup".to_owned()),
        Some(version) if version != VERSION => println!("note: cargo-deny {version}; CI uses {VERSION}"),
        Some(_) => {}
    }
    child::run(cargo(root).args([
        "deny",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// Installs cargo-deny, unless this version is there already.
pub fn install(root: &Path) -> Result<(), Failure> {
    if installed(root).as_deref() == Some(VERSION) {
        println!("cargo-deny {VERSION} is installed");
        return Ok(());
    }
    let mut command = cargo(root);
    // Without optimisation it takes half as long to build, and still only seconds to run.
    command.args([
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--debug",
        "--force",
    ]);
    // cargo then builds in a temporary folder of its own and removes it.
    command.env_remove("CARGO_TARGET_DIR");
    child::run(&mut command)
}

/// The installed version, such as `0.20.2`.
fn installed(root: &Path) -> Option<String> {
    let version = child::output(cargo(root).args(["deny", "--version"])).ok()?;
    Some(version.strip_prefix("cargo-deny ")?.to_owned())
}
