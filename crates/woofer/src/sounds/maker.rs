use std::sync::Arc;

use crate::augment::{FftPlans, NoiseGenerator};

/// Sample rate of the sounds in hertz.
pub const SOUND_RATE_HZ: u32 = 32_000;

/// Makes sounds; one serves all threads.
pub struct SoundMaker {
    pub(super) plans: Arc<FftPlans>,
    pub(super) noise: NoiseGenerator,
}

impl Default for SoundMaker {
    fn default() -> Self {
        let plans = Arc::new(FftPlans::new());
        Self {
            noise: NoiseGenerator::with_plans(Arc::clone(&plans)),
            plans,
        }
    }
}
