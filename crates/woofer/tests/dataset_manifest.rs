//! Lists of labelled recordings in their three forms, whole and broken.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use woofer::dataset::{DatasetError, GroupBy, Manifest, Row};
use woofer::taxonomy::Taxonomy;

fn tomofun() -> Taxonomy {
    Taxonomy::open("tomofun").unwrap()
}

/// A folder with these files; those that are not CSV hold nothing that matters.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn open(dir: &Path, list: &str) -> Result<Manifest, DatasetError> {
    Manifest::open(&dir.join(list), &tomofun())
}

/// Path, class, fine label and recording of each row.
fn rows(manifest: &Manifest, dir: &Path) -> Vec<(String, usize, usize, String)> {
    let row = |row: &Row| {
        let path = row.path.strip_prefix(dir).unwrap().display().to_string();
        (path, row.class, row.fine, row.recording.clone())
    };
    manifest.rows.iter().map(row).collect()
}

fn expected(rows: &[(&str, usize, usize, &str)]) -> Vec<(String, usize, usize, String)> {
    let row = |(path, class, fine, recording): &(&str, usize, usize, &str)| {
        ((*path).to_owned(), *class, *fine, (*recording).to_owned())
    };
    rows.iter().map(row).collect()
}

#[test]
fn a_tomofun_list_pairs_clips_by_name() {
    let list = "Filename,Label,Remark\n_-x_1,0,Barking\nb.wav,5,Cat\na,5,Other\n";
    for place in ["", "train/", "raw/", "audio/"] {
        let clip = |name: &str| format!("{place}{name}");
        let names = [clip("a.wav"), clip("b.wav"), clip("_-x_1.wav"), clip("c.wav")];
        let mut files = vec![("meta_train.csv", list)];
        files.extend(names.iter().map(|name| (name.as_str(), "")));
        let dir = folder(&files);
        let wanted = expected(&[
            (&names[2], 0, 0, "_-x_1"),
            (&names[1], 5, 6, "b.wav"),
            (&names[0], 5, 9, "a"),
        ]);
        assert_eq!(
            rows(&open(dir.path(), "meta_train.csv").unwrap(), dir.path()),
            wanted
        );
        // The folder of the list does as well.
        assert_eq!(rows(&open(dir.path(), "").unwrap(), dir.path()), wanted);
    }
}

#[test]
fn clips_may_lie_in_a_folder_elsewhere() {
    let dir = folder(&[
        ("lists/meta_train.csv", "filename,label\na,0\n"),
        ("lists/general.csv", "path,label\na.wav,0\n"),
        ("wav/a.wav", ""),
    ]);
    for list in ["lists/meta_train.csv", "lists/general.csv"] {
        let list = dir.path().join(list);
        assert!(Manifest::open(&list, &tomofun()).is_err());
        let manifest = Manifest::open_with_clips(&list, &dir.path().join("wav"), &tomofun()).unwrap();
        assert_eq!(manifest.rows[0].path, dir.path().join("wav/a.wav"));
    }
}

#[test]
fn a_general_list_has_its_columns_in_any_order() {
    let dir = folder(&[
        (
            "m.csv",
            "\u{feff}fold,offset_s,label,weak,path,fine,source,recording,onset_s\r\n\
             1,2.5,Other,1,./x/a.wav,5Cat,home,r1,0.5\r\n2,,9,0,x/a.wav,,,,4\r\n3,,0,,b b.wav,Barking,,r2,\r\n",
        ),
        ("x/a.wav", ""),
        ("b b.wav", ""),
    ]);
    let manifest = open(dir.path(), "m.csv").unwrap();
    assert_eq!(
        rows(&manifest, dir.path()),
        expected(&[
            ("x/a.wav", 5, 6, "r1"),
            ("x/a.wav", 9, 14, "x/a.wav"),
            ("b b.wav", 0, 0, "r2")
        ])
    );
    let [a, b, c] = &manifest.rows[..] else {
        panic!("three rows")
    };
    assert_eq!(
        (a.onset_s, a.offset_s, a.weak, a.line),
        (Some(0.5), Some(2.5), true, 2)
    );
    assert_eq!(
        (b.onset_s, b.offset_s, b.weak, b.line),
        (Some(4.0), None, false, 3)
    );
    assert_eq!((c.onset_s, c.offset_s, c.weak, c.line), (None, None, false, 4));
    assert_eq!(
        (a.group(GroupBy::Source), b.group(GroupBy::Source)),
        ("home", "x/a.wav")
    );
    assert_eq!(a.columns, BTreeMap::from([("fold".to_owned(), "1".to_owned())]));
    assert_eq!(manifest.columns().collect::<Vec<_>>(), ["fold"]);
    assert_eq!(
        (manifest.files(), manifest.place(0)),
        (2, "line 2, x/a.wav".to_owned())
    );
}

