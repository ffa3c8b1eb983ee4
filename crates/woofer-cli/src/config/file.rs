use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::folders;

/// The file's name.
pub const NAME: &str = "woofer.toml";

/// The variable that names a file.
pub const VARIABLE: &str = "WOOFER_CONFIG";

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Which file is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
}

impl Place {
    /// The file in use: the one that is named on the command line or by a variable, else the first that is there.
    pub fn find(on_command_line: Option<PathBuf>) -> Option<Self> {
        let variable = env::var_os(VARIABLE).filter(|path| !path.is_empty());
        if let Some(path) = on_command_line.or(variable.map(PathBuf::from)) {
            return Some(Self { path });
        }
        Self::usual()
            .into_iter()
            .find(|path| path.is_file())
            .map(|path| Self { path })
    }

    /// Where it is looked for, in this order.
    pub fn usual() -> Vec<PathBuf> {
        let of_user = folders::settings().map(|folder| folder.join(NAME));
        std::iter::once(PathBuf::from(NAME)).chain(of_user).collect()
    }
}

/// The text of a file.
pub fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(text)
}

/// The file that the command line names.
pub fn named() -> Option<PathBuf> {
    named_in(&env::args_os().collect::<Vec<_>>())
}

/// The file that the command line names, found before it is parsed: what it may hold depends on the file.
pub fn named_in(arguments: &[std::ffi::OsString]) -> Option<PathBuf> {
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            return None;
        }
        if argument == "--config" {
            return arguments.next().map(PathBuf::from);
        }
        if let Some(path) = argument.to_str().and_then(|text| text.strip_prefix("--config=")) {
            return Some(PathBuf::from(path));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_found_in_the_arguments() {
        let named = |line: &str| {
            let words: Vec<_> = line.split(' ').map(Into::into).collect();
            named_in(&words).map(|path| path.display().to_string())
        };
        assert_eq!(
            named("woofer --config a.toml classify x"),
            Some("a.toml".to_owned())
        );
        assert_eq!(
            named("woofer classify --config=b.toml x"),
            Some("b.toml".to_owned())
        );
        assert_eq!(named("woofer classify -- --config c.toml"), None);
        assert_eq!(named("woofer classify x"), None);
    }
}
