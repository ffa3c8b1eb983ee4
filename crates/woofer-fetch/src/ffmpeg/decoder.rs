use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};
use woofer::audio::{ForeignFormat, ForeignInput, OtherDecoder, OtherDecoderError};

use super::watched::Watched;
use crate::Stop;
use crate::child::{ChildError, Program};

/// The program's usual name.
pub const FFMPEG: &str = "ffmpeg";

/// The most that ffmpeg may ask memory for at once, in bytes.
const MAX_ALLOCATION: &str = "134217728";

/// The most bytes of a stream that are kept in a file.
const MAX_SPOOL: u64 = 256 << 20;

/// How long it may be silent.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program `ffmpeg`, which reads what Woofer cannot.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    program: OsString,
    patience: Duration,
    writes_files: bool,
}

impl Ffmpeg {
    /// The program by its name, which is looked for on the PATH, or by its path.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            patience: PATIENCE,
            writes_files: true,
        }
    }

    /// Ends it when it gives nothing for so long; a minute unless this is called.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Writes nothing to disk: an MP4 that comes as a stream is read only where its index stands before the sound.
    #[must_use]
    pub const fn without_files(mut self) -> Self {
        self.writes_files = false;
        self
    }

    /// The first line of what it says of its version.
    ///
    /// # Errors
    /// There is no such program, or it is not ffmpeg.
    pub fn version(&self) -> Result<String, ChildError> {
        let said = Program::new(&self.program)
            .arg("-version")
            .time_limit(Duration::from_secs(10))
            .run(&Stop::new())?
            .success()?;
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let first = said.lines().next().unwrap_or_default();
        Ok(first
            .split(" Copyright")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned())
    }

    fn command(&self, format: ForeignFormat, input: &ForeignInput) -> Program {
        let (protocol, address) = match input {
            ForeignInput::File(path) => {
                let mut address = OsString::from("file:");
                address.push(path);
                ("file", address)
            }
            ForeignInput::Stream(_) => ("pipe", OsString::from("pipe:0")),
        };
        let quietly = ["-nostdin", "-hide_banner", "-loglevel", "error"];
        let bounded = [
            "-max_alloc",
            MAX_ALLOCATION,
            "-threads",
            "1",
            "-protocol_whitelist",
            protocol,
        ];
        let sound = [
            "-map",
            "0:a:0",
            "-vn",
            "-sn",
            "-dn",
            "-c:a",
            "pcm_f32le",
            "-f",
            "wav",
            "pipe:1",
        ];
        Program::new(&self.program)
            .args(quietly)
            .args(bounded)
            .args(["-f", demuxer(format)])
            .arg("-i")
            .arg(address)
            .args(sound)
    }
}

impl Default for Ffmpeg {
    fn default() -> Self {
        Self::new(FFMPEG)
    }
}

impl OtherDecoder for Ffmpeg {
    fn name(&self) -> &str {
        FFMPEG
    }

    fn open(
        &self,
        input: ForeignInput,
        format: ForeignFormat,
    ) -> Result<Box<dyn Read + Send + Sync>, OtherDecoderError> {
        let (input, spool) = if self.writes_files {
            seekable(input, format)?
        } else {
            (input, None)
        };
        let command = self.command(format, &input);
        let stop = Stop::new();
        let stream = match input {
            ForeignInput::File(_) => command.stream(&stop),
            ForeignInput::Stream(bytes) => command.stream_from(bytes, &stop),
        };
        let stream = stream.map_err(|error| match error {
            ChildError::NotFound { program } => {
                format!("there is no program {program} on the PATH: install it, as by `apt install ffmpeg`")
                    .into()
            }
            other => OtherDecoderError::from(other),
        })?;
        Ok(Box::new(Watched::new(stream, stop, self.patience, spool)))
    }
}

/// A stream of a format that has to go back and forth, as a file that lives as long as the path.
fn seekable(
    input: ForeignInput,
    format: ForeignFormat,
) -> Result<(ForeignInput, Option<TempPath>), OtherDecoderError> {
    let bytes = match input {
        ForeignInput::Stream(bytes) if format == ForeignFormat::Mp4 => bytes,
        other => return Ok((other, None)),
    };
    let mut spool = NamedTempFile::with_prefix("woofer-")?;
    let copied = io::copy(&mut bytes.take(MAX_SPOOL + 1), &mut spool)?;
    if copied > MAX_SPOOL {
        return Err(format!(
            "from a stream at most {} MiB of MP4 are kept; give it as a file",
            MAX_SPOOL >> 20
        )
        .into());
    }
    let path = spool.into_temp_path();
    Ok((ForeignInput::File(path.to_path_buf()), Some(path)))
}

/// What ffmpeg calls the demuxer of a format.
///
/// Source: `ffmpeg -demuxers`, ffmpeg 5.1 to 8.0.
const fn demuxer(format: ForeignFormat) -> &'static str {
    match format {
        ForeignFormat::Matroska => "matroska",
        ForeignFormat::Ogg => "ogg",
        ForeignFormat::Mp4 => "mov",
        ForeignFormat::Adts => "aac",
        ForeignFormat::MpegAudio => "mp3",
        ForeignFormat::Wav => "wav",
        ForeignFormat::Aiff => "aiff",
        ForeignFormat::Caf => "caf",
        ForeignFormat::Wave64 => "w64",
        ForeignFormat::Au => "au",
        ForeignFormat::Asf => "asf",
        ForeignFormat::Avi => "avi",
        ForeignFormat::Flv => "flv",
        ForeignFormat::MpegProgram => "mpeg",
        ForeignFormat::MpegTransport => "mpegts",
        ForeignFormat::WavPack => "wv",
        ForeignFormat::MonkeysAudio => "ape",
        ForeignFormat::TrueAudio => "tta",
        ForeignFormat::Musepack7 => "mpc",
        ForeignFormat::Musepack8 => "mpc8",
        ForeignFormat::Amr => "amr",
        // A format that the core learns before this list does: ffmpeg then says that it has no such demuxer.
        _ => "unknown",
    }
}