#[test]
fn a_folder_a_class_is_read_in_order() {
    let dir = folder(&[
        ("Other/z.wav", ""),
        ("Other/deep/er/_a.FLAC", ""),
        ("Other/notes.txt", ""),
        ("5Cat/k.ogg", ""),
        ("0/b.mp3", ""),
        (".git/x.wav", ""),
        ("manifest.csv", "nothing of use"),
    ]);
    let taxonomy = tomofun();
    let reading = Manifest::read(dir.path(), None, &taxonomy).unwrap();
    assert_eq!((reading.not_audio, reading.faults.count()), (1, 0));
    assert_eq!(
        rows(&reading.manifest, dir.path()),
        expected(&[
            ("0/b.mp3", 0, 0, "0/b.mp3"),
            ("5Cat/k.ogg", 5, 6, "5Cat/k.ogg"),
            ("Other/deep/er/_a.FLAC", 5, 9, "Other/deep/er/_a.FLAC"),
            ("Other/z.wav", 5, 9, "Other/z.wav"),
        ])
    );
    let clips = Manifest::open_with_clips(dir.path(), dir.path(), &taxonomy);
    assert!(matches!(clips, Err(DatasetError::ClipsWithFolder { .. })));
}

#[test]
fn a_folder_that_names_no_class_is_an_error_beside_one_that_does() {
    let dir = folder(&[("Barking/a.wav", ""), ("Brking/b.wav", "")]);
    let error = open(dir.path(), "").unwrap_err().to_string();
    assert!(
        error.contains("Brking") && error.contains("0 to 9, or Barking"),
        "{error}"
    );
}

#[test]
fn each_bad_row_is_named_with_its_line_and_value() {
    for (row, parts) in [
        ("a.wav,10,,,,", ["line 3, a.wav", "\"10\" is no class"]),
        ("a.wav,Meow,,,,", ["\"Meow\"", "0 to 9, or Barking"]),
        ("a.wav,,,,,", ["line 3", "label is empty"]),
        (",0,,,,", ["line 3", "path is empty"]),
        ("a.wav,5,Tiger,,,", ["\"Tiger\"", "Blender, Cat"]),
        ("a.wav,0,Cat,,,", ["\"Cat\"", "of class Other"]),
        ("a.wav,0,,maybe,,", ["weak is \"maybe\"", "0 or 1"]),
        ("a.wav,0,,,x,", ["onset_s is \"x\"", "seconds"]),
        ("a.wav,0,,,-1,", ["onset_s is \"-1\"", "from 0 on"]),
        ("a.wav,0,,,nan,", ["onset_s is \"nan\"", "seconds"]),
        ("a.wav,0,,,,inf", ["offset_s is \"inf\"", "seconds"]),
        ("a.wav,0,,,2,1", ["offset_s 1", "not after onset_s 2"]),
        ("a.wav,0,,,,0", ["offset_s 0", "not after"]),
        ("a.wav,0", ["2 values", "6 columns"]),
        ("a.wav,0,,,,,,", ["8 values", "6 columns"]),
        ("b.wav,0,,,,", ["line 3", "there is no file"]),
        ("x,0,,,,", ["there is no file", "/x"]),
        ("a.wav,1,,,0.5,", ["is Howling here", "Barking on line 2"]),
    ] {
        let text = format!("path,label,fine,weak,onset_s,offset_s\na.wav,0,,,0.5,\n{row}\n");
        let dir = folder(&[("m.csv", &text), ("a.wav", ""), ("x/y", "")]);
        let error = open(dir.path(), "m.csv").unwrap_err().to_string();
        assert!(error.contains("m.csv: 1 of 2 rows"), "{row}: {error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{row}: {error}");
        let reading = Manifest::read(&dir.path().join("m.csv"), None, &tomofun()).unwrap();
        assert_eq!((reading.manifest.rows.len(), reading.faults.count()), (1, 1));
    }
}

#[test]
fn what_is_not_text_is_named_and_stops_nothing_else() {
    let dir = folder(&[("a.wav", "")]);
    fs::write(
        dir.path().join("m.csv"),
        b"path,label,note\na.wav,0,ok\na.wav,0,\xff\xfe\n",
    )
    .unwrap();
    let error = open(dir.path(), "m.csv").unwrap_err().to_string();
    assert!(
        error.contains("line 3") && error.contains("note") && error.contains("UTF-8"),
        "{error}"
    );
}

#[test]
fn many_bad_rows_are_listed_by_what_is_wrong() {
    let rows: Vec<String> = (0..20_000).map(|i| format!("{i}.wav,nope{}\n", i % 3)).collect();
    let text = format!("path,label\n{}", rows.concat());
    let dir = folder(&[("m.csv", &text)]);
    let error = open(dir.path(), "m.csv").unwrap_err().to_string();
    assert!(error.contains("20000 of 20000 rows"), "{error}");
    assert_eq!(error.matches("is no class").count(), 3, "{error}");
    assert_eq!(error.matches("Music_Instrument").count(), 1, "{error}");
}

