//! How a classifier is trained: a readable TOML file.
//!
//! ```text
//! built-in name or file -> text -> --set section.key=value -> Recipe (checked)
//! ```
//!
//! `read` finds and reads it, `sections` says what may stand in it, `degradation` how tested clips are made worse, `check` what is allowed.

mod check;
mod degradation;
mod overrides;
mod read;
mod sections;
mod temperature;

pub use read::RecipeError;
pub(super) use sections::{
    BalanceBy, BalanceHow, CopiesPerEpoch, HeadBias, HeadReads, LabelsReach, Precision, Refit, RefitCopies,
    ScheduleShape,
};
pub use sections::{EpochChoice, Freeze, HeadKind, ModelFrom, Recipe};
pub use temperature::SoftmaxTemperature;
