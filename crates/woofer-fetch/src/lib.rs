//! What reaches outside the program: downloads, and children such as `ffmpeg` and `yt-dlp`.
//!
//! - [`audioset`]: AudioSet's tables, and the sounds of the videos that they name.
//! - [`download`]: a file by HTTP, resumed where it broke off, checked, and in its place only when it is whole.
//! - [`child`]: a program in a process group of its own, without a shell, with a time limit and bounded output, of which
//!   nothing is left running.
//! - [`backbones`]: the published networks, and the hashes of what was fetched.
//! - [`ffmpeg`]: the decoder of what Woofer cannot read itself.
//! - [`Stop`] ends both early, on Ctrl-C for one.

pub mod audioset;
pub mod backbones;
pub mod child;
pub mod download;
pub mod ffmpeg;
mod secrets;
mod stop;

pub use secrets::without_secrets;
pub use stop::Stop;
