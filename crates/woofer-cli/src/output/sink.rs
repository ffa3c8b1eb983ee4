use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::place::Place;

/// Standard output, a device or pipe, or a file that is in its place only once it is complete.
pub enum Sink {
    Stdout(BufWriter<Stdout>),
    /// A device, a pipe or a file that is open already, which is written on and never replaced.
    Special(BufWriter<File>),
    File {
        writer: BufWriter<File>,
        staging: PathBuf,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens standard output, or a file beside `path`, links followed, that [`Sink::finish`] renames.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        };
        let unwritable = || format!("{}: cannot be written", path.display());
        let place = match Place::of(path) {
            Place::Output => return Self::open(None),
            Place::Error => return Self::error().with_context(unwritable),
            Place::Open(path) => {
                let file = File::options().append(true).open(path);
                return Ok(Self::Special(BufWriter::new(file.with_context(unwritable)?)));
            }
            Place::File(place) => place,
        };
        let name = place
            .file_name()
            .with_context(|| format!("{}: is not a file name", path.display()))?;
        let staging =
            place.with_file_name(format!(".{}.part-{}", name.to_string_lossy(), std::process::id()));
        let file = File::create(&staging).with_context(unwritable)?;
        Ok(Self::File {
            writer: BufWriter::new(file),
            staging,
            path: place,
        })
    }

    /// Standard error, gone on with where it stands.
    #[cfg(unix)]
    fn error() -> io::Result<Self> {
        use std::os::fd::AsFd;

        let file = io::stderr().as_fd().try_clone_to_owned()?;
        Ok(Self::Special(BufWriter::new(File::from(file))))
    }

    #[cfg(not(unix))]
    fn error() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Ends the output.
    pub fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let Self::File { staging, path, .. } = &self {
            fs::rename(staging, path).with_context(|| format!("{}: cannot be written", path.display()))?;
        }
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(writer) => writer.write(bytes),
            Self::Special(writer) | Self::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(writer) => writer.flush(),
            Self::Special(writer) | Self::File { writer, .. } => writer.flush(),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Self::File { staging, .. } = self {
            // After `finish` it is not there any more; before, it is half a result.
            let _ = fs::remove_file(staging);
        }
    }
}
