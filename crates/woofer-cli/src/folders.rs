use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context;

/// The last part of a path, for people.
pub fn last_part(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The folder for settings of Woofer: `~/.config/woofer`, or where the system has them.
pub fn settings() -> Option<PathBuf> {
    of_user("XDG_CONFIG_HOME", ".config", "APPDATA")
}

/// The folder for what can be fetched again: `~/.cache/woofer`, or where the system has such things.
pub fn cache() -> Option<PathBuf> {
    of_user("XDG_CACHE_HOME", ".cache", "LOCALAPPDATA")
}

/// Sources: XDG Base Directory Specification 0.8; on Windows the folder of the variable named last.
fn of_user(xdg: &str, in_home: &str, on_windows: &str) -> Option<PathBuf> {
    let named = |variable: &str| {
        env::var_os(variable)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let folder = if cfg!(windows) {
        named(on_windows)
    } else {
        named(xdg).or_else(|| named("HOME").map(|home| home.join(in_home)))
    };
    folder.map(|folder| folder.join("woofer"))
}

/// What lies in a folder, sorted; names that begin with a dot are passed over: archives made on a Mac hold such.
pub fn visible_entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("{}: the folder cannot be read", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}
