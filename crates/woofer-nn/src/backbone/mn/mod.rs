//! EfficientAT `mn`: MobileNetV3-Large with squeeze and excitation, trained on AudioSet.
//!
//! Source: `fschmid56/EfficientAT` `models/mn/model.py`, `models/mn/block_types.py`; Howard et al.,
//! "Searching for MobileNetV3" (2019), tables 1 and 2. Batch normalisation is folded into the
//! convolutions when weights are imported, so there is none here.

mod block;
mod config;
mod network;
mod sizes;

pub(crate) use block::{BlockConfig, squeeze_name};
pub(crate) use config::MnConfig;
pub(crate) use network::Mn;
