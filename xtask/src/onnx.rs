//! Exported models in ONNX Runtime, which is a Python package: `testdata/onnx/check.py` in a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::child::{self, cargo};

/// What the virtual environment holds, below the workspace's folder.
const REQUIREMENTS: &str = "testdata/onnx/requirements.txt";

/// Writes the cases, then compares them.
pub fn check(root: &Path) -> Result<(), Failure> {
    let target = target_folder()?;
    let python = virtual_environment(root, &target.join("onnx-venv"))?;
    // Built with the workspace: by itself the crate would have other features, and burn would be built anew.
    child::run(cargo(root).args(["build", "--workspace", "--example", "onnx_cases"]))?;
    let cases = target.join("onnx-cases");
    let program = target.join("debug/examples/onnx_cases");
    child::run(
        Command::new(program)
            .arg(root.join("../shared"))
            .arg(&cases)
            .current_dir(root),
    )?;
    child::run(
        Command::new(python)
            .arg(root.join("testdata/onnx/check.py"))
            .arg(&cases)
            .current_dir(root),
    )
}

/// The folder that cargo builds in: xtask itself lies in `debug` there.
fn target_folder() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().map_err(|error| format!("xtask cannot find itself: {error}"))?;
    let folder = program.parent().and_then(Path::parent);
    folder
        .map(Path::to_owned)
        .ok_or_else(|| format!("{} is in no folder of builds", program.display()))
}

/// The Python of an environment with the packages of [`REQUIREMENTS`], made anew when these have changed.
fn virtual_environment(root: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let (bin, python) = if cfg!(windows) {
        ("Scripts", "python")
    } else {
        ("bin", "python3")
    };
    let (inside, requirements) = (folder.join(bin).join(python), root.join(REQUIREMENTS));
    let wanted = fs::read_to_string(&requirements)
        .map_err(|error| format!("{}: cannot be read: {error}", requirements.display()))?;
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).ok().as_deref() == Some(&wanted) {
        return Ok(inside);
    }
    child::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))
        .map_err(|reason| format!("{reason}\nPython 3 with its module venv is needed for this step"))?;
    let packages = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
    ];
    child::run(Command::new(&inside).args(packages).arg(&requirements))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: cannot be written: {error}", stamp.display()))?;
    Ok(inside)
}