#[test]
fn a_list_that_is_none_is_refused() {
    for (text, part) in [
        ("", "is empty"),
        ("path,label\n", "no rows"),
        (
            "file,label\na,0\n",
            "no column path (or Filename); the header is \"file, label\"",
        ),
        ("path,class\na,0\n", "no column label"),
        ("path;label\na;0\n", "separated by commas"),
        ("path,label,path\na,0,b\n", "stands twice"),
    ] {
        let dir = folder(&[("m.csv", text)]);
        let error = open(dir.path(), "m.csv").unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("m.csv"), "{error}");
    }
    for (files, part) in [
        (&[][..], "neither sub-folders"),
        (&[("Bird/readme.txt", "")][..], "no audio files"),
    ] {
        let dir = folder(files);
        let error = open(dir.path(), "").unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let dir = folder(&[]);
    assert!(matches!(
        open(dir.path(), "none.csv"),
        Err(DatasetError::NotFound { .. })
    ));
    let device = Manifest::open(Path::new("/dev/null"), &tomofun());
    assert!(matches!(device, Err(DatasetError::NotAList { .. })));
}

/// Text for a field, without blanks around it and line ends in it: those are not kept.
fn field() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 ,;\"'#äß_.-]{0,12}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_written_list_reads_the_same(
        drawn in prop::collection::vec(
            (field(), 0usize..15, field(), field(), any::<bool>(), prop::option::of(0u32..100_000), field()),
            1..12,
        )
    ) {
        let dir = tempfile::tempdir().unwrap();
        let taxonomy = tomofun();
        let fine_labels = taxonomy.fine_labels();
        let rows = drawn.into_iter().enumerate().map(|(i, (name, fine, recording, source, weak, onset, fold))| {
            let name = format!("{i}{name}.wav");
            fs::write(dir.path().join(&name), "").unwrap();
            let onset_s = onset.map(|onset| f64::from(onset) / 7.0);
            Row {
                path: dir.path().join(&name),
                class: fine_labels[fine].0,
                fine,
                recording: if recording.is_empty() { name } else { recording },
                source,
                weak,
                onset_s,
                offset_s: onset_s.map(|onset| onset + 1.0 / 3.0),
                columns: BTreeMap::from([("fold, maybe".to_owned(), fold)]),
                line: 2 + i as u64,
            }
        });
        let path = dir.path().join("m.csv");
        let manifest = Manifest { rows: rows.collect(), path: path.clone() };
        manifest.write_csv(&taxonomy, dir.path(), fs::File::create(&path).unwrap()).unwrap();
        prop_assert_eq!(Manifest::open(&path, &taxonomy).unwrap(), manifest);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), header in 0usize..4) {
        let header: &[u8] = [&b""[..], b"path,label\n", b"Filename,Label,Remark\n", b"path,label,onset_s,offset_s\n"][header];
        let dir = tempfile::tempdir().unwrap();
        let path: PathBuf = dir.path().join("m.csv");
        fs::write(&path, [header, &bytes].concat()).unwrap();
        let _ = Manifest::read(&path, None, &tomofun()).map(woofer::dataset::Reading::into_manifest);
    }
}

#[test]
fn files_that_are_not_there_can_be_done_without_but_nothing_else_that_is_wrong() {
    let dir = folder(&[
        ("a.wav", ""),
        ("list.csv", "path,label\na.wav,0\nb.wav,0\nc.wav,5\n"),
        ("bad.csv", "path,label\na.wav,0\nb.wav,0\na.wav,wolf\n"),
        ("nothing.csv", "path,label\nb.wav,0\nc.wav,5\n"),
    ]);
    let read = |list: &str| Manifest::read(&dir.path().join(list), None, &tomofun()).unwrap();
    let (manifest, missing) = read("list.csv").into_manifest_and_missing().unwrap();
    assert_eq!((manifest.rows.len(), missing.count()), (1, 2));
    let lines: Vec<u64> = missing.kept().iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 4]);
    for (list, part) in [("bad.csv", "wolf"), ("nothing.csv", "2 of 2 rows")] {
        let error = read(list).into_manifest_and_missing().unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn of_what_is_no_text_little_is_quoted_and_it_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let sound: Vec<u8> = (0..17_000u32)
        .map(|i| (i * 37 % 251) as u8)
        .filter(|byte| *byte != b'\n')
        .collect();
    fs::write(dir.path().join("night.flac"), sound).unwrap();
    let wide = (0..3_000)
        .map(|i| format!("column {i}"))
        .collect::<Vec<_>>()
        .join(",");
    fs::write(dir.path().join("wide.csv"), format!("{wide}\n")).unwrap();
    let twice = "same".repeat(5_000);
    fs::write(dir.path().join("twice.csv"), format!("{twice},{twice}\n")).unwrap();
    for (list, part) in [
        ("night.flac", "is no text"),
        ("wide.csv", "the header is \"column 0, column 1, "),
        ("twice.csv", "stands twice"),
    ] {
        let error = open(dir.path(), list).unwrap_err().to_string();
        let said = error.replace(&dir.path().display().to_string(), "");
        assert!(said.contains(part) && said.chars().count() < 250, "{said}");
    }
}
