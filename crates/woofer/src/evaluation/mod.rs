//! What a classifier said of labelled clips, kept in files, and what is made of it.
//!
//! ```text
//! labelled clips, scores -> ScoreTable <-> scores.csv
//!                               ├─> Evaluation           metrics.json, with the classes that are well measured
//!                               ├─> Pairing              of two tables, for a Comparison
//!                               ├─> operating_points     a threshold a class
//!                               ├─> mode_thresholds      those of a model's modes, and what they do on other folds
//!                               └─> rescaled             scores at the temperature that fits the labels best
//! scores of ordinary hours -> OrdinaryHours -> thresholds of a model's modes, raised until little is heard in them
//! epochs of a training   -> LearningCurve <-> history.csv
//! ```
//!
//! A table of scores tells everything that figures need: nothing has to be run or looked up again, not
//! even the taxonomy, since each column names its class and fine label ([`ScoreColumns`]).

mod columns;
mod error;
mod history;
mod modes;
mod operating;
mod ordinary;
mod pairing;
mod read_scores;
mod score_table;
mod temperature;
mod write_scores;

pub use columns::ScoreColumns;
pub use error::EvaluationError;
pub use history::{read_history, write_history};
pub use modes::{ClassRoles, ModeFigures, mode_figures, mode_thresholds};
pub use operating::{ThresholdGoal, operating_points};
pub use ordinary::{OrdinaryHours, RaisedThreshold};
pub use pairing::{MIN_COMMON_CLIPS, Pairing};
pub use score_table::{ScoreRow, ScoreTable, WELL_MEASURED_RECORDINGS};
