use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;
use woofer::audioset::LabelList;
use woofer::dataset::class_folders;
use woofer::render::series_color;
use woofer::taxonomy::Taxonomy;

use crate::exit::Outcome;
use crate::output::{Sink, TextTable, table};

#[derive(Debug, Subcommand)]
pub enum TaxonomyCommand {
    /// List the built-in taxonomies
    List,
    /// Print a built-in taxonomy as a file, to start one's own from
    Show {
        /// Its name
        name: String,
    },
    /// Print a taxonomy whose classes are the sub-folders of a folder of clips
    New {
        /// The folder, with a sub-folder a class
        folder: PathBuf,
        /// The class that takes what the others leave
        #[arg(long, value_name = "CLASS")]
        rest: Option<String>,
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
        TaxonomyCommand::New { folder, rest } => {
            out.write_all(of_folders(folder, rest.as_deref())?.as_bytes())?;
        }
        TaxonomyCommand::Check { taxonomy } => {
            let taxonomy = Taxonomy::open(taxonomy)?;
            writeln!(out, "{}", overview(&taxonomy))?;
            let scored = LabelList::AudioSet527.labels().len();
            for mid in unscored(&taxonomy) {
                writeln!(
                    out,
                    "{mid} is none of the {scored} labels that networks trained on AudioSet score: clips may be gathered by it, and \
                     nothing that is heard speaks for it."
                )?;
            }
        }
    }
    out.finish()?;
    Ok(Outcome::Done)
}

/// A taxonomy with a class for each sub-folder of a folder, as a file.
fn of_folders(folder: &Path, rest: Option<&str>) -> anyhow::Result<String> {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let classes = class_folders(folder)?;
    let count = classes.len();
    let of_class = |(place, class): (usize, &String)| {
        let (name, [red, green, blue]) = (quoted(class), series_color(place, count));
        format!(
            "\n[[class]]\nname = {name}\ncolor = \"#{red:02x}{green:02x}{blue:02x}\"\nfine = [{{ name = {name} }}]\n"
        )
    };
    let of_classes: String = classes.iter().enumerate().map(of_class).collect();
    let name = fs::canonicalize(folder).ok();
    let name = name.as_deref().and_then(Path::file_name).unwrap_or_default();
    let name = quoted(&name.to_string_lossy());
    let rest = rest.map_or_else(String::new, |rest| format!("rest = {}\n", quoted(rest)));
    let text = format!("schema_version = 1\nname = {name}\n{rest}{of_classes}");
    Taxonomy::parse(&text, &folder.display().to_string())?;
    Ok(text)
}

/// The AudioSet labels (mids) that a taxonomy names and no published network scores, each once.
fn unscored(taxonomy: &Taxonomy) -> Vec<&str> {
    let of_classes = taxonomy.fine_labels().into_iter();
    let named = of_classes
        .flat_map(|(_, fine)| fine.audioset_evidence())
        .chain(&taxonomy.audioset_ignored)
        .chain(&taxonomy.audioset_background);
    let is_scored = |mid: &str| {
        LabelList::AudioSet527
            .labels()
            .iter()
            .any(|label| label.mid == mid)
    };
    let mut unscored: Vec<&str> = Vec::new();
    for mid in named {
        if !is_scored(mid) && !unscored.contains(&mid.as_str()) {
            unscored.push(mid);
        }
    }
    unscored
}

fn overview(taxonomy: &Taxonomy) -> TextTable {
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
