//! Woofer as an HTTP service: the SageMaker contract, an API of its own, and a page to try it.
//!
//! ```text
//! connection -> router -> body within limits -> job -> bounded queue -> workers -> Scorer -> answer
//! http/         api/      http/body            compute/                           woofer    api/
//! ```
//!
//! - `http/` holds what is not about sound: connections and their limits, bodies, tokens, errors with a stable code.
//! - `api/` has one file a way to ask, all of them over the same [`Service`].
//! - `compute/` turns bytes into scores: a bounded queue, and workers that each have one thread and take what waits
//!   in batches. A worker that panics goes on; one that never comes back is replaced.
//! - `models` are loaded by the [`woofer::ModelLoader`] that the program gives; no network is known here.
//!
//! Nothing is written to disk, and no text of a request reaches the log but its path's pattern.

mod api;
mod check;
mod compute;
mod http;
mod metrics;
mod models;
mod service;
mod settings;

pub use check::{CheckAnswer, check};
pub use http::{ListenError, Listener, serve};
pub use service::{Service, StartError};
pub use settings::{Limits, MultiModel, Settings, Token};
