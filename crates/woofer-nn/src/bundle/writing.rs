use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
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
    /// It is the name of the built-in model or has no last name, something that is not a bundle stands there, a link that leads nowhere
    /// among others, or a bundle does and `force` is false.
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
        beside(path, "part")?;
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(written(path)(error)),
            Ok(found) if found.is_symlink() && !path.exists() => {
                return Err(refused(
                    "a symbolic link that leads nowhere is there; remove it, or give another folder",
                ));
            }
            Ok(_) => {}
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
    /// As [`Bundle::check_place`]; the weights of a member or the taxonomy do not fit the network; a file cannot be written.
    pub fn create(path: &Path, contents: &Contents, force: bool) -> Result<Self, BundleError> {
        Self::create_with(path, contents, force, |_| Ok(()))
    }

    /// Writes a new bundle with further files in its folder, whole or not at all; `write_more` is given the folder as it is on the way.
    ///
    /// # Errors
    ///
    /// As [`Bundle::create`], and whatever `write_more` says.
    pub fn create_with<E: From<BundleError>>(
        path: &Path,
        contents: &Contents,
        force: bool,
        write_more: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<Self, E> {
        written_at(path, force, |staging| {
            write_files(staging, path, contents)?;
            write_more(staging)
        })
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
fn written_at<E: From<BundleError>>(
    path: &Path,
    force: bool,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<Bundle, E> {
    Bundle::check_place(path, force)?;
    let occupied = is_occupied(path);
    let staging = beside(path, "part")?;
    fs::create_dir_all(&staging).map_err(written(&staging))?;
    let finished = write(&staging).and_then(|()| Ok(replace(&staging, path, occupied)?));
    if finished.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_dir_all(&staging);
    }
    finished?;
    Ok(Bundle::open(path)?)
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
    let description = contents.description(&file_name(target), sha256);
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

/// Puts the finished folder in its place; an old bundle there is moved away first and removed last, and comes back where that fails.
fn replace(staging: &Path, path: &Path, occupied: bool) -> Result<(), BundleError> {
    if !occupied {
        return match fs::rename(staging, path) {
            Err(_) if path.is_dir() && !is_occupied(path) => fill(staging, path),
            renamed => renamed.map_err(written(path)),
        };
    }
    let old = beside(path, "old")?;
    fs::rename(path, &old).map_err(written(&old))?;
    if let Err(error) = fs::rename(staging, path) {
        // The first error is the one to tell.
        let _ = fs::rename(&old, path);
        return Err(written(path)(error));
    }
    fs::remove_dir_all(&old).map_err(written(&old))
}

/// Copies the finished folder into an empty one that stays, as one does where a disk is mounted. It is a bundle with the last file.
fn fill(staging: &Path, path: &Path) -> Result<(), BundleError> {
    let description = path.join(DESCRIPTION);
    let partial = path.join(format!("{DESCRIPTION}.partial"));
    let filled = copy_files(staging, path)
        .and_then(|()| fs::copy(staging.join(DESCRIPTION), &partial).map_err(written(&partial)))
        .and_then(|_| fs::rename(&partial, &description).map_err(written(&description)));
    if filled.is_err() {
        // It was empty. The first error is the one to tell.
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
        }
    }
    filled?;
    fs::remove_dir_all(staging).map_err(written(staging))
}

/// Copies all files of a bundle but its description.
fn copy_files(from: &Path, to: &Path) -> Result<(), BundleError> {
    for entry in fs::read_dir(from).map_err(written(to))? {
        let entry = entry.map_err(written(to))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            fs::create_dir(&target).map_err(written(&target))?;
            copy_files(&source, &target)?;
        } else if entry.file_name() != DESCRIPTION {
            fs::copy(&source, &target).map_err(written(&target))?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::{Architecture, Backbone, Head};
    use crate::weights::formula::formula_weights_from;

    fn contents() -> Contents {
        let architecture = Architecture {
            backbone: Backbone::Mn { width_tenths: 1 },
            head: Head::Linear { classes: 15 },
        };
        Contents::made_up(
            architecture,
            vec![formula_weights_from(0, &architecture.tensors())],
        )
    }

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| file_name(&entry.unwrap().path()));
        let mut names: Vec<String> = entries.collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn further_files_come_with_the_bundle_or_nothing_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model");
        let more = |text: &'static str| {
            move |folder: &Path| {
                fs::write(folder.join("scores.csv"), text).unwrap();
                match text {
                    "full" => Err(BundleError::Exists {
                        path: folder.to_owned(),
                    }),
                    _ => Ok(()),
                }
            }
        };
        for force in [false, true] {
            Bundle::create_with(&path, &contents(), force, more("full")).unwrap_err();
            assert_eq!(entries(dir.path()).len(), usize::from(force));
            Bundle::create_with(&path, &contents(), force, more("scores")).unwrap();
            assert_eq!(fs::read(path.join("scores.csv")).unwrap(), b"scores");
        }
        assert_eq!(entries(dir.path()), ["model"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_empty_folder_that_cannot_be_replaced_is_filled() {
        let dir = tempfile::tempdir().unwrap();
        let (path, empty) = (dir.path().join("model"), dir.path().join("empty"));
        // As a mount point: there, but not to be renamed over.
        fs::create_dir(&empty).unwrap();
        std::os::unix::fs::symlink(&empty, &path).unwrap();
        Bundle::check_place(&path, false).unwrap();
        let more = |fails: bool| {
            move |folder: &Path| {
                fs::create_dir(folder.join("degraded")).unwrap();
                fs::write(folder.join("degraded/noise.csv"), "scores").unwrap();
                if fails {
                    // Cannot be copied, as on a full disk.
                    fs::remove_file(folder.join(DESCRIPTION)).unwrap();
                }
                Ok::<(), BundleError>(())
            }
        };
        Bundle::create_with(&path, &contents(), false, more(true)).unwrap_err();
        assert!(entries(&empty).is_empty() && entries(dir.path()) == ["empty", "model"]);
        Bundle::create_with(&path, &contents(), false, more(false)).unwrap();
        assert_eq!(
            entries(&empty),
            [
                "README.md",
                "degraded",
                "metrics.json",
                "model.safetensors",
                "model.toml"
            ]
        );
        assert_eq!(fs::read(empty.join("degraded/noise.csv")).unwrap(), b"scores");
        assert_eq!(entries(dir.path()), ["empty", "model"]);
        Bundle::open(&path).unwrap().members().unwrap();
    }

    #[test]
    fn places_where_nothing_can_be_put_are_refused_beforehand() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |path: &Path, part: &str| {
            let error = Bundle::check_place(path, true).unwrap_err().to_string();
            assert!(error.contains(part), "{part}: {error}");
        };
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        refused(&file, "something else is there");
        refused(Path::new("."), "a folder with a name");
        #[cfg(unix)]
        {
            refused(&file.join("model"), "cannot be written");
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(dir.path().join("nowhere"), &link).unwrap();
            refused(&link, "leads nowhere");
        }
    }

    #[test]
    fn an_old_bundle_comes_back_where_the_new_one_cannot_take_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model");
        Bundle::create(&path, &contents(), false).unwrap();
        replace(&dir.path().join("nothing"), &path, true).unwrap_err();
        assert_eq!(entries(dir.path()), ["model"]);
        Bundle::open(&path).unwrap().members().unwrap();
    }
}
