//! What is not about sound: connections and their limits, bodies, tokens, errors.

mod accept;
mod body;
mod connections;
mod held_bytes;
mod media_type;
mod problem;
mod query;
mod token;
mod unread_body;
mod watch;

pub use accept::{Reply, wanted};
pub use body::{Body, Upload, read_body, too_large, too_slow};
pub use connections::{ListenError, Listener, serve};
pub use held_bytes::HeldBytes;
pub use media_type::{MediaType, check_audio_type};
pub use problem::{Code, Problem, ProblemBody};
pub use query::Query;
pub use token::require_token;
pub use unread_body::finish_body;
pub use watch::{answer_of_panic, watch};
