use std::path::Path;

use serde::{Deserialize, Serialize};

/// The built-in recipes: name and text.
const BUILT_IN: [(&str, &str); 1] = [("frozen", include_str!("../../recipes/frozen.toml"))];

/// The version of the file format that this program writes and reads.
const SCHEMA_VERSION: u32 = 1;

/// Largest recipe file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// How a classifier is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    schema_version: u32,
    /// A short name.
    pub name: String,
    /// One line for people.
    #[serde(default)]
    pub description: String,
    /// Seed of all that is random.
    pub seed: u64,
    /// Passes over all segments.
    pub epochs: usize,
    /// Segments in a step.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Adam's epsilon.
    pub adam_epsilon: f32,
    /// Added to the gradient, times the weight.
    pub weight_decay: f32,
    /// Share of each target that is spread evenly over all labels.
    pub label_smoothing: f64,
}

/// Why a recipe is refused.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The file cannot be read.
    #[error("{file}: the recipe cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The text or a value is not allowed.
    #[error("{file}: {reason}")]
    Invalid {
        /// The file, or the recipe's name.
        file: String,
        /// The value and what is allowed.
        reason: String,
    },
}

impl Recipe {
    /// Names of the built-in recipes.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in recipe by name, or else the one in the file of that path.
    ///
    /// # Errors
    ///
    /// There is neither, or it holds a key or value that is not allowed.
    pub fn open(name_or_path: &str) -> Result<Self, RecipeError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(text, name);
        }
        let invalid = |reason| RecipeError::Invalid {
            file: name_or_path.to_owned(),
            reason,
        };
        let unreadable = |source| RecipeError::Unreadable {
            file: name_or_path.to_owned(),
            source,
        };
        match std::fs::metadata(Path::new(name_or_path)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(invalid(format!(
                "there is neither a file nor a built-in recipe of this name; built in: {}",
                Self::built_in_names().collect::<Vec<_>>().join(", ")
            ))),
            Err(e) => Err(unreadable(e)),
            Ok(metadata) if !metadata.is_file() || metadata.len() > MAX_BYTES => {
                Err(invalid(format!("a recipe is a file of at most {MAX_BYTES} bytes")))
            }
            Ok(_) => Self::parse(&std::fs::read_to_string(name_or_path).map_err(unreadable)?, name_or_path),
        }
    }

    /// Reads a recipe from TOML; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// The text is no TOML, has unknown or missing keys, or a value is not allowed.
    pub fn parse(text: &str, file: &str) -> Result<Self, RecipeError> {
        let invalid = |reason| RecipeError::Invalid {
            file: file.to_owned(),
            reason,
        };
        let recipe: Self = toml::from_str(text).map_err(|e| invalid(e.to_string().trim_end().to_owned()))?;
        match recipe.fault() {
            None => Ok(recipe),
            Some(reason) => Err(invalid(reason)),
        }
    }

    /// What is wrong with the values, if anything is.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let within = |name: &str, value: f64, low: f64, high: f64| {
            (!(value >= low && value <= high)).then(|| format!("{name} = {value} is not between {low} and {high}"))
        };
        if self.schema_version != SCHEMA_VERSION {
            return Some(format!(
                "schema_version {} is not known to this program, which reads {SCHEMA_VERSION}",
                self.schema_version
            ));
        }
        within("epochs", self.epochs as f64, 1.0, 100_000.0)
            .or_else(|| within("batch_size", self.batch_size as f64, 1.0, 65_536.0))
            .or_else(|| within("learning_rate", self.learning_rate, 1e-9, 10.0))
            .or_else(|| within("adam_epsilon", f64::from(self.adam_epsilon), 1e-20, 1.0))
            .or_else(|| within("weight_decay", f64::from(self.weight_decay), 0.0, 10.0))
            .or_else(|| within("label_smoothing", self.label_smoothing, 0.0, 0.99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_recipes_are_valid_and_carry_their_names() {
        for name in Recipe::built_in_names() {
            assert_eq!(Recipe::open(name).unwrap().name, name);
        }
    }

    #[test]
    fn a_recipe_survives_being_written_and_read() {
        let recipe = Recipe::open("frozen").unwrap();
        assert_eq!(Recipe::parse(&toml::to_string(&recipe).unwrap(), "x").unwrap(), recipe);
    }

    #[test]
    fn faults_are_named_with_the_value() {
        let text = BUILT_IN[0].1;
        for (from, to, part) in [
            ("epochs = 60", "epochs = 0", "epochs = 0"),
            ("learning_rate = 1e-3", "learning_rate = nan", "learning_rate = NaN"),
            ("label_smoothing = 0.0", "label_smoothing = 1.0", "label_smoothing = 1"),
            ("batch_size", "batchsize", "batchsize"),
            ("schema_version = 1", "schema_version = 2", "schema_version 2"),
        ] {
            assert!(text.contains(from));
            let error = Recipe::parse(&text.replace(from, to), "my.toml").unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("my.toml"), "{part}: {error}");
        }
        assert!(Recipe::open("forzen").unwrap_err().to_string().contains("built in: frozen"));
    }
}
