use std::collections::HashMap;
use std::path::{Path, PathBuf};

use woofer::dataset::feature_cache::ContentHash;
use woofer::dataset::{Folds, Manifest, Row};

use super::clips::Retest;

/// The folds that test the file or the recording of each row of another list, of `manifest` or of a list to retest. It does not join their
/// training, or they would be tested on what they were trained on.
///
/// Recordings are the same where both lists name them so. A row whose list names none has its own path in that list for a name, which
/// may be that of quite another recording of another list: there the bytes of both files have to be the same.
#[must_use]
pub fn folds_that_test(
    manifest: &Manifest,
    folds: &Folds,
    retests: &[Retest],
    extra: &[Row],
) -> Vec<Vec<usize>> {
    if extra.is_empty() {
        return Vec::new();
    }
    let mut by_file: HashMap<PathBuf, Vec<usize>> = HashMap::new();
    let mut by_recording: HashMap<&str, Vec<(&Row, usize)>> = HashMap::new();
    let listed = manifest.rows.iter().zip(&folds.of_row);
    let retested = retests.iter();
    let retested = retested.flat_map(|retest| retest.manifest.rows.iter().zip(&retest.fold_of_row));
    for (row, &fold) in listed.chain(retested) {
        by_file.entry(file(&row.path)).or_default().push(fold);
        by_recording.entry(&row.recording).or_default().push((row, fold));
    }
    let of_row = |row: &Row| {
        let of_file = by_file.get(&file(&row.path)).into_iter().flatten().copied();
        let of_recording = by_recording.get(row.recording.as_str()).into_iter().flatten();
        let of_recording = of_recording
            .filter(|(tested, _)| {
                !(is_named_by_path(tested) && is_named_by_path(row)) || is_copy(tested, row)
            })
            .map(|(_, fold)| *fold);
        let mut found: Vec<usize> = of_file.chain(of_recording).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    extra.iter().map(of_row).collect()
}

/// A file, whichever way its path is written.
fn file(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Whether a row's recording is called as its file is, with or without the name's ending, as it is where a list does not tell.
fn is_named_by_path(row: &Row) -> bool {
    row.path.ends_with(&row.recording) || row.path.with_extension("").ends_with(&row.recording)
}

/// Whether two files hold the same bytes; not where one cannot be read, which nobody is trained on.
fn is_copy(a: &Row, b: &Row) -> bool {
    let content = |row: &Row| ContentHash::of_file(&row.path).ok();
    content(a).is_some_and(|of_a| content(b) == Some(of_a))
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
