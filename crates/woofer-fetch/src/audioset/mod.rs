//! AudioSet from outside: its tables, and the sounds of the videos that they name.
//!
//! - [`provide`] fetches a published [`Table`] once, and tells when it is not what it was.
//! - [`fetch`] makes the cuts of a [`Plan`](woofer::audioset::Plan) with `yt-dlp` and `ffmpeg`: several videos at a time, at a
//!   [`pace`](FetchSettings::per_minute), each in a folder of its own (`work_folder`). A section comes with the times of its
//!   video and is cut at those (`cutting`), so that it does not matter where the server let it begin; one that does not
//!   reach from the cut's start to its end is fetched again with the whole video.
//! - [`cut_from_copy`] makes them out of files on disk, with our own decoders.
//! - The [`Journal`] says of each cut what became of it, and [`Status`] sums it up. What is done is never done again,
//!   what is gone ([`Reason::is_permanent`]) is not asked for again, and all else is, by the next run.

mod copy_cut;
mod copy_index;
mod copy_run;
mod cutting;
mod error;
mod journal;
mod pace;
mod pending;
mod reason;
mod run;
mod sections;
mod settings;
mod status;
mod tables;
mod tools;
mod work_folder;
mod workers;
mod yt_dlp;

pub use copy_run::{CopyProgress, cut_from_copy};
pub use error::FetchError;
pub use journal::{Entries, Entry, JOURNAL, Journal, State};
pub use pending::pending;
pub use reason::Reason;
pub use run::{Progress, RunEnd, fetch, preview};
pub use settings::FetchSettings;
pub use status::{LabelStatus, Status};
pub use tables::{Came, OFFICIAL, Recorded, Table, provide};
pub use tools::{Tool, find_ffmpeg, find_yt_dlp};
