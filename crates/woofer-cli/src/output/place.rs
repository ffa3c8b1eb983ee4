use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// Links that are followed before a circle is assumed, as Linux does.
const MOST_LINKS: usize = 40;

/// Where a file is to be written.
pub(super) enum Place {
    /// Standard output under a name of its own, such as `/dev/stdout`: it is gone on with where it stands.
    Output,
    /// Standard error likewise.
    Error,
    /// What is open already under this name, or a device or a pipe: it is written on and never replaced.
    Open(PathBuf),
    /// A file that is there or is to be made; links are followed.
    File(PathBuf),
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        let mut place = path.to_owned();
        for _ in 0..MOST_LINKS {
            match open_files(&place) {
                Some(OpenFiles::Own) if place.file_name().is_some_and(|name| name == "1") => {
                    return Self::Output;
                }
                Some(OpenFiles::Own) if place.file_name().is_some_and(|name| name == "2") => {
                    return Self::Error;
                }
                Some(_) => return Self::Open(path.to_owned()),
                None => {}
            }
            let Ok(target) = fs::read_link(&place) else {
                break;
            };
            place = place.parent().unwrap_or(Path::new("")).join(target);
        }
        if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return Self::Open(path.to_owned());
        }
        Self::File(place)
    }
}

/// Whose open files a folder names by their numbers.
enum OpenFiles {
    Own,
    Others,
}

/// Whether a path is the name of a file that a process has open, and which: a link in `/proc/PID/fd`, or an entry of `/dev/fd`.
fn open_files(path: &Path) -> Option<OpenFiles> {
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok())?;
    let own = Path::new("/proc").join(std::process::id().to_string()).join("fd");
    if folder == own || folder == Path::new("/dev/fd") {
        return Some(OpenFiles::Own);
    }
    (folder.starts_with("/proc") && folder.ends_with("fd")).then_some(OpenFiles::Others)
}

/// What tells whether a file is the one that an output would replace.
pub fn replaced_by(output: Option<&Path>) -> impl Fn(&Path) -> bool {
    let place = match output.map(Place::of) {
        // An output that is not there yet replaces nothing.
        Some(Place::File(place)) => fs::canonicalize(place).ok(),
        _ => None,
    };
    move |input| {
        let read = if input.as_os_str() == "-" {
            Path::new("/dev/stdin")
        } else {
            input
        };
        place.is_some() && fs::canonicalize(read).ok() == place
    }
}

/// Refuses an output that would replace one of the files that it is made of.
pub fn refuse_to_replace<'p>(
    output: Option<&Path>,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> anyhow::Result<()> {
    let is_replaced = replaced_by(output);
    if let (Some(output), Some(input)) = (output, inputs.into_iter().find(|input| is_replaced(input))) {
        bail!(
            "{}: the output would replace the input {}; give another --output",
            output.display(),
            input.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_file(path: &Path, expected: &Path) -> bool {
        matches!(Place::of(path), Place::File(place) if fs::canonicalize(&place).ok() == fs::canonicalize(expected).ok())
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_a_file_that_is_there_or_not() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("there"), "x").unwrap();
        symlink("there", at("link")).unwrap();
        symlink("link", at("link of a link")).unwrap();
        symlink(at("not there"), at("dead")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for name in ["there", "link", "link of a link"] {
            assert!(is_file(&at(name), &at("there")), "{name}");
        }
        assert!(matches!(Place::of(&at("dead")), Place::File(place) if place == at("not there")));
        assert!(matches!(Place::of(&at("new")), Place::File(place) if place == at("new")));
        assert!(matches!(Place::of(&at("circle")), Place::File(_)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_open_is_written_on_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let file = fs::File::create(dir.path().join("log")).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&file);
        assert!(matches!(Place::of(Path::new("/dev/stdout")), Place::Output));
        assert!(matches!(Place::of(Path::new("/proc/self/fd/1")), Place::Output));
        assert!(matches!(Place::of(Path::new("/dev/stderr")), Place::Error));
        for name in [format!("/proc/self/fd/{number}"), format!("/dev/fd/{number}")] {
            assert!(
                matches!(Place::of(Path::new(&name)), Place::Open(place) if place == Path::new(&name)),
                "{name}"
            );
        }
        assert!(matches!(Place::of(Path::new("/dev/null")), Place::Open(_)));
    }

    #[test]
    fn an_output_that_is_an_input_is_refused_by_both_names() {
        let dir = tempfile::tempdir().unwrap();
        let (bark, other) = (dir.path().join("bark.wav"), dir.path().join("other.wav"));
        fs::write(&bark, "x").unwrap();
        fs::write(&other, "x").unwrap();
        let same = dir.path().join(".").join("bark.wav");
        let inputs = [other.as_path(), bark.as_path()];
        let error = refuse_to_replace(Some(&same), inputs).unwrap_err().to_string();
        assert!(error.contains("would replace the input"), "{error}");
        assert!(error.contains(&bark.display().to_string()), "{error}");
        refuse_to_replace(Some(&dir.path().join("new.csv")), inputs).unwrap();
        refuse_to_replace(Some(&other), [bark.as_path(), Path::new("-")]).unwrap();
        refuse_to_replace(None, inputs).unwrap();
    }
}
