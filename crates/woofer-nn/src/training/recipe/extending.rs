use std::path::Path;

use toml::{Table, Value};

use super::sections::Recipe;

/// The key by which a recipe says which built-in one it is like.
const KEY: &str = "extends";

/// A recipe with what it does not say itself taken from the built-in one that it `extends`, if it does; `file` names it where it does not.
///
/// Sections are merged key by key, lists such as `[[augment]]` are taken whole.
///
/// # Errors
///
/// There is no such built-in recipe.
pub(super) fn extended(mut own: Table, file: &str) -> Result<Table, String> {
    let Some(base) = own.remove(KEY) else {
        return Ok(own);
    };
    let text = base.as_str().and_then(Recipe::built_in_text).ok_or_else(|| {
        let names: Vec<&str> = Recipe::built_in_names().collect();
        format!("{KEY} = {base}; allowed are {}", names.join(", "))
    })?;
    let mut whole: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let name = Path::new(file).file_stem().unwrap_or(file.as_ref());
    whole.insert("name".to_owned(), name.to_string_lossy().into_owned().into());
    merge(&mut whole, own);
    Ok(whole)
}

fn merge(table: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (table.get_mut(&key), change) {
            (Some(Value::Table(section)), Value::Table(change)) => merge(section, change),
            (_, change) => {
                table.insert(key, change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Recipe, String> {
        Recipe::parse(text, "folder/mine.toml", &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_recipe_does_not_say_is_as_in_the_one_that_it_extends() {
        let woofer = Recipe::open("woofer", &[]).unwrap();
        let mine = parse("extends = \"woofer\"\nseed = 7\n[schedule]\nepochs = 3\n[[augment]]\nkind = \"polarity\"\nprobability = 1\n").unwrap();
        assert_eq!(
            (mine.name.as_str(), mine.seed, mine.schedule.epochs),
            ("mine", 7, 3)
        );
        assert_eq!(mine.schedule.batch_size, woofer.schedule.batch_size);
        assert_eq!((mine.augment.len(), &mine.refit), (1, &woofer.refit));
        let named = parse("extends = \"mapped\"\nname = \"other\"").unwrap();
        let mapped = Recipe::open("mapped", &[]).unwrap();
        assert_eq!(
            named,
            Recipe {
                name: "other".to_owned(),
                ..mapped
            }
        );
        // Single values can be changed on top.
        let set = ["schedule.epochs=5".to_owned()];
        let shorter = Recipe::parse("extends = \"woofer\"\n[schedule]\nepochs = 3", "x", &set).unwrap();
        assert_eq!(shorter.schedule.epochs, 5);
    }

    #[test]
    fn what_is_wrong_in_it_is_told() {
        for (text, part) in [
            ("extends = \"woofr\"", "allowed are frozen, woofer, mapped"),
            ("extends = 3", "extends = 3"),
            ("extends = \"woofer\"\n[schedule]\nepoch = 3", "epoch"),
            ("extends = \"woofer\"\nschedule = 3", "schedule"),
            ("[schedule]\nepochs = 3", "missing field"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(part) && error.contains("mine.toml"),
                "{part}: {error}"
            );
        }
    }
}
