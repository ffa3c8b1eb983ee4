//! From mono samples to what a network reads.
//!
//! ```text
//! samples -> pre-emphasis -> framing -> window, FFT -> mel bands -> log -> LogMel -> Examples
//!            (mn only)       framing    spectrum      mel                 log_mel   examples
//! ```
//!
//! A [`FrontEnd`] names one fixed set of constants; a [`LogMelPlan`] holds its tables, made once;
//! a [`LogMelStream`] turns samples into frames as they come. Whole clips go through the same
//! stream, so offline and live features are the same bits.

mod examples;
mod expander;
mod framing;
mod front_end;
mod hearing;
mod level;
mod log_mel;
mod logarithm;
mod mel;
mod power;
mod spectrum;

pub use examples::Examples;
pub use front_end::{FrontEnd, FrontEndSpec, HannWindow, Layout, SegmentRule, SpectrumKind};
pub use hearing::{HEARING_VERSION, Hearing};
pub use level::{LEVEL_VERSION, level};
pub use log_mel::{LogMel, LogMelPlan, LogMelStream};
pub use mel::MelBank;
