use serde::{Deserialize, Serialize};
use woofer::augment::AugmentConfig;
use woofer::sounds::SoundKind;

/// What `background` steps lay under clips: sounds that are made for it, others for copies that are tested than for those
/// that are trained on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundsSection {
    /// The kinds, each as often as the others.
    pub sounds: Vec<SoundKind>,
}

impl BackgroundsSection {
    pub(super) const fn is_empty(&self) -> bool {
        self.sounds.is_empty()
    }

    /// What is wrong with it, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        self.sounds
            .contains(&SoundKind::Silence)
            .then(|| "backgrounds.sounds: silence under a clip is not heard".to_owned())
    }

    /// What is wrong with steps that take from it, if anything is.
    pub(super) fn fault_of(&self, steps: &[AugmentConfig]) -> Option<String> {
        let lays = |step: &AugmentConfig| matches!(step, AugmentConfig::Background(_));
        (self.is_empty() && steps.iter().any(lays)).then(|| {
            "augment kind \"background\" needs sounds to lay under clips, as in backgrounds.sounds = [\"fan\", \"water\"]"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::training::Recipe;

    const OVER: &str = r#"{ kind = "background", probability = 1, min_snr_db = 10, max_snr_db = 10 }"#;

    fn opened(changes: &[String]) -> Result<Recipe, String> {
        Recipe::open("frozen", changes).map_err(|error| error.to_string())
    }

    #[test]
    fn a_background_step_needs_sounds_wherever_it_stands() {
        let steps = [
            format!("augment=[{OVER}]"),
            format!("validation.degraded=[{{ name = \"at home\", augment = [{OVER}] }}]"),
        ];
        for step in steps {
            let sounds = "backgrounds.sounds=[\"room\", \"water\"]".to_owned();
            let recipe = opened(&[step.clone(), sounds]).unwrap();
            assert_eq!(recipe.backgrounds.sounds.len(), 2);
            for none in [vec![], vec!["backgrounds.sounds=[]".to_owned()]] {
                let said = opened(&[vec![step.clone()], none].concat()).unwrap_err();
                assert!(said.contains("backgrounds.sounds = ["), "{said}");
                assert_eq!(said.contains("at home"), step.starts_with("validation"), "{said}");
            }
        }
    }

    #[test]
    fn sounds_that_are_none_are_refused() {
        for (sounds, part) in [
            (r#"["silence"]"#, "silence under a clip"),
            (r#"["watr"]"#, "`watr`"),
            (r#""water""#, "water"),
        ] {
            let said = opened(&[format!("backgrounds.sounds={sounds}")]).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }
}
