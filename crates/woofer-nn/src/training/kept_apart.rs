use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use woofer::dataset::feature_cache::ContentHash;
use woofer::dataset::{Folds, Manifest, Row};

use super::retest::Retest;

/// Clips of another list, which join the training of every fold but of those that test their file or recording: they would be tested on
/// what they were trained on.
pub struct ExtraClips<'a> {
    rows: &'a [Row],
    /// The folds that test each row's file or recording.
    tested_in: Vec<Vec<usize>>,
}

impl<'a> ExtraClips<'a> {
    /// Looks up which folds of `manifest`, or of the lists that are retested, test what the rows of another list hold.
    ///
    /// Recordings are the same where both lists name them so. A row whose list names none has its own path in that list for a name, which
    /// may be that of quite another recording of another list: there the bytes of both files have to be the same.
    #[must_use]
    pub fn new(rows: &'a [Row], manifest: &'a Manifest, folds: &Folds, retests: &'a [Retest]) -> Self {
        Self {
            rows,
            tested_in: folds_that_test(manifest, folds, retests, rows),
        }
    }

    /// All of them.
    #[must_use]
    pub const fn rows(&self) -> &'a [Row] {
        self.rows
    }

    /// Those that do not join the training of some fold.
    pub fn tested(&self) -> impl Iterator<Item = &'a Row> {
        let rows = self.rows.iter().zip(&self.tested_in);
        rows.filter(|(_, folds)| !folds.is_empty()).map(|(row, _)| row)
    }

    /// Whether a fold tests the file or recording of a row.
    pub(super) fn is_tested_in(&self, row: usize, fold: usize) -> bool {
        self.tested_in.get(row).is_some_and(|folds| folds.contains(&fold))
    }
}

/// The folds that test the file or the recording of each row of another list.
fn folds_that_test<'a>(
    manifest: &'a Manifest,
    folds: &Folds,
    retests: &'a [Retest],
    extra: &'a [Row],
) -> Vec<Vec<usize>> {
    if extra.is_empty() {
        return Vec::new();
    }
    let mut by_file: HashMap<PathBuf, BTreeSet<usize>> = HashMap::new();
    let mut by_recording: HashMap<&str, BTreeSet<Tested>> = HashMap::new();
    let listed = manifest.rows.iter().zip(&folds.of_row);
    let retested = retests.iter();
    let retested = retested.flat_map(|retest| retest.manifest.rows.iter().zip(&retest.fold_of_row));
    let mut files = Files::default();
    for (row, &fold) in listed.chain(retested) {
        let file = files.of(&row.path);
        by_file.entry(file.clone()).or_default().insert(fold);
        by_recording.entry(&row.recording).or_default().insert(Tested {
            file,
            is_named_by_path: is_named_by_path(row),
            fold,
        });
    }
    // Rows of one file and recording, of which there may be many, are asked after once.
    let mut known: HashMap<(PathBuf, &str), Vec<usize>> = HashMap::new();
    let mut of_row = |row: &'a Row| {
        let file = files.of(&row.path);
        if let Some(found) = known.get(&(file.clone(), row.recording.as_str())) {
            return found.clone();
        }
        let mut found: BTreeSet<usize> = by_file.get(&file).cloned().unwrap_or_default();
        let is_named = is_named_by_path(row);
        for tested in by_recording.get(row.recording.as_str()).into_iter().flatten() {
            if !(is_named && tested.is_named_by_path) || files.are_copies(&tested.file, &file) {
                found.insert(tested.fold);
            }
        }
        let found: Vec<usize> = found.into_iter().collect();
        known.insert((file, &row.recording), found.clone());
        found
    };
    extra.iter().map(&mut of_row).collect()
}

/// A tested file of a recording.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Tested {
    file: PathBuf,
    is_named_by_path: bool,
    fold: usize,
}

/// Files, whichever way their paths are written, and the hash of what they hold; each is looked at once.
#[derive(Default)]
struct Files {
    of_path: HashMap<PathBuf, PathBuf>,
    content: HashMap<PathBuf, Option<ContentHash>>,
}

impl Files {
    fn of(&mut self, path: &Path) -> PathBuf {
        let real = || path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.of_path.entry(path.to_owned()).or_insert_with(real).clone()
    }

    /// Whether two files hold the same bytes; not where one cannot be read, which nobody is trained on.
    fn are_copies(&mut self, a: &Path, b: &Path) -> bool {
        let length = |path: &Path| path.metadata().map(|found| found.len()).ok();
        if a == b || length(a).is_none() || length(a) != length(b) {
            return a == b;
        }
        let mut content = |path: &Path| {
            let hash = || ContentHash::of_file(path).ok();
            *self.content.entry(path.to_owned()).or_insert_with(hash)
        };
        content(a).is_some_and(|of_a| content(b) == Some(of_a))
    }
}

/// Whether a row's recording is called as its file is, with or without the name's ending, as it is where a list does not tell.
fn is_named_by_path(row: &Row) -> bool {
    row.path.ends_with(&row.recording) || row.path.with_extension("").ends_with(&row.recording)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use woofer::taxonomy::Taxonomy;

    use super::*;

    #[test]
    fn what_is_tested_in_a_fold_is_kept_from_its_training() {
        let dir = tempfile::tempdir().unwrap();
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let list = |folder: &str, header: &str, rows: &[&str]| {
            let folder = dir.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            for row in rows {
                let path = folder.join(row.split(',').next().unwrap());
                if !path.exists() {
                    fs::write(&path, path.display().to_string()).unwrap();
                }
            }
            let text = format!("path,label{header}\n{}\n", rows.join("\n"));
            fs::write(folder.join("list.csv"), text).unwrap();
            Manifest::open(&folder.join("list.csv"), &taxonomy).unwrap()
        };
        let rows = [
            "a.wav,0,",
            "b.wav,0,door",
            "c.wav,0,door",
            "d.wav,0,yard",
            "e.wav,0,",
        ];
        let tested = list("tested", ",recording", &rows);
        let folds = Folds {
            of_row: vec![0, 1, 2, 3, 0],
            count: 4,
            names: Vec::new(),
            description: String::new(),
            optimistic: true,
        };
        let retests = [Retest {
            name: "telephone".to_owned(),
            manifest: list("telephone", ",recording", &["t.wav,0,yard"]),
            fold_of_row: vec![3],
        }];
        let found = |extra: &Manifest| folds_that_test(&tested, &folds, &retests, &extra.rows);
        assert_eq!(
            found(&tested),
            [vec![0], vec![1, 2], vec![1, 2], vec![3], vec![0]]
        );
        // By the file alone, however its path is written; by the recording alone.
        let rows = [
            "../tested/../tested/a.wav,0,attic",
            "f.wav,0,door",
            "g.wav,0,a.wav",
            "h.wav,0,cellar",
        ];
        let others = list("other", ",recording", &rows);
        assert_eq!(found(&others), [vec![0], vec![1, 2], vec![0], vec![]]);
        // Another take of a tested recording is tested too, whatever the other list calls it.
        let takes = list("takes", ",recording", &["../telephone/t.wav,0,garden"]);
        assert_eq!(found(&takes), [vec![3]]);
        // A path in another list is another recording's, but for a copy.
        fs::create_dir(dir.path().join("copies")).unwrap();
        fs::copy(dir.path().join("tested/e.wav"), dir.path().join("copies/e.wav")).unwrap();
        let copies = list("copies", "", &["a.wav,0", "b.wav,0", "e.wav,0"]);
        assert_eq!(found(&copies), [vec![], vec![], vec![0]]);
    }
}
