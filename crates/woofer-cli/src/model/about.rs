use std::io::Write;
use std::path::Path;

use serde_json::json;
use woofer::Mean;
use woofer::features::Hearing;
use woofer_nn::{Architecture, Bundle, Description, Imported, Weights, import};

use crate::exit::Outcome;
use crate::output::{Sink, TextTable, table};

/// Runs `woofer model info`.
pub fn run(path: &Path, as_json: bool) -> anyhow::Result<Outcome> {
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

/// A hearing, for people.
const fn told(hearing: Hearing) -> &'static str {
    match hearing {
        Hearing::Plain => "as it is",
        Hearing::Dereverberated => "without late reverberation",
        Hearing::Quieter => "12 dB quieter and 0.16 s later",
        Hearing::Expanded => "with what is faint fainter still",
        Hearing::ExpandedDereverberated => "with what is faint fainter still, without late reverberation",
        Hearing::ExpandedQuieter => "with what is faint fainter still, 12 dB quieter and 0.16 s later",
    }
}

/// What a model is, for people.
pub fn about(d: &Description) -> TextTable {
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
    if d.level_segments {
        rows.add_row(["level", "each segment brought to one level"]);
    }
    if d.hearings != Hearing::ONCE {
        let hearings: Vec<&str> = d.hearings.iter().map(|hearing| told(*hearing)).collect();
        let mean_of = if hearings.len() > 1 { "mean of " } else { "" };
        rows.add_row(["hearings", &format!("{mean_of}{}", hearings.join("; "))]);
    }
    if d.mean == Mean::Geometric {
        rows.add_row(["mean", "geometric, over hearings, copies and windows"]);
    }
    if d.rest_weight < 1.0 {
        let weights = format!("count {} where nothing but the rest is heard", d.rest_weight);
        rows.add_row(["windows", &weights]);
    }
    let classes = d.taxonomy.as_ref().map_or_else(
        || "AudioSet's own".to_owned(),
        |t| {
            let names: Vec<&str> = t.classes.iter().map(|c| c.name.as_str()).collect();
            format!("{} ({}): {}", t.name, names.len(), names.join(", "))
        },
    );
    rows.add_row(["classes", &classes]);
    let of_classes = d.taxonomy.iter().flat_map(|t| &t.classes);
    let lasting = of_classes.filter_map(|c| Some(format!("{} {} s", c.name, c.min_event_s?)));
    let lasting: Vec<String> = lasting.collect();
    if !lasting.is_empty() {
        rows.add_row(["shortest event", &lasting.join(", ")]);
    }
    for (file, sha256) in d.weights.files() {
        rows.add_row(["weights", &format!("{file}, SHA-256 {sha256}")]);
    }
    rows.add_row(["weights by", d.source.origin.as_deref().unwrap_or("not recorded")]);
    rows.add_row([
        "imported from",
        &format!("{}, SHA-256 {}", d.source.file, d.source.sha256),
    ]);
    if let Some(model) = &d.source.model {
        rows.add_row(["by way of", model]);
    }
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

fn network_rows(rows: &mut TextTable, architecture: Architecture) {
    let front_end = architecture.front_end();
    rows.add_row(["network", &architecture.to_string()]);
    rows.add_row(["parameters", &architecture.parameters().to_string()]);
    rows.add_row(["features", &format!("{front_end}, {} Hz", front_end.rate_hz())]);
}
