//! What is not about sound: connections and their limits, bodies, tokens, errors.

mod accept;
mod answer_clock;
mod body;
mod connections;
mod counted;
mod held_bytes;
mod media_type;
mod metered_body;
mod path;
mod problem;
mod query;
mod token;
mod unread_body;
mod watch;

pub use accept::{Reply, wanted};
pub use body::{Upload, memory_full, read_body, too_large, too_slow};
pub use connections::{ListenError, Listener, serve};
pub use counted::Counted;
pub use held_bytes::HeldBytes;
pub use media_type::{MediaType, check_audio_type};
pub use metered_body::Meter;
pub use path::Path;
pub use problem::{Code, Problem, ProblemBody};
pub use query::Query;
pub use token::require_token;
pub use unread_body::finish_body;
pub use watch::{answer_of_panic, watch};
