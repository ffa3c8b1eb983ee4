//! Which files of a cache's folder are the cache's: `ab/ab…64 digits….rows`, and beside them files being written.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::key::CacheKey;

/// Digits of the key that name the sub-folder.
const PREFIX_DIGITS: usize = 2;
const VALUE_ENDING: &str = "rows";
const PARTIAL_ENDING: &str = "partial";

/// The sub-folder of a value.
pub(super) fn sub_folder(dir: &Path, key: &CacheKey) -> PathBuf {
    dir.join(key.to_string().get(..PREFIX_DIGITS).unwrap_or_default())
}

/// The file of a value.
pub(super) fn value_path(dir: &Path, key: &CacheKey) -> PathBuf {
    sub_folder(dir, key).join(format!("{key}.{VALUE_ENDING}"))
}

/// A file beside the value's own in which it is written; `number` tells writers apart.
pub(super) fn partial_path(dir: &Path, key: &CacheKey, number: u64) -> PathBuf {
    sub_folder(dir, key).join(format!("{key}-{number:016x}.{PARTIAL_ENDING}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Value,
    Partial,
}

/// A file of the cache.
pub(super) struct CacheFile {
    pub kind: FileKind,
    pub path: PathBuf,
    pub bytes: u64,
    /// When it was written, or used for the last time.
    pub modified: SystemTime,
}

/// All files of the cache, in no order; others in the folder are passed over, and so is what goes away meanwhile.
pub(super) fn files(dir: &Path) -> io::Result<Vec<CacheFile>> {
    let mut files = Vec::new();
    for sub_folder in fs::read_dir(dir)? {
        let sub_folder = sub_folder?;
        let name = sub_folder.file_name();
        if !is_hex(&name, PREFIX_DIGITS) || !sub_folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(sub_folder.path())? {
            let file = file?;
            let Some(kind) = kind(&file.path(), &name) else {
                continue;
            };
            match file.metadata() {
                Ok(metadata) if metadata.is_file() => files.push(CacheFile {
                    kind,
                    path: file.path(),
                    bytes: metadata.len(),
                    modified: metadata.modified()?,
                }),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(files)
}

fn kind(path: &Path, sub_folder: &OsStr) -> Option<FileKind> {
    let stem = path.file_stem()?.to_str()?;
    if !stem.starts_with(sub_folder.to_str()?) {
        return None;
    }
    match path.extension()?.to_str()? {
        VALUE_ENDING if is_hex(OsStr::new(stem), 64) => Some(FileKind::Value),
        PARTIAL_ENDING => {
            let (key, number) = stem.split_once('-')?;
            (is_hex(OsStr::new(key), 64) && is_hex(OsStr::new(number), 16)).then_some(FileKind::Partial)
        }
        _ => None,
    }
}

fn is_hex(name: &OsStr, digits: usize) -> bool {
    let name = name.as_encoded_bytes();
    name.len() == digits && name.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::feature_cache::ContentHash;
    use crate::pipeline::Stretch;

    #[test]
    fn a_file_is_known_by_its_place_and_name() {
        let key = CacheKey::new(&ContentHash::of_bytes(b"a"), Stretch::default(), "s");
        let digits = key.to_string();
        let folder = OsStr::new(&digits[..2]);
        let dir = Path::new("cache");
        assert_eq!(sub_folder(dir, &key), dir.join(folder));
        assert_eq!(kind(&value_path(dir, &key), folder), Some(FileKind::Value));
        assert_eq!(kind(&partial_path(dir, &key, 7), folder), Some(FileKind::Partial));
        assert_eq!(kind(&value_path(dir, &key), OsStr::new("zz")), None);
        for other in [
            "notes.rows",
            "a.partial",
            "README.md",
            "",
            "ab-cd.partial",
            &digits,
        ] {
            assert_eq!(kind(&dir.join(folder).join(other), folder), None, "{other}");
        }
    }
}
