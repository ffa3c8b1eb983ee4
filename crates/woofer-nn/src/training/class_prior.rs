use woofer::taxonomy::Taxonomy;

use super::error::TrainingError;
use super::recipe::Recipe;
use super::run::Setting;

/// What a recipe's `network.class_prior` adds to the logit of each fine label: the logarithm of its class's factor. None
/// where it names no class.
pub(super) fn of_fine_labels(
    recipe: &Recipe,
    taxonomy: &Taxonomy,
) -> Result<Option<Vec<f32>>, TrainingError> {
    let factors = &recipe.network.class_prior;
    let names: Vec<&str> = taxonomy.classes.iter().map(|class| class.name.as_str()).collect();
    if let Some(unknown) = factors.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(TrainingError::Recipe(format!(
            "recipe {}: network.class_prior names {unknown}, which is no class of the taxonomy \"{}\"; there are: {}",
            recipe.name,
            taxonomy.name,
            names.join(", ")
        )));
    }
    let of_class = |class: usize| names.get(class).and_then(|name| factors.get(*name));
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm between -7 and 7")]
    let log_factor = |class: usize| of_class(class).map_or(0.0, |factor| factor.ln() as f32);
    let fine = taxonomy.fine_labels();
    Ok((!factors.is_empty()).then(|| fine.iter().map(|(class, _)| log_factor(*class)).collect()))
}

impl Setting<'_> {
    /// Adds to the bias of each fine label what the recipe's class prior says.
    pub(super) fn add_class_prior(&self, bias: &mut [f32]) {
        for (bias, prior) in bias.iter_mut().zip(self.class_prior.iter().flatten()) {
            *bias += prior;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(changes: &[&str]) -> Result<Option<Vec<f32>>, TrainingError> {
        let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
        let recipe = Recipe::open("frozen", &changes).unwrap();
        of_fine_labels(&recipe, &Taxonomy::open("tomofun").unwrap())
    }

    #[test]
    fn every_fine_label_of_a_class_has_its_factor() {
        let of_other = found(&["network.class_prior={ Other = 0.5, Crying = 2 }"])
            .unwrap()
            .unwrap();
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        for ((class, _), found) in taxonomy.fine_labels().iter().zip(&of_other) {
            let expected = match taxonomy.classes[*class].name.as_str() {
                "Other" => 0.5f32.ln(),
                "Crying" => 2f32.ln(),
                _ => 0.0,
            };
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert_eq!(found(&[]).unwrap(), None);
    }

    #[test]
    fn a_class_that_does_not_exist_is_refused_with_those_that_do() {
        let error = found(&["network.class_prior={ Barking = 2, Meowing = 2 }"]).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("Meowing") && said.contains("Barking, Howling"),
            "{said}"
        );
    }
}
