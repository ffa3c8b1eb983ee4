use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::built_in::{self, BuiltInFiles};
use super::description::Description;
use super::error::BundleError;
use super::weights_record::is_weights_name;
use crate::architecture::Architecture;
use crate::weights::Weights;

pub(super) const DESCRIPTION: &str = "model.toml";
pub(super) const METRICS: &str = "metrics.json";
pub(super) const CARD: &str = "README.md";

/// Largest text file of a bundle that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 4 << 20;

/// A bundle on disk, or the one in the program, whose description has been read and found consistent.
#[derive(Debug, Clone)]
pub struct Bundle {
    path: PathBuf,
    description: Description,
    /// Where its files are, if they are part of the program.
    pub(super) built_in: Option<&'static BuiltInFiles>,
}

impl Bundle {
    /// Whether `path` looks like a bundle: a folder with a `model.toml`.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        path.join(DESCRIPTION).is_file()
    }

    /// The folder of the bundle that a file is part of, by its name: its `model.toml`, or weights beside one.
    pub(crate) fn around(file: &Path) -> Option<&Path> {
        let name = file.file_name()?.to_str()?;
        let folder = match file.parent()? {
            empty if empty.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        let is_part = name == DESCRIPTION || is_weights_name(name);
        (is_part && Self::is_at(folder)).then_some(folder)
    }

    /// The name that the built-in model goes by wherever a model is named; a folder of this name is `./default`.
    pub const BUILT_IN: &str = "default";

    /// Whether the path is the name of the model that is part of the program.
    #[must_use]
    pub fn is_built_in(path: &Path) -> bool {
        path == Path::new(Self::BUILT_IN)
    }

    /// Reads the description of the bundle in a folder, or of the built-in one by its name, `default`; the weights are read
    /// later.
    ///
    /// # Errors
    ///
    /// The folder or its `model.toml` is missing, unreadable or inconsistent.
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        if Self::is_built_in(path) {
            let description = |reason| BundleError::Description {
                path: path.to_owned(),
                reason,
            };
            return Ok(Self {
                path: path.to_owned(),
                description: Description::read(built_in::FILES.description).map_err(description)?,
                built_in: Some(&built_in::FILES),
            });
        }
        if !Self::is_at(path) {
            return Err(BundleError::NotABundle {
                path: path.to_owned(),
                reason: if path.is_dir() {
                    format!("the folder has no {DESCRIPTION}")
                } else if let Some(folder) = Self::around(path) {
                    format!("it is part of one; give its folder, {}", folder.display())
                } else {
                    "there is no such folder".to_owned()
                },
            });
        }
        let file = path.join(DESCRIPTION);
        match Description::read(&read_text(&file)?) {
            Err(reason) => Err(BundleError::Description { path: file, reason }),
            Ok(description) => Ok(Self {
                path: path.to_owned(),
                description,
                built_in: None,
            }),
        }
    }

    /// The folder, or the name of the built-in bundle.
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
        if let Some(files) = self.built_in {
            return Ok(files.card.to_owned());
        }
        read_text(&self.path.join(CARD))
    }

    /// How well it was measured to do: the text of `metrics.json`.
    ///
    /// # Errors
    ///
    /// The file is missing or unreadable.
    pub fn metrics(&self) -> Result<String, BundleError> {
        if let Some(files) = self.built_in {
            return Ok(files.metrics.to_owned());
        }
        read_text(&self.path.join(METRICS))
    }

    /// The weights of each network, checked against the description; tensors stay in their files until taken.
    ///
    /// # Errors
    ///
    /// A file is missing or unreadable, its SHA-256 is another, or its tensors are of another network.
    pub fn members(&self) -> Result<Vec<Weights>, BundleError> {
        let architecture = &self.description.architecture;
        let member = |(name, expected): (String, &str)| {
            let path = self.path.join(name);
            let weights = match self.built_in {
                Some(files) => Weights::from_safetensors_bytes(files.weights, &path.display().to_string())?,
                None => Weights::open(&path)?,
            };
            let found = weights.sha256().unwrap_or_default();
            if found != expected {
                return Err(BundleError::Mismatch {
                    path,
                    what: "the SHA-256",
                    found: found.to_owned(),
                    expected: expected.to_owned(),
                });
            }
            check_network(&path, &weights, architecture)?;
            Ok(weights)
        };
        self.description.weights.files().map(member).collect()
    }
}

/// Refuses weights that are not just those of a network.
pub(super) fn check_network(
    path: &Path,
    weights: &Weights,
    architecture: &Architecture,
) -> Result<(), BundleError> {
    let tensors = architecture.tensors();
    let mismatch = |found: String, needed: String| BundleError::Mismatch {
        path: path.to_owned(),
        what: "the network",
        found,
        expected: format!("{architecture}, with {needed}"),
    };
    for (name, shape) in &tensors {
        if weights.shape(name) != Some(shape.as_slice()) {
            let found = weights.shape(name).map_or_else(
                || format!("there is no tensor {name}"),
                |found| format!("tensor {name} has shape {found:?}"),
            );
            return Err(mismatch(found, format!("{name} {shape:?}")));
        }
    }
    if weights.len() != tensors.len() {
        let found = format!("{} tensors", weights.len());
        return Err(mismatch(found, format!("{} tensors", tensors.len())));
    }
    Ok(())
}

