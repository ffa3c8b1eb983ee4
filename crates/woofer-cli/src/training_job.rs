//! `woofer train` as Amazon SageMaker starts it: without arguments, with all that is wanted below `/opt/ml/input`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Parser;

use crate::exit::Outcome;
use crate::folders::visible_entries;
use crate::logging;

/// The list of clips, where a channel holds one under a name that tells.
const LISTS: [&str; 2] = ["manifest.csv", "meta_train.csv"];

/// Longest reason of a failure that the platform shows, in bytes.
const MAX_REASON: usize = 1024;

/// Largest file of hyperparameters, in bytes.
const MAX_HYPERPARAMETERS: u64 = 1 << 20;

/// A training that the platform has laid out.
pub struct TrainingJob {
    /// `/opt/ml`.
    root: PathBuf,
}

impl TrainingJob {
    /// The job, where the arguments are `train` alone and the platform's folder is there.
    pub fn find(arguments: &[OsString]) -> Option<Self> {
        let [_, command] = arguments else { return None };
        let root = std::env::var_os("WOOFER_OPT_ML").map_or_else(|| PathBuf::from("/opt/ml"), PathBuf::from);
        (command == "train" && root.join("input/config").is_dir()).then_some(Self { root })
    }

    /// The arguments that say the same to `woofer train`.
    ///
    /// Each hyperparameter is an option by its name, with `_` or `-`, or a value of the recipe where it has a dot in it. The channel
    /// `training` (or `train`) is the list or the folder of clips; `backbone`, `extra` and `teacher`, where given, are the
    /// options of those names, and `taxonomy` one with a TOML file.
    fn arguments(&self) -> anyhow::Result<Vec<OsString>> {
        let channel = |name: &str| Some(self.root.join("input/data").join(name)).filter(|path| path.is_dir());
        let Some(training) = channel("training").or_else(|| channel("train")) else {
            bail!(
                "{}: there is no channel training (or train); it holds the clips and their list",
                self.root.join("input/data").display()
            );
        };
        let mut arguments: Vec<OsString> = vec!["woofer".into(), "train".into(), list_of(&training).into()];
        let mut given = Vec::new();
        for (name, value) in self.hyperparameters()? {
            if name.starts_with("sagemaker_") {
                continue;
            }
            if name.contains('.') {
                arguments.push(format!("--set={name}={value}").into());
                continue;
            }
            let option = name.replace('_', "-");
            match option.as_str() {
                "output" => bail!("hyperparameter {name}: the platform says where the model goes"),
                // These take no value.
                "experiments" | "resume" | "force" => match value.as_str() {
                    "true" | "1" | "" => arguments.push(format!("--{option}").into()),
                    "false" | "0" => {}
                    other => bail!("hyperparameter {name}: {other:?} is not true or false"),
                },
                _ => arguments.push(format!("--{option}={value}").into()),
            }
            given.push(option);
        }
        for name in ["backbone", "extra", "teacher", "taxonomy"] {
            if let Some(folder) = channel(name).filter(|_| !given.iter().any(|option| option == name)) {
                let what = match name {
                    "extra" => list_of(&folder),
                    _ => only_file_of(&folder)?,
                };
                arguments.extend([format!("--{name}").into(), what.into()]);
            }
        }
        // The folder itself is a mount, which cannot be put in place by renaming; one within can.
        arguments.extend(["--output".into(), self.root.join("model/model").into()]);
        Ok(arguments)
    }

