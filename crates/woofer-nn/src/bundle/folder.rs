use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::card::card;
use super::contents::Contents;
use super::description::{Description, WeightsRecord};
use super::error::BundleError;
use crate::weights::Weights;

const DESCRIPTION: &str = "model.toml";
const WEIGHTS: &str = "model.safetensors";
const METRICS: &str = "metrics.json";
const CARD: &str = "README.md";

/// What `metrics.json` holds before anything has been measured.
const NO_METRICS: &str = "{\n  \"schema_version\": 1,\n  \"evaluations\": []\n}\n";

/// Largest text file of a bundle that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 4 << 20;

/// A bundle on disk whose description has been read and found consistent.
#[derive(Debug, Clone)]
pub struct Bundle {
    path: PathBuf,
    description: Description,
}

impl Bundle {
    /// Whether `path` looks like a bundle: a folder with a `model.toml`.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        path.join(DESCRIPTION).is_file()
    }

    /// Reads the description of the bundle in a folder; the weights are read later.
    ///
    /// # Errors
    ///
    /// The folder or its `model.toml` is missing, unreadable or inconsistent.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        if !Self::is_at(path) {
            return Err(BundleError::NotABundle {
                path: path.to_owned(),
                reason: if path.is_dir() {
                    format!("the folder has no {DESCRIPTION}")
                } else {
                    "there is no such folder".to_owned()
                },
            });
        }
        let file = path.join(DESCRIPTION);
        let fault = |reason| BundleError::Description {
            path: file.clone(),
            reason,
        };
        let text = read_text(&file)?;
        let description: Description =
            toml::from_str(&text).map_err(|e| fault(e.to_string().trim_end().to_owned()))?;
        match description.fault() {
            Some(reason) => Err(fault(reason)),
            None => Ok(Self {
                path: path.to_owned(),
                description,
            }),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `model.toml` says.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// The model card.
    ///
    /// # Errors
    ///
    /// `README.md` is missing or unreadable.
    pub fn card(&self) -> Result<String, BundleError> {
        read_text(&self.path.join(CARD))
    }

    /// The weights, checked against the description.
    ///
    /// # Errors
    ///
    /// The file is unreadable, its SHA-256 is another, or its tensors are of another network.
    pub fn weights(&self) -> Result<Weights, BundleError> {
        let path = self.path.join(WEIGHTS);
        let weights = Weights::open(&path)?;
        let mismatch = |what, found: String, expected: String| BundleError::Mismatch {
            path: path.clone(),
            what,
            found,
            expected,
        };
        let expected = &self.description.weights.sha256;
        let found = weights.sha256().unwrap_or_default();
        if found != expected {
            return Err(mismatch("the SHA-256", found.to_owned(), expected.clone()));
        }
        let architecture = &self.description.architecture;
        let tensors = architecture.tensors();
        for (name, shape) in &tensors {
            if weights.shape(name) != Some(shape.as_slice()) {
                let found = weights.shape(name).map_or_else(
                    || format!("there is no tensor {name}"),
                    |found| format!("tensor {name} has shape {found:?}"),
                );
                return Err(mismatch(
                    "the network",
                    found,
                    format!("{architecture}, with {name} {shape:?}"),
                ));
            }
        }
        if weights.len() != tensors.len() {
            let (found, expected) = (format!("{} tensors", weights.len()), tensors.len());
            return Err(mismatch(
                "the network",
                found,
                format!("{architecture}, with {expected} tensors"),
            ));
        }
        Ok(weights)
    }

    /// Writes a new bundle, whole or not at all.
    ///
    /// # Errors
    ///
    /// Something that is not a bundle stands at `path`, or a bundle does and `force` is false; the
    /// taxonomy does not fit the network; a file cannot be written.
    pub fn create(path: &Path, contents: &Contents, force: bool) -> Result<Self, BundleError> {
        let occupied = path.exists() && fs::read_dir(path).map_or(true, |mut d| d.next().is_some());
        if occupied && !Self::is_at(path) {
            return Err(BundleError::NotABundle {
                path: path.to_owned(),
                reason: "something else is there, and is not overwritten".to_owned(),
            });
        }
        if occupied && !force {
            return Err(BundleError::Exists {
                path: path.to_owned(),
            });
        }
        let staging = beside(path, "part")?;
        fs::create_dir_all(&staging).map_err(written(&staging))?;
        let finished = write_files(&staging, path, contents).and_then(|()| replace(&staging, path, occupied));
        if finished.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_dir_all(&staging);
        }
        finished?;
        Self::open(path)
    }
}

fn write_files(folder: &Path, target: &Path, contents: &Contents) -> Result<(), BundleError> {
    let mut metadata = BTreeMap::new();
    if let Some(origin) = &contents.source.origin {
        metadata.insert("origin".to_owned(), origin.clone());
    }
    let sha256 = contents
        .weights
        .write_safetensors(&folder.join(WEIGHTS), &metadata)?;
    let description = Description::new(
        &file_name(target),
        contents.architecture,
        WeightsRecord {
            sha256,
            parameters: contents.architecture.parameters(),
        },
        contents.source.clone(),
        contents.training.clone(),
        contents.taxonomy.clone(),
    );
    let fault = |reason| BundleError::Description {
        path: target.join(DESCRIPTION),
        reason,
    };
    if let Some(reason) = description.fault() {
        return Err(fault(reason));
    }
    let text = toml::to_string(&description).map_err(|e| fault(e.to_string()))?;
    let (metrics, measured) = match &contents.measured {
        Some(measured) => (measured.metrics_json.as_str(), Some(measured.summary.as_str())),
        None => (NO_METRICS, None),
    };
    let card = card(&description, measured);
    for (name, content) in [(DESCRIPTION, text.as_str()), (METRICS, metrics), (CARD, &card)] {
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

/// The last part of a path, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn written(path: &Path) -> impl Fn(std::io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Io {
        path: path.clone(),
        action: "written",
        source,
    }
}

fn read_text(path: &Path) -> Result<String, BundleError> {
    let unreadable = |source| BundleError::Io {
        path: path.to_owned(),
        action: "read",
        source,
    };
    let mut text = String::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_TEXT_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_TEXT_BYTES {
        return Err(BundleError::Description {
            path: path.to_owned(),
            reason: format!("the file is larger than {MAX_TEXT_BYTES} bytes"),
        });
    }
    Ok(text)
}
