//! Which classes there are, which finer labels each is made of, and which AudioSet labels count for it.
//!
//! A [`Taxonomy`] is data: a TOML file that anyone can write. The Tomofun challenge's is built in.
//! [`ClassScores`] turns the scores of a network's labels into those of classes, either by summing
//! fine labels or, from an AudioSet network, without any training.

mod check;
mod class_scores;
mod definition;
mod evidence;

pub use class_scores::{ClassScores, UnscoredClass};
pub use definition::{Class, FineLabel, Taxonomy, TaxonomyError};
pub use evidence::Evidence;
