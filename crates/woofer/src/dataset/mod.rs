//! Labelled recordings: which there are, how they are split into folds, and what is wrong with them.
//!
//! ```text
//! meta_train.csv + clips ┐
//! manifest.csv           ├─> Manifest ─> Folds ─> training and testing rows
//! a folder a class       ┘       └─────> check ─> Report
//! ```
//!
//! 1. A [`Manifest`] is a list of [`Row`]s: a file or a stretch of one, its class and fine label, and the recording
//!    and source it comes from. [`Manifest::open`] refuses a list with a row that cannot be used; [`Manifest::read`]
//!    gives the others together with what is wrong.
//! 2. [`Folds`] say in which part each row is tested. Rows of one recording never lie in two parts, unless a column
//!    of the list says so.
//! 3. [`check::examine`] listens to every file and reports what a person should know before training.
//! 4. A [`feature_cache`] keeps what is made of each file, so that it is made once.

pub mod check;
pub mod feature_cache;

mod class_folders;
mod clip_list;
mod durations;
mod error;
mod fold_error;
mod fold_problems;
mod folds;
mod grouping;
mod inner_split;
mod labels;
mod manifest;
mod opening;
mod reading;
mod row_fault;
mod shuffle;
mod stratify;
mod table;
mod write_csv;

pub use class_folders::class_folders;
pub use durations::durations_s;
pub use error::DatasetError;
pub use fold_error::FoldError;
pub use fold_problems::{FoldProblem, Severity};
pub use folds::{FoldChoice, Folds};
pub use grouping::GroupBy;
pub use inner_split::InnerSplit;
pub use manifest::{Manifest, Row};
pub use reading::Reading;
pub use row_fault::{RowFault, RowFaults, RowProblem};
pub use shuffle::shuffled;
pub(crate) use table::Table;
pub(crate) use write_csv::LIST_COLUMNS;
