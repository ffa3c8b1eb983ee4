use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use woofer::features::{Examples, LogMelPlan};
use woofer::{Classifier, Logits};
use woofer_nn::{Bundle, Head, Model, Weights};

use crate::exit::Outcome;
use crate::logging;
use crate::output::Sink;

/// Runs `woofer model verify`.
pub fn run(models: &[PathBuf]) -> anyhow::Result<Outcome> {
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
