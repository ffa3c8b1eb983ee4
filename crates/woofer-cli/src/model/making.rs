use std::io::Write;
use std::path::Path;

use woofer::taxonomy::Taxonomy;
use woofer_nn::{Bundle, Contents, Imported};

use super::about::about;
use crate::exit::Outcome;
use crate::output::Sink;

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