/// The last part of a path, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use woofer::features::{Examples, LogMelPlan};
    use woofer::{Classifier, Logits};

    use super::super::Contents;
    use super::*;
    use crate::Model;
    use crate::architecture::{Backbone, Head};
    use crate::weights::formula::{assert_close, formula_weights_from, golden, seed_weights};

    fn mn01(classes: usize) -> Architecture {
        Architecture {
            backbone: Backbone::Mn { width_tenths: 1 },
            head: Head::Linear { classes },
        }
    }

    fn of_formula(architecture: Architecture, count: u64) -> Vec<Weights> {
        (0..count)
            .map(|i| formula_weights_from(1000 * i, &architecture.tensors()))
            .collect()
    }

    #[test]
    fn an_ensemble_comes_back_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ensemble");
        let mut two = Contents::made_up(mn01(15), of_formula(mn01(15), 2));
        two.shifts_s = vec![0.0, 0.2, 0.8];
        let bundle = Bundle::create(&path, &two, false).unwrap();
        for file in ["member-1.safetensors", "member-2.safetensors"] {
            assert!(path.join(file).is_file());
            assert!(bundle.card().unwrap().contains(file));
        }
        assert!(!path.join("model.safetensors").exists());
        let read = Contents::open(&path).unwrap();
        assert_eq!((read.temperature, &read.shifts_s), (5.0, &two.shifts_s));
        let bytes = |weights: &Weights| weights.to_safetensors_bytes(&BTreeMap::new()).unwrap();
        let all = |members: &[Weights]| members.iter().map(bytes).collect::<Vec<_>>();
        assert!(all(&read.members) == all(&two.members));
        assert_eq!(Model::from_bundle(&bundle).unwrap().shifts_s(), [0.0, 0.2, 0.8]);
    }

    #[test]
    fn a_single_network_is_written_as_it_always_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("single");
        Bundle::create(
            &path,
            &Contents::made_up(mn01(15), of_formula(mn01(15), 1)),
            false,
        )
        .unwrap();
        assert!(path.join("model.safetensors").is_file());
        let text = fs::read_to_string(path.join(DESCRIPTION)).unwrap();
        assert!(
            text.contains("schema_version = 1\n") && text.contains("[weights]\nsha256 = "),
            "{text}"
        );
        assert!(!text.contains("members") && !text.contains("shifts_s"), "{text}");
    }

    #[test]
    fn parts_of_an_ensemble_that_do_not_belong_together_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ensemble");
        let mut two = Contents::made_up(mn01(15), of_formula(mn01(15), 2));
        two.shifts_s = vec![0.0, 0.2];
        Bundle::create(&path, &two, false).unwrap();
        let refused = |part: &str| {
            let said = match Model::open(&path) {
                Ok(_) => "nothing".to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(said.contains(part), "{part}: {said}");
        };
        let toml = path.join(DESCRIPTION);
        let text = fs::read_to_string(&toml).unwrap();
        for (from, to, part) in [
            ("0.2", "-0.2", "shifts_s: -0.2"),
            ("0.2", "nan", "shifts_s: NaN"),
            ("0.2", "3.5", "shifts_s: 3.5"),
            ("[0.0, 0.2]", "[]", "shifts_s has 0 values"),
            ("temperature = 5.0", "temperature = -1.0", "temperature -1 "),
            ("[[weights.members]]", "[[weights.member]]", "member"),
            ("parameters", "sha256 = \"a\"\nparameters", "either sha256"),
        ] {
            assert!(text.contains(from), "{from}\n{text}");
            fs::write(&toml, text.replacen(from, to, 1)).unwrap();
            refused(part);
        }
        fs::write(&toml, text).unwrap();

        let [first, second] = ["member-1.safetensors", "member-2.safetensors"].map(|name| path.join(name));
        let bytes = fs::read(&second).unwrap();
        fs::copy(&first, &second).unwrap();
        refused("member-2.safetensors: the SHA-256 does not match");
        fs::remove_file(&second).unwrap();
        refused("member-2.safetensors: cannot be opened");
        fs::write(&second, bytes).unwrap();
        Model::open(&path).unwrap();
    }

    #[test]
    fn members_that_do_not_fit_are_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ensemble");
        let mut other = of_formula(mn01(15), 1);
        other.extend(of_formula(mn01(14), 1));
        let none = Vec::new();
        for (members, part) in [(other, "tensor head.weight has shape [14, "), (none, "0 members")] {
            let error = Bundle::create(&path, &Contents::made_up(mn01(15), members), false).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn the_originals_network_in_a_bundle_gives_the_golden_class_scores() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seed");
        let architecture = Architecture {
            backbone: Backbone::Vggish,
            head: Head::Attention { classes: 15 },
        };
        Bundle::create(
            &path,
            &Contents::made_up(architecture, vec![seed_weights(|_| true)]),
            false,
        )
        .unwrap();
        let model = Model::open(&path).unwrap();
        // The samples whose log-mel, by torchvggish, went into the golden scores.
        let samples = golden("vggish_frontend.safetensors")
            .take("8k/resampled_16k_kaiser_best", &[80_000])
            .unwrap();
        let examples = Examples::new(&LogMelPlan::new(model.front_end()), &samples);
        let logits = model.logits(&[examples]).unwrap();
        let row = logits.iter().flat_map(Logits::rows).next().unwrap();
        let scores = model.activation().apply(row);
        let classes = model.class_scores(None).unwrap().apply(&scores);
        let mut golden = golden("seed_network.safetensors");
        assert_close(&classes, &golden.take("coarse_t5", &[1, 10]).unwrap(), 1e-4);
    }
}
