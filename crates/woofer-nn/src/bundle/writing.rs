use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use woofer::events::ModeThresholds;

use super::card::card;
use super::contents::Contents;
use super::description::Description;
use super::error::BundleError;
use super::folder::{Bundle, CARD, DESCRIPTION, METRICS, check_network, file_name};
use super::weights_record::file_names;

/// What `metrics.json` holds before anything has been measured.
const NO_METRICS: &str = "{\n  \"schema_version\": 1,\n  \"evaluations\": []\n}\n";

impl Bundle {
    /// Whether a new bundle may be written at `path`; for whoever has much to do before it is.
    ///
    /// # Errors
    ///
    /// It is the name of the built-in model, something that is not a bundle stands there, or a bundle does and `force` is false.
    pub fn check_place(path: &Path, force: bool) -> Result<(), BundleError> {
        let refused = |reason: &str| BundleError::NotABundle {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        if Self::is_built_in(path) {
            return Err(refused(
                "this is the name of the built-in model; for a folder of this name give ./default",
            ));
        }
        match (is_occupied(path), Self::is_at(path)) {
            (true, false) => Err(refused("something else is there, and is not overwritten")),
            (true, true) if !force => Err(BundleError::Exists {
                path: path.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Writes a new bundle, whole or not at all.
    ///
    /// # Errors
    ///
    /// Something that is not a bundle stands at `path`, or a bundle does and `force` is false; the weights of a
    /// member or the taxonomy do not fit the network; a file cannot be written.
    pub fn create(path: &Path, contents: &Contents, force: bool) -> Result<Self, BundleError> {
        written_at(path, force, |staging| write_files(staging, path, contents))
    }

    /// Writes a copy of this bundle that has other thresholds, whole or not at all; `passage` is added to its card.
    ///
    /// # Errors
    ///
    /// As [`Bundle::create`]; a file of this bundle is unreadable, or its weights are not those that it names.
    pub fn copy_with_thresholds(
        &self,
        path: &Path,
        thresholds: &ModeThresholds,
        passage: &str,
        force: bool,
    ) -> Result<Self, BundleError> {
        let members = self.members()?.len();
        let mut description = self.description().clone();
        description.name = file_name(path);
        description.thresholds = Some(thresholds.clone());
        let metrics = self.metrics()?;
        let card = format!("{}\n{passage}\n", self.card()?);
        written_at(path, force, |staging| {
            for name in file_names(members) {
                let file = staging.join(&name);
                match self.built_in {
                    Some(files) => fs::write(&file, files.weights).map_err(written(&file))?,
                    None => {
                        fs::copy(self.path().join(&name), &file).map_err(written(&file))?;
                    }
                }
            }
            write_texts(staging, path, &description, &metrics, &card)
        })
    }
}

/// Whether anything but an empty folder is there.
fn is_occupied(path: &Path) -> bool {
    path.exists() && fs::read_dir(path).map_or(true, |mut entries| entries.next().is_some())
}

/// Has a new bundle written beside `path` and puts it in its place.
fn written_at(
    path: &Path,
    force: bool,
    write: impl FnOnce(&Path) -> Result<(), BundleError>,
) -> Result<Bundle, BundleError> {
    Bundle::check_place(path, force)?;
    let occupied = is_occupied(path);
    let staging = beside(path, "part")?;
    fs::create_dir_all(&staging).map_err(written(&staging))?;
    let finished = write(&staging).and_then(|()| replace(&staging, path, occupied));
    if finished.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_dir_all(&staging);
    }
    finished?;
    Bundle::open(path)
}

fn write_files(folder: &Path, target: &Path, contents: &Contents) -> Result<(), BundleError> {
    let mut metadata = BTreeMap::new();
    if let Some(origin) = &contents.source.origin {
        metadata.insert("origin".to_owned(), origin.clone());
    }
    let names = file_names(contents.members.len());
    let mut sha256 = Vec::with_capacity(contents.members.len());
    for (name, weights) in names.zip(&contents.members) {
        check_network(Path::new(weights.name()), weights, &contents.architecture)?;
        sha256.push(weights.write_safetensors(&folder.join(name), &metadata)?);
    }
    let description = Description::new(&file_name(target), contents, sha256);
    let (metrics, measured) = match &contents.measured {
        Some(measured) => (measured.metrics_json.as_str(), Some(measured.summary.as_str())),
        None => (NO_METRICS, None),
    };
    write_texts(
        folder,
        target,
        &description,
        metrics,
        &card(&description, measured),
    )
}

/// Writes all of a bundle but its weights into `folder`; errors speak of `target`.
fn write_texts(
    folder: &Path,
    target: &Path,
    description: &Description,
    metrics: &str,
    card: &str,
) -> Result<(), BundleError> {
    let fault = |reason| BundleError::Description {
        path: target.join(DESCRIPTION),
        reason,
    };
    if let Some(reason) = description.fault() {
        return Err(fault(reason));
    }
    let text = toml::to_string(description).map_err(|e| fault(e.to_string()))?;
    for (name, content) in [(DESCRIPTION, text.as_str()), (METRICS, metrics), (CARD, card)] {
        let file = folder.join(name);
        fs::write(&file, content).map_err(written(&file))?;
    }
    Ok(())
}

/// Puts the finished folder in its place; an old bundle there is moved away first and removed last.
fn replace(staging: &Path, path: &Path, occupied: bool) -> Result<(), BundleError> {
    if !occupied {
        return fs::rename(staging, path).map_err(written(path));
    }
    let old = beside(path, "old")?;
    fs::rename(path, &old).map_err(written(&old))?;
    fs::rename(staging, path).map_err(written(path))?;
    fs::remove_dir_all(&old).map_err(written(&old))
}

/// A name of this process's own in the same folder, where a rename is one step.
fn beside(path: &Path, what: &str) -> Result<PathBuf, BundleError> {
    match path.file_name() {
        Some(name) => {
            let name = format!(".{}.{what}-{}", name.to_string_lossy(), std::process::id());
            Ok(path.with_file_name(name))
        }
        None => Err(BundleError::NotABundle {
            path: path.to_owned(),
            reason: "a model needs a folder with a name".to_owned(),
        }),
    }
}

fn written(path: &Path) -> impl Fn(std::io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Io {
        path: path.clone(),
        action: "written",
        source,
    }
}
