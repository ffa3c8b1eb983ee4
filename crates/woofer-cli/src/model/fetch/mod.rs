//! `woofer model fetch`: a published network by its name -> its weight file -> a model.

mod args;
mod bar;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use woofer_fetch::Stop;
use woofer_fetch::backbones::{BACKBONES, Backbone, HashRecord, backbone};
use woofer_fetch::download::{Download, Downloader, Settings};
use woofer_nn::{Bundle, Imported, Weights, import};

use super::making::make;
use crate::exit::Outcome;
use crate::folders;
use crate::logging;
use crate::output::{Sink, table};
use crate::suggestion::suggestion;
pub use args::FetchArgs;
use bar::Bar;

/// Largest weight file that is fetched: mn40 has 273 MB.
const MAX_BYTES: u64 = 1 << 30;

/// The hashes of what came first, in the folder of weights.
const RECORD: &str = "SHA256SUMS";

/// Runs the command.
pub fn run(args: &FetchArgs) -> anyhow::Result<Outcome> {
    let Some(name) = args.name.as_deref().filter(|_| !args.list) else {
        return list();
    };
    let Some(wanted) = backbone(name) else {
        let names: Vec<&str> = BACKBONES.iter().map(|b| b.name).collect();
        bail!(
            "{name}: there is no published network of this name{}; there are: {}",
            suggestion(name, &names),
            names.join(", ")
        );
    };
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(wanted.name));
    // Asked before anything is fetched.
    if !args.force && Bundle::is_at(&output) {
        bail!(
            "{}: is a model already; --force replaces it, --output names another folder",
            output.display()
        );
    }
    let folder = match &args.weights {
        Some(folder) => folder.clone(),
        None => folders::cache()
            .map(|cache| cache.join("weights"))
            .context("there is no folder for caches (HOME is not set); name one by --weights FOLDER")?,
    };
    fs::create_dir_all(&folder)
        .with_context(|| format!("{}: the folder cannot be made", folder.display()))?;
    let mut record = HashRecord::open(&folder.join(RECORD))?;
    let WeightFile { file, came_now } = fetch(wanted, args.mirror.as_deref(), &folder, &record)?;

    let (imported, sha256) = match check(&file, wanted) {
        Ok(checked) => checked,
        Err(error) if !came_now => {
            return Err(error.context(format!(
                "{}: lay there already, is not the network {} as it was published, and was left as it is: move it away, \
                 and the same command fetches the published one; or name another folder by --weights FOLDER",
                file.display(),
                wanted.name
            )));
        }
        Err(error) => {
            // Kept, it would be taken for the real one at the next call.
            let _ = fs::remove_file(&file);
            return Err(error.context(format!(
                "{}: is not the network {} as it was published, and was removed",
                file.display(),
                wanted.name
            )));
        }
    };
    logging::detail(&format!(
        "{}: SHA-256 {sha256}, licence {}, by {}",
        file.display(),
        wanted.licence,
        wanted.author
    ));
    let outcome = make(imported, args.taxonomy.as_deref(), &output, args.force)?;
    // Only a file whose tensors all fit is one to hold later ones against.
    if record.get(wanted.file).is_none() {
        record.keep(wanted.file, &sha256)?;
    }
    Ok(outcome)
}

/// The network in a weight file and the file's SHA-256, after a look at the names and shapes of all its tensors.
fn check(file: &Path, wanted: &Backbone) -> anyhow::Result<(Imported, String)> {
    let weights = Weights::open(file)?;
    let sha256 = weights.sha256().unwrap_or_default().to_owned();
    let imported = import(weights)?;
    let found = imported.architecture;
    if found.backbone.to_string() != wanted.name {
        bail!("it holds {found}");
    }
    Ok((imported, sha256))
}

/// A weight file, and whether it was fetched by this call.
struct WeightFile {
    file: PathBuf,
    came_now: bool,
}

/// The weight file of a network, fetched unless it is there and the same.
fn fetch(
    wanted: &Backbone,
    mirror: Option<&str>,
    folder: &Path,
    record: &HashRecord,
) -> anyhow::Result<WeightFile> {
    let file = folder.join(wanted.file);
    let known = record.get(wanted.file).or(wanted.sha256);
    if file.is_file() {
        let found = Weights::open(&file)
            .ok()
            .and_then(|w| w.sha256().map(str::to_owned));
        let is_it = |found: &String| known.is_none_or(|known| found.starts_with(known));
        if found.as_ref().is_some_and(is_it) {
            logging::detail(&format!("{}: is there already", file.display()));
            return Ok(WeightFile {
                file,
                came_now: false,
            });
        }
        logging::warning(&format!(
            "{}: is not the file that was published, and is fetched anew",
            file.display()
        ));
    }
    let mut download = Download::new(wanted.url(mirror), &file)
        .max_bytes(MAX_BYTES)
        .otherwise("or make a model of it by `woofer model import FILE`");
    if let Some(known) = known {
        download = download.sha256(known);
    }
    let stop = Stop::on_interrupt().context("Ctrl-C cannot be heard")?;
    let downloader = Downloader::new(&settings(), &stop)?;
    let mut bar = Bar::new(wanted.file);
    let came = downloader.fetch(&download, &mut |event| bar.tell(&event));
    bar.finish();
    let came = came?;
    if came.resumed_from > 0 {
        logging::detail(&format!("went on after {} bytes", came.resumed_from));
    }
    Ok(WeightFile { file, came_now: true })
}

/// As patient as the downloader is by itself, unless `WOOFER_FETCH_TRIES` says how often to try.
fn settings() -> Settings {
    let tries = std::env::var("WOOFER_FETCH_TRIES").ok();
    let tries = tries.and_then(|tries| tries.parse().ok());
    Settings {
        tries: tries.unwrap_or(Settings::default().tries),
        ..Settings::default()
    }
}

fn list() -> anyhow::Result<Outcome> {
    let mut rows = table(["name", "licence", "by", "address"]);
    for backbone in &BACKBONES {
        rows.add_row([
            backbone.name,
            backbone.licence,
            backbone.author,
            &backbone.url(None),
        ]);
    }
    let mut out = Sink::open(None)?;
    writeln!(out, "{rows}")?;
    out.finish()?;
    Ok(Outcome::Done)
}
