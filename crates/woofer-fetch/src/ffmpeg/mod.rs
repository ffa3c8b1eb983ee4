//! `ffmpeg` as the decoder of what Woofer cannot read itself.
//!
//! 1. The core tells the format by content, and [`Ffmpeg`] forces ffmpeg's demuxer of that format: a playlist or a script
//!    that names other files is never followed.
//! 2. ffmpeg may open the one file or its standard input and nothing else (`-protocol_whitelist`), and no network.
//! 3. Its sound comes as a WAV through a pipe while it is made. A watch ends it when nothing comes for a time, and it ends
//!    with the stream, or with us, when the pipe closes.

mod decoder;
mod watched;

pub use decoder::{FFMPEG, Ffmpeg};
