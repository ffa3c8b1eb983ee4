//! `woofer model`: models fetched, imported, looked at, checked, tuned to a home and written for other programs.

mod about;
mod args;
mod fetch;
mod making;
mod tune;
mod verify;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use woofer_nn::{Bundle, Contents, Weights, export_onnx, import};

use crate::exit::Outcome;
use crate::folders::last_part;
use crate::logging;
use crate::output::{Sink, replaced_by, table};
pub use args::ModelCommand;
use making::make;

/// Runs `woofer model`.
pub fn run(command: &ModelCommand) -> anyhow::Result<Outcome> {
    match command {
        ModelCommand::Distill(args) => crate::train::distill(args),
        ModelCommand::Import {
            file,
            taxonomy,
            output,
            force,
        } => import_file(file, taxonomy.as_deref(), output, *force),
        ModelCommand::Fetch(args) => fetch::run(args),
        ModelCommand::Info { model, json } => about::run(model, *json),
        ModelCommand::Verify { models } => verify::run(models),
        ModelCommand::Export { model, onnx, force } => export(model, onnx, *force),
        ModelCommand::Tune(args) => tune::run(args),
        ModelCommand::List { folders } => list(folders),
    }
}

fn import_file(file: &Path, taxonomy: Option<&str>, output: &Path, force: bool) -> anyhow::Result<Outcome> {
    make(import(Weights::open(file)?)?, taxonomy, output, force)
}

fn export(model: &Path, file: &Path, force: bool) -> anyhow::Result<Outcome> {
    let is_replaced = replaced_by(Some(file));
    if let Some(own) = own_files(model).iter().find(|own| is_replaced(own)) {
        bail!(
            "--onnx {}: would replace {}, which the model is read from; name another file",
            file.display(),
            own.display()
        );
    }
    let written = export_onnx(&last_part(model), &Contents::open(model)?, file, force)?;
    let mut rows = table(["ONNX file", &written.path.display().to_string()]);
    rows.add_row(["input", &written.input]);
    for output in &written.outputs {
        rows.add_row(["output", output]);
    }
    rows.add_row(["SHA-256", &written.sha256]);
    let mut out = Sink::open(None)?;
    writeln!(out, "{rows}")?;
    out.finish()?;
    Ok(Outcome::Done)
}

/// The files that a model is read from; an ONNX file beside them is none.
fn own_files(model: &Path) -> Vec<PathBuf> {
    let Ok(folder) = model.read_dir() else {
        return vec![model.to_owned()];
    };
    let files = folder.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .filter(|file| file.extension().is_none_or(|ending| ending != "onnx"))
        .collect()
}

fn list(folders: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut rows = table(["model", "network", "classes", "parameters", "folder"]);
    let mut refused = 0;
    for folder in folders {
        for path in bundles_in(folder)? {
            match Bundle::open(&path) {
                Ok(bundle) => {
                    let d = bundle.description();
                    rows.add_row([
                        d.name.clone(),
                        d.architecture.to_string(),
                        d.taxonomy
                            .as_ref()
                            .map_or_else(|| "AudioSet's own".to_owned(), |t| t.name.clone()),
                        (d.weights.parameters.saturating_mul(d.weights.sha256.len())).to_string(),
                        path.display().to_string(),
                    ]);
                }
                Err(error) => {
                    refused += 1;
                    logging::error(&format!("{error:#}"));
                }
            }
        }
    }
    if rows.row_count() == 0 {
        let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        logging::warning(&format!(
            "no model in {}; `woofer model import` makes one",
            folders.join(", ")
        ));
    } else {
        let mut out = Sink::open(None)?;
        writeln!(out, "{rows}")?;
        out.finish()?;
    }
    Ok(if refused > 0 {
        Outcome::SomeFailed
    } else {
        Outcome::Done
    })
}

/// The folder itself if it is a bundle, else those of its folders that are.
fn bundles_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if Bundle::is_at(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let unreadable = || format!("{}: the folder cannot be read", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if Bundle::is_at(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
