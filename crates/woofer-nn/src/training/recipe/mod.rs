//! How a classifier is trained: a readable TOML file.
//!
//! ```text
//! built-in name or file -> text -> --set section.key=value -> Recipe (checked)
//! ```
//!
//! `read` finds and reads it, `sections` says what may stand in it, `degradation` how tested clips are made worse, `backgrounds`
//! what is laid under clips, `check` what is allowed.

mod backgrounds;
mod check;
mod degradation;
mod extending;
mod overrides;
mod read;
mod refit;
mod sections;
mod temperature;

pub use read::RecipeError;
pub(super) use refit::{HeadReads, Refit, RefitCopies};
pub(super) use sections::{
    BalanceBy, BalanceHow, CopiesPerEpoch, HeadBias, LabelsReach, Precision, ScheduleShape,
};
pub use sections::{EpochChoice, Freeze, HeadKind, ModelFrom, Recipe};
pub use temperature::SoftmaxTemperature;
