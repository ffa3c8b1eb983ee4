use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::is_standard_input;
use super::names::Names;

/// Endings that promise audio: such a file in a folder is reported when it cannot be read.
const AUDIO_ENDINGS: [&str; 26] = [
    "aac", "aif", "aifc", "aiff", "amr", "ape", "au", "caf", "flac", "m4a", "mka", "mkv", "mov", "mp2",
    "mp3", "mp4", "mpc", "oga", "ogg", "opus", "tta", "w64", "wav", "wave", "webm", "wma",
];

/// A recording to classify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its path, or `-`.
    pub path: PathBuf,
    /// Whether somebody named it, or its ending promises audio: then it must be readable. Other files
    /// of a folder are skipped when they turn out not to be audio.
    pub promised: bool,
    /// A name for files that are made of it, its own among all inputs.
    pub name: String,
}

/// The recordings that the arguments name, in their order; those of a folder sorted by path.
pub fn find(arguments: &[PathBuf], recursive: bool) -> anyhow::Result<Vec<Input>> {
    if arguments.iter().filter(|path| is_standard_input(path)).count() > 1 {
        bail!("standard input (-) can be given only once");
    }
    let mut inputs = Vec::new();
    let mut names = Names::default();
    for path in arguments {
        if !is_standard_input(path) && path.is_dir() {
            let before = inputs.len();
            add_folder(path, recursive, &mut inputs)?;
            for input in inputs.iter_mut().skip(before) {
                input.name = names.name(input.path.strip_prefix(path).unwrap_or(&input.path));
            }
            if inputs.len() == before {
                let hint = if recursive {
                    ""
                } else {
                    " (--recursive goes into its folders)"
                };
                bail!("{}: the folder holds no files{hint}", path.display());
            }
        } else {
            inputs.push(Input {
                name: names.name(path.file_name().map_or(path, Path::new)),
                path: path.clone(),
                promised: true,
            });
        }
    }
    Ok(inputs)
}

fn add_folder(folder: &Path, recursive: bool, inputs: &mut Vec<Input>) -> anyhow::Result<()> {
    let unreadable = || format!("{}: the folder cannot be read", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push((entry.path(), entry.file_type().with_context(unreadable)?));
        }
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in entries {
        // A link to a folder is not followed: it may lead back up.
        if kind.is_dir() {
            if recursive && add_folder(&path, recursive, inputs).is_err() {
                // It stands for itself: opening it will fail, say why and take no other with it.
                inputs.push(Input {
                    path,
                    promised: true,
                    name: String::new(),
                });
            }
        } else if !path.is_dir() {
            inputs.push(Input {
                promised: has_audio_ending(&path),
                path,
                name: String::new(),
            });
        }
    }
    Ok(())
}

fn has_audio_ending(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|ending| AUDIO_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &[Input], root: &Path) -> Vec<(String, bool)> {
        let name = |i: &Input| i.path.strip_prefix(root).unwrap().display().to_string();
        inputs.iter().map(|i| (name(i), i.promised)).collect()
    }

    #[test]
    fn folders_are_sorted_and_their_folders_taken_only_if_asked() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("b")).unwrap();
        for name in ["z.wav", "a.txt", "_x.FLAC", ".hidden.wav", "b/c.ogg"] {
            fs::write(root.join(name), "x").unwrap();
        }
        let flat = find(&[root.to_owned()], false).unwrap();
        let expected = [("_x.FLAC", true), ("a.txt", false), ("z.wav", true)];
        assert_eq!(names(&flat, root), expected.map(|(n, p)| (n.to_owned(), p)));
        let deep = find(&[root.to_owned()], true).unwrap();
        let expected = [
            ("_x.FLAC", true),
            ("a.txt", false),
            ("b/c.ogg", true),
            ("z.wav", true),
        ];
        assert_eq!(names(&deep, root), expected.map(|(n, p)| (n.to_owned(), p)));
    }

    #[test]
    fn a_link_in_a_circle_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.wav"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
        assert_eq!(find(&[dir.path().to_owned()], true).unwrap().len(), 1);
    }

    #[test]
    fn an_empty_folder_and_a_second_standard_input_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = find(&[dir.path().to_owned()], false).unwrap_err().to_string();
        assert!(error.contains("--recursive"), "{error}");
        assert!(find(&["-".into(), "-".into()], false).is_err());
    }
}
