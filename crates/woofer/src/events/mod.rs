//! Events: sounds that begin and end, from the scores of windows.
//!
//! ```text
//! windows' scores -> EventRule (a threshold a class, the longest gap) -> EventFinder -> Event
//! ```
//!
//! An event of a class is a longest stretch of time that windows of a score at or over the class's threshold cover without
//! a gap that is too long. So the events of a class neither touch nor overlap, every window over the threshold lies
//! in just one of them, and a lower threshold only adds time.

mod event;
mod finder;
mod mode;
mod rule;

pub use event::Event;
pub use finder::EventFinder;
pub use mode::{EVENT_SCORE, Mode, ModeThresholds};
pub use rule::EventRule;
