//! One self-contained HTML file that tells how a classifier was made and how good it is.
//!
//! Style, pictures and sound are within the file, and its content security policy forbids the browser
//! to fetch anything. Names and paths come from outside: all text is escaped.

mod data;
mod figures;
mod hardest;
mod html;
mod page;

pub use data::{AudioFormat, HardClip, HardClips, Playable, ReportData};
pub use page::report;

pub(super) use html::{data_address, escaped};
