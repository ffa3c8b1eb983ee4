use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Standard output, a device or pipe, or a file that is in its place only once it is complete.
pub enum Sink {
    Stdout(BufWriter<Stdout>),
    /// A device or a pipe, which is written to and never replaced.
    Special(BufWriter<File>),
    File {
        writer: BufWriter<File>,
        staging: PathBuf,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens standard output, or a file beside `path` that [`Sink::finish`] renames.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        };
        let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if is_special {
            let file = File::options().write(true).open(path);
            let file = file.with_context(|| format!("{}: cannot be written", path.display()))?;
            return Ok(Self::Special(BufWriter::new(file)));
        }
        let name = path
            .file_name()
            .with_context(|| format!("{}: is not a file name", path.display()))?;
        let staging = path.with_file_name(format!(".{}.part-{}", name.to_string_lossy(), std::process::id()));
        let file =
            File::create(&staging).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Self::File {
            writer: BufWriter::new(file),
            staging,
            path: path.to_owned(),
        })
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
