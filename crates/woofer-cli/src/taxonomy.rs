use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use comfy_table::Table;
use woofer::taxonomy::Taxonomy;

use crate::exit::Outcome;
use crate::output::{Sink, table};

#[derive(Debug, Subcommand)]
pub enum TaxonomyCommand {
    /// List the built-in taxonomies
    List,
    /// Print a built-in taxonomy as a file, to start one's own from
    Show {
        /// Its name
        name: String,
    },
    /// Check a taxonomy and say what it holds
    Check {
        /// A built-in taxonomy or a file
        #[arg(value_name = "NAME|FILE")]
        taxonomy: String,
    },
}

/// Runs `woofer taxonomy`.
pub fn run(command: &TaxonomyCommand) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(None)?;
    match command {
        TaxonomyCommand::List => {
            for name in Taxonomy::built_in_names() {
                writeln!(out, "{name}  {}", Taxonomy::open(name)?.description)?;
            }
        }
        TaxonomyCommand::Show { name } => match Taxonomy::built_in_text(name) {
            Some(text) => out.write_all(text.as_bytes())?,
            None => bail!(
                "{name}: there is no built-in taxonomy of this name; there are: {}",
                Taxonomy::built_in_names().collect::<Vec<_>>().join(", ")
            ),
        },
        TaxonomyCommand::Check { taxonomy } => {
            let taxonomy = Taxonomy::open(taxonomy)?;
            writeln!(out, "{}", overview(&taxonomy))?;
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

fn overview(taxonomy: &Taxonomy) -> Table {
    let mut rows = table([
        "id",
        "class",
        "colour",
        "shortest event",
        "fine labels",
        "AudioSet labels",
    ]);
    for (id, class) in taxonomy.classes.iter().enumerate() {
        let fine: Vec<&str> = class.fine.iter().map(|f| f.name.as_str()).collect();
        let labels: usize = class.fine.iter().map(|f| f.audioset_evidence().count()).sum();
        let rest = if taxonomy.rest() == Some(id) {
            " and the rest"
        } else {
            ""
        };
        rows.add_row([
            id.to_string(),
            class.name.clone(),
            class.color.clone(),
            class
                .min_event_s
                .map_or_else(|| "any".to_owned(), |least_s| format!("{least_s} s")),
            fine.join(", "),
            format!("{labels}{rest}"),
        ]);
    }
    rows
}
