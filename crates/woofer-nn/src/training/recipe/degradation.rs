use serde::{Deserialize, Serialize};
use woofer::augment::{AugmentConfig, Chain};
use woofer::features::FrontEnd;

use super::backgrounds::BackgroundsSection;

/// Most draws of one way.
const MAX_DRAWS: usize = 100;

/// A way in which tested clips are made worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Degradation {
    /// For people.
    pub name: String,
    /// How often what is random in the steps (a room, a noise, a cut) is drawn for each clip; figures are the mean over the draws.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub draws: usize,
    /// The steps.
    pub augment: Vec<AugmentConfig>,
}

impl Degradation {
    /// What is wrong with it, if anything is.
    pub(super) fn fault(&self, backgrounds: &BackgroundsSection) -> Option<String> {
        let Self { name, draws, augment } = self;
        let of_this = |fault: &str| format!("validation.degraded {name:?}: {fault}");
        if !(1..=MAX_DRAWS).contains(draws) {
            return Some(of_this(&format!(
                "draws = {draws} is not between 1 and {MAX_DRAWS}"
            )));
        }
        let mixes = |step: &AugmentConfig| matches!(step, AugmentConfig::Mixup(_));
        if augment.iter().any(mixes) {
            return Some(of_this("a tested clip is not mixed with others"));
        }
        let chain = Chain::new(augment.clone(), FrontEnd::Mn.rate_hz());
        let of_steps = chain.err().map(|error| error.to_string());
        let fault = of_steps.or_else(|| backgrounds.fault_of(augment));
        fault.map(|fault| of_this(&fault))
    }
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_one(draws: &usize) -> bool {
    *draws == 1
}
