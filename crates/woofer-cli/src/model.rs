use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use comfy_table::Table;
use serde_json::json;
use woofer::features::{Examples, LogMelPlan};
use woofer::taxonomy::Taxonomy;
use woofer::{Classifier, Logits};
use woofer_nn::{Architecture, Bundle, Contents, Head, Imported, Model, Weights, export_onnx, import};

use crate::args::ModelCommand;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, table};

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
        ModelCommand::Fetch(args) => crate::fetch::run(args),
        ModelCommand::Info { model, json } => info(model, *json),
        ModelCommand::Verify { models } => verify(models),
        ModelCommand::Export { model, onnx, force } => export(model, onnx, *force),
        ModelCommand::List { folders } => list(folders),
    }
}

fn import_file(file: &Path, taxonomy: Option<&str>, output: &Path, force: bool) -> anyhow::Result<Outcome> {
    make(import(Weights::open(file)?)?, taxonomy, output, force)
}

/// Makes a model of imported weights and says what it is.
pub fn make(
    imported: Imported,
    taxonomy: Option<&str>,
    output: &Path,
    force: bool,
) -> anyhow::Result<Outcome> {
    let taxonomy = taxonomy.map(Taxonomy::open).transpose()?;
    if let (Some(taxonomy), Some(list)) = (&taxonomy, imported.architecture.label_list()) {
        let mids: Vec<&str> = list.labels().iter().map(|label| label.mid).collect();
        woofer::taxonomy::ClassScores::of_audioset(taxonomy, &mids)?;
    }
    let bundle = Bundle::create(output, &Contents::imported(imported, taxonomy), force)?;
    let mut out = Sink::open(None)?;
    writeln!(out, "{}", about(bundle.description()))?;
    writeln!(out, "\nwritten to {}", bundle.path().display())?;
    out.finish()?;
    Ok(Outcome::Done)
}

fn info(path: &Path, as_json: bool) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(None)?;
    if path.is_file() {
        let Imported {
            architecture,
            weights,
            origin,
        } = import(Weights::open(path)?)?;
        if as_json {
            let facts = json!({
                "schema_version": 1,
                "file": path.display().to_string(),
                "sha256": weights.sha256(),
                "architecture": architecture,
                "front_end": architecture.front_end(),
                "parameters": architecture.parameters(),
                "origin": origin,
            });
            writeln!(out, "{facts:#}")?;
        } else {
            let mut rows = table(["weight file", &path.display().to_string()]);
            network_rows(&mut rows, architecture);
            rows.add_row(["format", &weights.format().to_string()]);
            rows.add_row(["SHA-256", weights.sha256().unwrap_or_default()]);
            rows.add_row(["weights by", origin.unwrap_or("not recorded")]);
            writeln!(out, "{rows}")?;
        }
    } else {
        let bundle = Bundle::open(path)?;
        if as_json {
            writeln!(out, "{:#}", json!(bundle.description()))?;
        } else {
            writeln!(out, "{}", about(bundle.description()))?;
            // What stands before the first heading is in the table.
            let card = bundle.card().unwrap_or_default();
            if let Some(begin) = card.find("\n## ") {
                writeln!(out, "{}", card[begin..].trim_end())?;
            }
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn about(d: &woofer_nn::Description) -> Table {
    let mut rows = table(["model", &d.name]);
    network_rows(&mut rows, d.architecture);
    let networks = d.weights.sha256.len();
    if networks > 1 {
        let ensemble = format!("{networks} such networks, whose scores are averaged");
        rows.add_row(["ensemble", &ensemble]);
    }
    if d.architecture.label_list().is_none() {
        rows.add_row(["temperature", &d.temperature.to_string()]);
    }
    if d.shifts_s != [0.0] {
        let shifts: Vec<String> = d.shifts_s.iter().map(ToString::to_string).collect();
        let shifts = format!("mean of copies that start {} s late", shifts.join(", "));
        rows.add_row(["shifts", &shifts]);
    }
    let classes = d.taxonomy.as_ref().map_or_else(
        || "AudioSet's own".to_owned(),
        |t| {
            let names: Vec<&str> = t.classes.iter().map(|c| c.name.as_str()).collect();
            format!("{} ({}): {}", t.name, names.len(), names.join(", "))
        },
    );
    rows.add_row(["classes", &classes]);
    for (file, sha256) in d.weights.files() {
        rows.add_row(["weights", &format!("{file}, SHA-256 {sha256}")]);
    }
    rows.add_row(["weights by", d.source.origin.as_deref().unwrap_or("not recorded")]);
    rows.add_row([
        "imported from",
        &format!("{}, SHA-256 {}", d.source.file, d.source.sha256),
    ]);
    if d.thresholds.is_some() {
        rows.add_row([
            "modes",
            "sensitive, balanced, quiet: thresholds of its own for each class",
        ]);
    }
    if let Some(t) = &d.training {
        let trained = format!(
            "on {} clips of {} recordings, recipe {}, folds: {}",
            t.clips, t.recordings, t.recipe.name, t.folds
        );
        rows.add_row(["trained", &trained]);
    }
    rows.add_row(["written by", &format!("woofer {}", d.woofer_version)]);
    rows
}

fn network_rows(rows: &mut Table, architecture: Architecture) {
    let front_end = architecture.front_end();
    rows.add_row(["network", &architecture.to_string()]);
    rows.add_row(["parameters", &architecture.parameters().to_string()]);
    rows.add_row(["features", &format!("{front_end}, {} Hz", front_end.rate_hz())]);
}

fn verify(models: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(None)?;
    let mut failed = 0;
    for path in models {
        match verify_one(path) {
            Ok(found) => writeln!(out, "{}: whole and running: {found}", path.display())?,
            Err(error) => {
                failed += 1;
                logging::error(&format!("{error:#}"));
            }
        }
    }
    out.finish()?;
    Ok(match failed {
        0 => Outcome::Done,
        n if n < models.len() => Outcome::SomeFailed,
        _ => Outcome::NothingDone,
    })
}

/// Loads a bundle as `classify` would and lets it score a second of a tone.
fn verify_one(path: &Path) -> anyhow::Result<String> {
    let bundle = Bundle::open(path)?;
    bundle.card()?;
    if bundle.description().architecture.head == Head::None {
        let tensors: usize = bundle.members()?.iter().map(Weights::len).sum();
        return Ok(format!("{tensors} tensors, an embedding without a classifier"));
    }
    let model: Arc<dyn Classifier> = Arc::new(Model::from_bundle(&bundle)?);
    let rate = model.front_end().rate_hz() as usize;
    let tone: Vec<f32> = (0..rate).map(|t| (t as f32 * 0.1).sin() * 0.5).collect();
    let examples = Examples::new(&LogMelPlan::new(model.front_end()), &tone);
    let logits = model
        .logits(&[examples])
        .map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?;
    let finite = logits
        .iter()
        .flat_map(Logits::rows)
        .flatten()
        .all(|v| v.is_finite());
    anyhow::ensure!(
        finite,
        "{}: the network gives numbers that are not finite",
        path.display()
    );
    let d = bundle.description();
    let networks = match d.weights.sha256.len() {
        1 => String::new(),
        n => format!("ensemble of {n}, "),
    };
    Ok(format!(
        "{networks}{}, {} labels, SHA-256 {}",
        d.architecture,
        model.labels().len(),
        d.weights.sha256.join(", ")
    ))
}

fn export(model: &Path, file: &Path, force: bool) -> anyhow::Result<Outcome> {
    let written = export_onnx(&file_name(model), &Contents::open(model)?, file, force)?;
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

/// The last part of a path.
fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
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
