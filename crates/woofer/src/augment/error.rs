use super::limits::Fault;
use crate::audio::{MAX_RATE_HZ, MIN_RATE_HZ};

/// Why a list of augmentations is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AugmentError {
    /// A value of a step is not allowed.
    #[error("augment step {step} ({kind}): {key} = {value} is not allowed; allowed is {allowed}")]
    Value {
        /// Place of the step in the list, counted from 1.
        step: usize,
        /// The step's kind, as in a recipe.
        kind: &'static str,
        /// The key, as in a recipe.
        key: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// More than one mixup, so that it is not clear what a clip's label is.
    #[error("augment step {step} (mixup): step {first} is a mixup already; allowed is one")]
    SecondMixup {
        /// Place of the second one in the list, counted from 1.
        step: usize,
        /// Place of the first one.
        first: usize,
    },
    /// The clips' sample rate is not one that audio is read at.
    #[error("augmentation at {rate_hz} Hz is not possible; allowed is {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")]
    Rate {
        /// The rate in hertz.
        rate_hz: u32,
    },
}

impl AugmentError {
    pub(super) fn value(step: usize, kind: &'static str, fault: Fault) -> Self {
        Self::Value {
            step,
            kind,
            key: fault.key,
            value: fault.value,
            allowed: fault.allowed,
        }
    }
}