    /// The hyperparameters; the platform writes every value as a string.
    fn hyperparameters(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let path = self.root.join("input/config/hyperparameters.json");
        let Ok(metadata) = fs::metadata(&path) else {
            return Ok(BTreeMap::new());
        };
        if metadata.len() > MAX_HYPERPARAMETERS {
            bail!(
                "{}: has {} bytes; at most {MAX_HYPERPARAMETERS} are read",
                path.display(),
                metadata.len()
            );
        }
        let text =
            fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let values: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text)
            .with_context(|| format!("{}: is no JSON object of hyperparameters", path.display()))?;
        let text = |value: serde_json::Value| match value {
            // The platform's own library writes strings as JSON within the string.
            serde_json::Value::String(text) => serde_json::from_str(&text).unwrap_or(text),
            other => other.to_string(),
        };
        Ok(values
            .into_iter()
            .map(|(name, value)| (name, text(value)))
            .collect())
    }

    /// Runs the training, and leaves the reason where the platform looks for it when it fails.
    pub fn run<C: Parser>(
        &self,
        command: impl FnOnce(&C) -> anyhow::Result<Outcome>,
    ) -> anyhow::Result<Outcome> {
        let outcome = self.arguments().and_then(|arguments| {
            let typed = C::try_parse_from(&arguments).map_err(|error| {
                anyhow::anyhow!(
                    "hyperparameters: {}",
                    error.to_string().trim_start_matches("error: ").trim_end()
                )
            })?;
            command(&typed)
        });
        match outcome {
            // Clips that could not be read are in the log; the model is there all the same.
            Ok(Outcome::Done | Outcome::SomeFailed) => Ok(Outcome::Done),
            Ok(Outcome::NothingDone) => {
                self.fail("nothing could be trained; the log says why");
                Ok(Outcome::NothingDone)
            }
            Err(error) => {
                self.fail(&format!("{error:#}"));
                Err(error)
            }
        }
    }

    fn fail(&self, reason: &str) {
        let end = reason.floor_char_boundary(MAX_REASON);
        let reason = reason.get(..end).unwrap_or_default();
        let path = self.root.join("output/failure");
        let written = fs::create_dir_all(self.root.join("output")).and_then(|()| fs::write(&path, reason));
        if let Err(error) = written {
            logging::error(&format!("{}: cannot be written: {error}", path.display()));
        }
    }
}

/// The list of a channel, or its folder, which then has a folder a class.
fn list_of(channel: &Path) -> PathBuf {
    let list = LISTS
        .iter()
        .map(|name| channel.join(name))
        .find(|path| path.is_file());
    list.unwrap_or_else(|| channel.to_owned())
}

/// The model or file that a channel holds: itself, where it is a bundle, or else the one thing in it.
fn only_file_of(channel: &Path) -> anyhow::Result<PathBuf> {
    if woofer_nn::Bundle::is_at(channel) {
        return Ok(channel.to_owned());
    }
    match <[PathBuf; 1]>::try_from(visible_entries(channel)?) {
        Ok([only]) => Ok(only),
        Err(found) => bail!(
            "{}: holds {} files; wanted is one",
            channel.display(),
            found.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::Cli;

    fn job(hyperparameters: &str, channels: &[&str]) -> (tempfile::TempDir, TrainingJob) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        fs::create_dir_all(root.join("input/config")).unwrap();
        fs::write(root.join("input/config/hyperparameters.json"), hyperparameters).unwrap();
        for file in channels {
            let path = root.join("input/data").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        (dir, TrainingJob { root })
    }

    fn arguments(hyperparameters: &str, channels: &[&str]) -> anyhow::Result<Vec<String>> {
        let (dir, job) = job(hyperparameters, channels);
        let root = dir.path().display().to_string();
        let text = |argument: OsString| argument.to_string_lossy().replace(&root, "");
        Ok(job.arguments()?.into_iter().skip(1).map(text).collect())
    }

    #[test]
    fn hyperparameters_and_channels_become_arguments() {
        let found = arguments(
            r#"{"epochs": "3", "fold_count": "\"4\"", "schedule.rate": "0.1", "sagemaker_region": "x", "resume": "false"}"#,
            &["training/manifest.csv", "backbone/mn04.pt", "extra/Bird/a.wav"],
        );
        assert_eq!(
            found.unwrap(),
            [
                "train",
                "/input/data/training/manifest.csv",
                "--epochs=3",
                "--fold-count=4",
                "--set=schedule.rate=0.1",
                "--backbone",
                "/input/data/backbone/mn04.pt",
                "--extra",
                "/input/data/extra",
                "--output",
                "/model/model",
            ]
        );
    }

    #[test]
    fn what_is_missing_or_not_the_jobs_to_say_is_named() {
        for (hyperparameters, channels, part) in [
            ("{}", vec!["train2/a"], "channel training"),
            ("[", vec!["train/a"], "hyperparameters.json"),
            (r#"{"output": "/etc"}"#, vec!["train/a"], "output"),
            (r#"{"force": "perhaps"}"#, vec!["train/a"], "perhaps"),
            ("{}", vec!["train/a", "backbone/a", "backbone/b"], "2 files"),
        ] {
            let error = format!("{:#}", arguments(hyperparameters, &channels).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_failure_is_left_where_the_platform_looks() {
        let (dir, job) = job(r#"{"epcohs": "3"}"#, &["train/a"]);
        assert!(job.run(|_: &Cli| Ok(Outcome::Done)).is_err());
        let reason = fs::read_to_string(dir.path().join("output/failure")).unwrap();
        assert!(
            reason.contains("--epcohs") && reason.len() <= MAX_REASON,
            "{reason}"
        );
    }
}
