use std::path::Path;

use super::extending::extended;
use super::overrides;
use super::sections::Recipe;

/// The built-in recipes: name and text.
const BUILT_IN: [(&str, &str); 5] = [
    ("frozen", include_str!("../../../recipes/frozen.toml")),
    ("woofer", include_str!("../../../recipes/woofer.toml")),
    ("mapped", include_str!("../../../recipes/mapped.toml")),
    ("adee", include_str!("../../../recipes/adee.toml")),
    ("adee-extra", include_str!("../../../recipes/adee-extra.toml")),
];

/// Largest recipe file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

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

    /// The text of a built-in recipe, to start one's own from.
    #[must_use]
    pub fn built_in_text(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
    }

    /// A built-in recipe by name, or else the one in the file of that path, with some values changed.
    ///
    /// `changes` are like `schedule.epochs=10`: a key with its section, and a value as TOML has it.
    ///
    /// # Errors
    ///
    /// There is neither, or it holds a key or value that is not allowed.
    pub fn open(name_or_path: &str, changes: &[String]) -> Result<Self, RecipeError> {
        if let Some(text) = Self::built_in_text(name_or_path) {
            return Self::parse(text, name_or_path, changes);
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
            Ok(metadata) if !metadata.is_file() || metadata.len() > MAX_BYTES => Err(invalid(format!(
                "a recipe is a file of at most {MAX_BYTES} bytes"
            ))),
            Ok(_) => Self::parse(
                &std::fs::read_to_string(name_or_path).map_err(unreadable)?,
                name_or_path,
                changes,
            ),
        }
    }

    /// Reads a recipe from TOML, which may extend a built-in one (`extends = "woofer"`), with some values changed as [`Recipe::open`] says; `file`
    /// names it in errors.
    ///
    /// # Errors
    ///
    /// The text is no TOML, has unknown or missing keys, or a value is not allowed.
    pub fn parse(text: &str, file: &str, changes: &[String]) -> Result<Self, RecipeError> {
        let invalid = |reason| RecipeError::Invalid {
            file: file.to_owned(),
            reason,
        };
        let syntax = |e: toml::de::Error| invalid(e.to_string().trim_end().to_owned());
        let own: toml::Table = toml::from_str(text).map_err(syntax)?;
        let mut table = extended(own.clone(), file).map_err(invalid)?;
        for change in changes {
            overrides::apply(&mut table, change).map_err(invalid)?;
        }
        let recipe: Self = if table == own {
            // From the text, so that an error tells its line.
            toml::from_str(text).map_err(syntax)?
        } else {
            let told = match changes {
                [] => String::new(),
                _ => format!("with {}: ", changes.join(", ")),
            };
            let outcome = table.try_into();
            outcome.map_err(|e: toml::de::Error| invalid(format!("{told}{}", e.to_string().trim_end())))?
        };
        match recipe.fault() {
            None => Ok(recipe),
            Some(reason) => Err(invalid(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sections::Freeze;
    use super::*;

    #[test]
    fn built_in_recipes_are_valid_and_carry_their_names() {
        for name in Recipe::built_in_names() {
            assert_eq!(Recipe::open(name, &[]).unwrap().name, name);
        }
    }

    #[test]
    fn a_recipe_survives_being_written_and_read() {
        for name in Recipe::built_in_names() {
            let recipe = Recipe::open(name, &[]).unwrap();
            let text = toml::to_string(&recipe).unwrap();
            assert_eq!(Recipe::parse(&text, "x", &[]).unwrap(), recipe);
        }
    }

    #[test]
    fn faults_are_named_with_the_value() {
        let text = Recipe::built_in_text("frozen").unwrap();
        for (from, to, part) in [
            ("epochs = 60", "epochs = 0", "schedule.epochs = 0"),
            (
                "learning_rate = 1e-3",
                "learning_rate = nan",
                "learning_rate = NaN",
            ),
            ("batch_size", "batchsize", "batchsize"),
            ("schema_version = 2", "schema_version = 3", "schema_version 3"),
            ("freeze = \"backbone\"", "freeze = \"all\"", "a number of layers"),
            ("head = \"linear\"", "head = \"conv\"", "conv"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = Recipe::parse(&text.replace(from, to), "my.toml", &[])
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(part) && error.contains("my.toml"),
                "{part}: {error}"
            );
        }
        let error = Recipe::open("forzen", &[]).unwrap_err().to_string();
        assert!(error.contains("built in: frozen"), "{error}");
    }

    #[test]
    fn values_can_be_changed_by_key() {
        let changes = [
            "schedule.epochs=7",
            "network.freeze=3",
            "copies.shifts_s=[0.0, 0.4]",
            "seed=9",
        ];
        let recipe = Recipe::open("frozen", &changes.map(str::to_owned)).unwrap();
        assert_eq!((recipe.schedule.epochs, recipe.seed), (7, 9));
        assert_eq!(recipe.network.freeze, Freeze::Layers(3));
        assert_eq!(recipe.copies.shifts_s, [0.0, 0.4]);
        for (change, part) in [
            ("schedule.epoch=7", "epoch"),
            ("schedule.epochs=-1", "-1"),
            ("schedule.epochs", "key=value"),
            ("schedule.epochs=[", "schedule.epochs"),
            ("seed.x=1", "seed"),
            ("seed=9223372036854775808", "seed: 9223372036854775808 is beyond"),
            (
                "optimizer.adam_epsilon=9e-21",
                "adam_epsilon = 0.000000000000000000009",
            ),
            ("=1", "key=value"),
            ("copies.clean_share=1.1", "copies.clean_share = 1.1"),
            ("copies.clean_share=0.5", "per_epoch"),
            (
                "model.rest_weight=0",
                "model.rest_weight = 0 is not between 0.001 and 1",
            ),
            ("model.rest_weight=1.01", "model.rest_weight = 1.01"),
        ] {
            let error = Recipe::open("frozen", &[change.to_owned()])
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
        let least = ["optimizer.adam_epsilon=1e-20", "seed=9223372036854775807"];
        let recipe = Recipe::open("frozen", &least.map(str::to_owned)).unwrap();
        assert!(recipe.optimizer.adam_epsilon > 0.0 && recipe.seed == i64::MAX.unsigned_abs());
        for (share, most, too_much) in [
            ("source_share", "0.9", "1"),
            ("background_yields", "1000", "1000.1"),
        ] {
            let of_refit = |value: &str| Recipe::open("mapped", &[format!("refit.{share}={value}")]);
            assert!(of_refit(most).is_ok());
            for value in [too_much, "-0.1", "nan"] {
                let error = of_refit(value).unwrap_err().to_string();
                assert!(error.contains(&format!("is not between 0 and {most}")), "{error}");
            }
        }
    }
}
