//! What AudioSet is called: the classes that published networks score.

mod labels;

pub use labels::{AudioSetLabel, LabelList};
